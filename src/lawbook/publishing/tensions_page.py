"""What the page of tensions shows: outcomes that do not fit together, and over how many inferences it looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lawbook.book import Book
from lawbook.relations.edges import relations
from lawbook.relations.implications import Implications
from lawbook.relations.tensions import ORDER, Finding

HEADS = {
    "contradiction": ("Contradictions", "Both claims pass, and one says that the other is false."),
    "tension": (
        "Tensions",
        "The first claim passes and implies the second, which fails: one of the two measurements is wrong, or the "
        "implication does not reach as far as it says.",
    ),
    "lost-ground": (
        "Lost ground",
        "The second claim is established and follows from the first, which fails here. It may stand on its own, but "
        "no longer on that.",
    ),
}


def tensions_context(book: Book, inferences: Implications, found: Sequence[Finding]) -> dict[str, Any]:
    """The findings by kind, and what was compared, so that an empty page is no empty praise."""
    groups = [(kind, *HEADS[kind], own) for kind in ORDER if (own := [item for item in found if item.kind == kind])]
    pairs = [(book.states[step.premise].status, book.states[step.conclusion].status) for step in inferences.steps]
    denials = [edge for edge in relations(book) if edge[1] == "contradicts"]
    return {
        "groups": groups,
        "compared": len(pairs),
        "judged": sum("unverified" not in pair for pair in pairs),
        "supports": sum(pair == ("pass", "pass") for pair in pairs),
        "denials": len(denials),
    }
