"""What a night has to say: what changed, what is uncertain or broken, what was left out, what is slow, old or adrift.

All of it is derived from the evidence and its history, but for what a run could not measure or did not reach: that
stands in the run's own report.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Literal

from lawbook.book import Book, CheckState
from lawbook.evidence.drift import NoLibraryError, drifts
from lawbook.evidence.history import HistoryLine
from lawbook.evidence.record import TIME_FORMAT, Record
from lawbook.verification.ages import in_words

Kind = Literal[
    "flips",
    "unconfirmed",
    "changed",
    "broken",
    "uncertain",
    "not_measured",
    "not_reached",
    "slow",
    "old",
    "drifts",
]
TITLES: Mapping[Kind, str] = {
    "flips": "Changed outcomes, confirmed on other seeds",
    "unconfirmed": "Changed outcomes that other seeds did not confirm",
    "changed": "Changed with what is measured, or by an error",
    "broken": "Broken",
    "uncertain": "Uncertain",
    "not_measured": "Not measured: the machine failed, or data are not installed",
    "not_reached": "Not reached within the budget",
    "slow": "Slower than before",
    "old": "Old evidence",
    "drifts": "Drifting",
}
# So much longer than the median of so many runs before is slow; a second is noise.
TIMES_LONGER, SECONDS_LONGER, FEWEST_RUNS = 2.0, 5.0, 3


class RunFileError(Exception):
    """A file is no report of a run; the text says which and why."""


@dataclass(frozen=True)
class Item:
    """One piece of news. check: `claim/check (tier, device)`; of what a run's own report says, `claim/check`."""

    check: str
    said: str


@dataclass
class NightNews:
    """The news of the time since `since`, kind by kind. trouble: what could not be looked for, and why."""

    since: str
    items: dict[Kind, list[Item]] = field(default_factory=lambda: {kind: [] for kind in TITLES})
    trouble: list[str] = field(default_factory=list)


def night_news(
    book: Book, now: datetime, since: timedelta, older_than: timedelta, runs: Sequence[Path] = ()
) -> NightNews:
    """The news of a book; raises RunFileError. runs: reports of `verify`, in JSON, of the runs of that night."""
    news = NightNews(_text(now - since))
    states = {
        _name(record): (state, record)
        for entry in book.states.values()
        for state in entry.checks
        for record in state.records
    }
    _tell_changes(news, book.history)
    _tell_states(news, states, now, older_than)
    _tell_slow(news, states, book.history)
    _tell_drifts(news, states, book.history)
    for path in runs:
        _tell_run(news, path)
    return news


def _tell_changes(news: NightNews, history: Iterable[HistoryLine]) -> None:
    awaiting: dict[tuple[str, int], HistoryLine] = {}
    for line in history:
        name = _line_name(line)
        recent = line.started >= news.since
        if line.awaits and line.confirms is None:
            awaiting[name, line.seed_base] = line
        elif line.confirms is not None:
            first = awaiting.pop((name, line.confirms), None)
            if recent and first is not None:
                confirmed = first.outcome == line.outcome
                said = f"{line.before} → {first.outcome}" + ("" if confirmed else f", on other seeds {line.outcome}")
                news.items["flips" if confirmed else "unconfirmed"].append(Item(name, said))
        elif recent and line.before not in (None, line.outcome):
            news.items["changed"].append(Item(name, f"{line.before} → {line.outcome}"))
    for (name, _), line in awaiting.items():
        if line.started >= news.since:
            said = f"{line.before} → {line.outcome}; the second measurement did not come about"
            news.items["unconfirmed"].append(Item(name, said))


def _tell_states(
    news: NightNews, states: Mapping[str, tuple[CheckState, Record]], now: datetime, older_than: timedelta
) -> None:
    for name, (_, record) in states.items():
        if record.outcome in ("error", "void"):
            news.items["broken"].append(Item(name, f"{record.outcome}: {record.reason}"))
        elif record.outcome == "inconclusive":
            news.items["uncertain"].append(Item(name, record.reason or "inconclusive"))
        age = now - datetime.strptime(record.started, TIME_FORMAT).replace(tzinfo=UTC)
        if age > older_than:
            news.items["old"].append(Item(name, f"measured {in_words(age)} ago"))


def _tell_slow(
    news: NightNews, states: Mapping[str, tuple[CheckState, Record]], history: Iterable[HistoryLine]
) -> None:
    before: dict[str, list[HistoryLine]] = {}
    for line in history:
        if line.seconds and line.outcome != "error":
            before.setdefault(_line_name(line), []).append(line)
    for name, (_, record) in states.items():
        earlier = [line.seconds for line in before.get(name, []) if line.started < record.started]
        if record.started < news.since or len(earlier) < FEWEST_RUNS:
            continue
        usual = median(earlier)
        if record.seconds > TIMES_LONGER * usual and record.seconds > usual + SECONDS_LONGER:
            said = f"{record.seconds:.0f} s, the median of {len(earlier)} runs before is {usual:.0f} s"
            news.items["slow"].append(Item(name, said))


def _tell_drifts(
    news: NightNews, states: Mapping[str, tuple[CheckState, Record]], history: Iterable[HistoryLine]
) -> None:
    series: dict[str, list[HistoryLine]] = {}
    for line in history:
        if (name := _line_name(line)) in states:
            series.setdefault(name, []).append(line)
    devices = {name: states[name][1].device for name in series}
    try:
        found = drifts(series, devices)
    except NoLibraryError as error:
        news.trouble.append(str(error))
        return
    news.items["drifts"] += [Item(name, str(drift)) for name, drift in found.items()]


def _tell_run(news: NightNews, path: Path) -> None:
    try:
        held = json.loads(path.read_bytes())
        told: list[tuple[Kind, str, str]] = [
            ("not_measured", "not_measured", "reason"),
            ("not_reached", "not_reached", "age"),
        ]
        for kind, key, why in told:
            for item in _listed(held, key):
                news.items[kind].append(Item(f"{item['claim']}/{item['check']}", str(item[why])))
    except OSError as error:
        raise RunFileError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise RunFileError(f"{path} is no report of a run; `lawbook verify --report {path}` writes one") from None


def _listed(held: Any, key: str) -> Iterator[Mapping[str, Any]]:
    if held["schema"] != 1:
        raise ValueError
    yield from held[key]


def _name(record: Record) -> str:
    return f"{record.claim}/{record.check} ({record.tier}, {record.device})"


def _line_name(line: HistoryLine) -> str:
    return f"{line.claim}/{line.check} ({line.tier}, {line.device})"


def _text(time: datetime) -> str:
    return time.strftime(TIME_FORMAT)
