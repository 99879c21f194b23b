"""The history of evidence: one short JSON line for every record ever made, in one file a month.

Files merge by union: lines are whole, self-contained and never rewritten, and reading drops exact repeats. The months
of a past year may stand together in `YYYY.jsonl`, whose first lines name the files that it replaces. Keys are single
letters, outcomes their first ones, so that a line takes less than 400 bytes whatever came out; lines of old, which
spell them out, are read as well.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Container
from pathlib import Path
from typing import Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic_core import from_json

from lawbook.evidence.appending import append_line
from lawbook.evidence.checked import Checked
from lawbook.evidence.letters import DIGITS, LETTERS, NAMES, ShortOutcome, written
from lawbook.evidence.record import DeviceToken, End, Record, Stored, Time
from lawbook.evidence.strict_json import (
    PERHAPS_KEY,
    ConflictError,
    check_json,
    may_hold_large_numbers,
    read_plain_file,
)
from lawbook.evidence.times import latest_believable

HISTORY_FOLDER = "history"
MONTH_FILE, YEAR_FILE = re.compile(r"([0-9]{4})-[0-9]{2}\.jsonl"), re.compile(r"([0-9]{4})\.jsonl")
REPLACED_MARK = b'{"replaces"'
COMMIT_DIGITS = 12


class HistoryLine(Stored):
    """One record in short, of finite numbers to seven digits: enough to pool nights and to tell moved regions.

    before: the outcome of the record that it replaced, None for the first. error: the standard error of the
    estimate, of a mean over `seeds` seeds, those in regime. accept: the region, an open end null; None in lines of
    old, which did not hold it. awaits: the outcome differs from the record's, which stays until a second measurement,
    on the seeds of another base, has confirmed it or not; that one's line says which base it `confirms`. measures: a
    digest of what was measured. law: of the whole definition and the code; runs of one law are repetitions of one
    experiment.
    """

    model_config = ConfigDict(
        allow_inf_nan=False,
        alias_generator=LETTERS,
    )

    started: Time
    claim: str
    check: str
    tier: Literal["quick", "full"]
    device: DeviceToken
    outcome: ShortOutcome
    before: ShortOutcome | None = None
    estimate: End = None
    interval: tuple[End, End] | None = None
    error: End = None
    seeds: int = 0
    seed_base: int = 0
    awaits: bool = False
    confirms: int | None = None
    accept: tuple[End, End] | None = None
    measures: str = ""
    law: str = ""
    commit: str = ""
    seconds: float = 0.0


class Replaced(Stored):
    """A line of a year's file that names a month's file whose lines it holds. sha256: of its content, twelve digits."""

    replaces: str = Field(pattern=MONTH_FILE.pattern)
    sha256: str
    lines: int


def is_replaced_mark(text: bytes) -> bool:
    """Whether a line of a year's file names what it replaces, rather than a record."""
    return text.startswith(REPLACED_MARK)


def history_started(text: bytes) -> str:
    """When the record of a whole line began."""
    held: dict[str, str] = from_json(text)
    return held["t"] if "t" in held else held["started"]


def line_text(line: HistoryLine) -> bytes:
    """The line as its file holds it, without its end."""
    held = line.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return f"{{{','.join(f'{json.dumps(key)}:{written(value)}' for key, value in held.items())}}}".encode()


def history_line(record: Record, replaced: Record | None, *, awaits: bool = False) -> HistoryLine:
    """The line of a record that took the place of another (None: there was none), or awaits its confirmation."""
    return HistoryLine(
        started=record.started,
        claim=record.claim,
        check=record.check,
        tier=record.tier,
        device=record.device,
        outcome=record.outcome,
        before=None if replaced is None else replaced.outcome,
        estimate=_short(record.estimate),
        interval=record.interval and short_ends(record.interval),
        error=_short(record.standard_error),
        seeds=len(record.seeds) if record.in_regime is None else sum(record.in_regime),
        seed_base=record.seed_base,
        awaits=awaits,
        confirms=record.confirms,
        accept=short_ends(record.accept),
        measures=record.measures,
        law=law_fingerprint(record),
        commit=record.environment.commit[:COMMIT_DIGITS],
        seconds=_rounded(round(record.seconds, 1)),
    )


def law_fingerprint(record: Record) -> str:
    """What two records share that are runs of one experiment: all that was measured and accepted, and the code."""
    return hashlib.sha256(f"{record.definition} {record.code}".encode()).hexdigest()[: len(record.definition)]


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _short(value: float | None) -> float | None:
    return None if value is None else _rounded(value)


def short_ends(interval: tuple[End, End]) -> tuple[End, End]:
    """The ends to as many digits as a line of history keeps."""
    return (_short(interval[0]), _short(interval[1]))


