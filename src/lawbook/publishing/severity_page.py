"""What the page "How severe is this book" shows: each recorded check as a hostile reader would question it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

from lawbook.book import Book, CheckState, EntryState
from lawbook.verdicts.severity import LOOSE, TIGHT, Severity, severity


@dataclass(frozen=True)
class SeverityRow:
    """One check at one tier with its answers."""

    entry: EntryState
    state: CheckState
    asked: Severity

    @property
    def complaints(self) -> int:
        """How many answers are bad, a moved region counted as one."""
        return len(self.asked.bad) + bool(self.state.past.moves)


def severity_context(book: Book) -> dict[str, Any]:
    """Every recorded check, most questions answered badly first, and the counts over all of them."""
    rows = [
        SeverityRow(entry, state, severity(state.record, state.check))
        for entry in book.states.values()
        for state in entry.checks
        if state.record is not None
    ]
    rows.sort(key=lambda row: (-row.complaints, row.entry.entry.id, row.state.check.name, row.state.tier))
    two_sided = [
        row.asked.width
        for row in rows
        if row.asked.width is not None and row.state.record and None not in row.state.record.accept
    ]
    questions = Counter(answer.question for row in rows for answer in row.asked.bad)
    return {
        "rows": rows,
        "questions": questions.most_common(),
        "median_width": median(two_sided) if two_sided else None,
        "loose": sum(width > LOOSE for width in two_sided),
        "tight": sum(width < TIGHT for width in two_sided),
        "moved": sum(bool(row.state.past.moves) for row in rows),
    }
