"""The history of one entry, by check, tier and device, and what changed in the book, by week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from markupsafe import Markup

from lawbook.book import Book, EntryState
from lawbook.evidence.history import HistoryLine
from lawbook.publishing.changes import Change
from lawbook.publishing.curves_file import curves_place
from lawbook.publishing.escaping import markup
from lawbook.publishing.figures.course import course
from lawbook.publishing.numbers import region

# A year of nights would be a hundred kilobytes of a page; its drawing shows more, and the files of evidence all.
MOST_ROWS = 20


@dataclass(frozen=True)
class HistoryView:
    """What one check gave over time on one kind of device.

    drawing: empty where there was a single run; its numbers lie at curves_path. past: what became of its region, in
    sentences.
    """

    check: str
    tier: str
    device: str
    drawing: Markup
    curves_path: str
    lines: Sequence[HistoryLine]
    past: Sequence[str]

    @property
    def is_single(self) -> bool:
        """Whether there was one run, of which the check's own section tells all."""
        return len(self.lines) == 1

    @property
    def newest(self) -> Sequence[HistoryLine]:
        """The runs that the page tells of, the newest first."""
        return self.lines[: -MOST_ROWS - 1 : -1]


@dataclass(frozen=True)
class RegionMoved:
    """A run that was judged by another region than the one before, whatever the device."""

    line: HistoryLine
    before: str
    after: str


@dataclass
class Week:
    """What changed in the seven days from a Monday on.

    records: how many were made. arrivals: entries that had no status before. changes: of a status, apart from these.
    """

    monday: str
    records: int = 0
    arrivals: list[Change] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    moves: list[RegionMoved] = field(default_factory=list)


def history_views(state: EntryState, lines: Sequence[HistoryLine]) -> list[HistoryView]:
    """The history of each check of an entry, by tier and device; lines: the entry's own, oldest first."""
    views = []
    for check in state.checks:
        of_check = [line for line in lines if (line.check, line.tier) == (check.check.name, check.tier)]
        for device in sorted({line.device for line in of_check}, reverse=True):
            own = [line for line in of_check if line.device == device]
            name = f"Estimates over time, {check.check.name}, {check.tier} tier, {device}"
            drawn = markup(course(own, name) if len(own) > 1 else "")
            past = check.past.lines()
            place = curves_place(own[0]) if drawn else ""
            views.append(HistoryView(check.check.name, check.tier, device, drawn, place, own, past))
    return views


def weeks(book: Book, changes: Sequence[Change]) -> list[Week]:
    """Every week in which something was recorded, the newest first."""
    found: dict[str, Week] = {}

    def week_of(line: HistoryLine) -> Week:
        day = date.fromisoformat(line.started[:10])
        monday = (day - timedelta(days=day.weekday())).isoformat()
        return found.setdefault(monday, Week(monday))

    last: dict[tuple[str, str, str], HistoryLine] = {}
    for line in book.history:
        if line.claim not in book.states:
            continue
        week = week_of(line)
        week.records += 1
        key = (line.claim, line.check, line.tier)
        before = last.get(key)
        if before and before.accept and line.accept and before.accept != line.accept:
            week.moves.append(RegionMoved(line, region(before.accept), region(line.accept)))
        last[key] = line
    for change in changes:
        week = week_of(change.line)
        (week.arrivals if change.before == "unverified" else week.changes).append(change)
    return sorted(found.values(), key=lambda week: week.monday, reverse=True)