def append_history(store: Path, line: HistoryLine) -> int:
    """Add a line to its month's file below `store`, whole or not at all; where the file ended before.

    The caller holds the store's lock.
    """
    path = store / HISTORY_FOLDER / f"{line.started[:7]}.jsonl"
    return append_line(path, line_text(line))


def take_back(store: Path, line: HistoryLine, end: int) -> None:
    """Cut off the line that `append_history` has just added. The caller has held the store's lock since."""
    os.truncate(store / HISTORY_FOLDER / f"{line.started[:7]}.jsonl", end)


Damage = tuple[Path, str, str]


def read_history(store: Path, checked: Checked | None = None) -> tuple[list[HistoryLine], list[Damage]]:
    """Every line below `store`, and (path, what is wrong, how to mend it) for each line that cannot be believed."""
    lines: dict[bytes, HistoryLine] = {}
    damaged: list[Damage] = []
    folder = store / HISTORY_FOLDER
    if os.path.lexists(folder) and not folder.is_dir():
        damaged.append((folder, "is no folder", "move it away, and restore the folder from git"))
    for path in sorted(folder.glob("*.jsonl")):
        found, said = read_history_file(path, lines, checked)
        lines |= found
        damaged += said
    return sorted(lines.values(), key=lambda line: line.started), damaged


def read_history_file(
    path: Path, known: Container[bytes] = (), checked: Checked | None = None
) -> tuple[dict[bytes, HistoryLine], list[Damage]]:
    """The lines of one file by their texts, and what of it cannot be believed.

    known: texts to pass over. checked: what needs no second look.
    """
    try:
        content = read_plain_file(path)
    except OSError as error:
        return {}, [(path, f"cannot be read: {error.strerror}", "restore it from git")]
    digest = checked.digest(content) if checked else ""
    is_sound = checked is not None and checked.holds(digest)
    texts = [
        (number, text)
        for number, text in enumerate(content.splitlines(), start=1)
        if text.strip() and text not in known
    ]
    latest = latest_believable()
    lines = _read_at_once([text for _, text in texts], is_sound=is_sound)
    damaged: list[Damage] = []
    if not lines or max(line.started for line in lines.values()) > latest:
        lines, damaged = _read_one_by_one(path, texts, latest)
    if checked is not None and not damaged:
        checked.add(digest)
    return lines, damaged


def _read_one_by_one(
    path: Path, texts: list[tuple[int, bytes]], latest: str
) -> tuple[dict[bytes, HistoryLine], list[Damage]]:
    lines: dict[bytes, HistoryLine] = {}
    damaged: list[Damage] = []
    for number, text in texts:
        try:
            line = read_line(text)
        except ConflictError:
            said = f"line {number} is a mark of an unfinished merge ({text[:7].decode()})"
            damaged.append((path, said, "remove that line; those around it are whole"))
        except ValueError:
            said = f"line {number} is not a line of history"
            damaged.append((path, said, "restore that line from git, or remove that line"))
        else:
            if line is not None and line.started > latest:
                said = f"line {number} is dated {line.started}, which is still to come"
                damaged.append((path, said, "a clock was wrong; remove that line"))
            elif line is not None:
                lines[text] = line
    return lines, damaged


def _read_at_once(texts: list[bytes], *, is_sound: bool) -> dict[bytes, HistoryLine]:
    """All lines by their texts, many times faster than one by one; empty where any is not as it should be."""
    ours = [text for text in texts if not is_replaced_mark(text)]
    together = b"[" + b",\n".join(ours) + b"]"
    # A line may be valid only together with the next; so each must begin and end an object, and they be as many.
    if not all(text[:1] == b"{" and text[-1:] == b"}" for text in ours):
        return {}
    if not is_sound and may_hold_large_numbers(together):
        return {}
    try:
        found = _LINES.validate_json(together, strict=True)
        for text in filter(is_replaced_mark, texts):
            read_line(text)
    except ValueError:
        return {}
    # A key that stands twice in a line, and one that we do not know, are looked at one by one.
    keys = sum(len(line.model_fields_set) for line in found)
    if len(found) != len(ours) or keys != len(PERHAPS_KEY.findall(together)) or any(line.model_extra for line in found):
        return {}
    return dict(zip(ours, found, strict=True))


def read_line(text: bytes) -> HistoryLine | None:
    """The record that a line tells of, None where it names what a year's file replaces; raises ValueError."""
    check_json(text)
    if is_replaced_mark(text):
        Replaced.model_validate_json(text, strict=True)
        return None
    line = HistoryLine.model_validate_json(text, strict=True)
    if line.model_extra and not NAMES.isdisjoint(line.model_extra):
        raise ValueError("one thing is told under two names")
    return line


_LINES = TypeAdapter(list[HistoryLine])
