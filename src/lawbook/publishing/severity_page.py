"""What the page "How severe is this book" shows: each recorded check as a hostile reader would question it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

from lawbook.book import Book, CheckState, EntryState
from lawbook.verdicts.severity import LOOSE, TIGHT, Severity, severity_of


@dataclass(frozen=True)
class SeverityRow:
    """One check at one tier with its answers."""

    entry: EntryState
    state: CheckState
    asked: Severity


def severity_context(book: Book) -> dict[str, Any]:
    """Every recorded check, most open bad answers first, and the counts over all of them."""
    rows = [
        SeverityRow(entry, state, asked)
        for entry in book.states.values()
        for state in entry.checks
        if (asked := severity_of(state)) is not None
    ]
    rows.sort(
        key=lambda row: (
            -len(row.asked.open),
            -len(row.asked.explained),
            row.entry.entry.id,
            row.state.check.name,
            row.state.tier,
        )
    )
    two_sided = [
        row.asked.width
        for row in rows
        if row.asked.width is not None and row.state.record and None not in row.state.record.accept
    ]
    still_open = Counter(answer.question for row in rows for answer in row.asked.open)
    explained = Counter(answer.question for row in rows for answer in row.asked.explained)
    asked_most = sorted(still_open | explained, key=lambda question: (-still_open[question], -explained[question]))
    return {
        "rows": rows,
        "questions": [(question, still_open[question], explained[question]) for question in asked_most],
        "open": sum(bool(row.asked.open) for row in rows),
        "explained": sum(bool(row.asked.explained) and not row.asked.open for row in rows),
        "median_width": median(two_sided) if two_sided else None,
        "loose": sum(width > LOOSE for width in two_sided),
        "tight": sum(width < TIGHT for width in two_sided),
        "moved": sum(bool(row.state.past.moves) for row in rows),
    }
