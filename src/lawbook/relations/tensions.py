"""What does not fit together in the book: outcomes that the relations between claims forbid, worst first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lawbook.book import Book, EntryState
from lawbook.relations.edges import relations
from lawbook.relations.implications import Chain, Edge, Implications, implications

Kind = Literal["contradiction", "tension", "lost-ground"]
ORDER: tuple[Kind, ...] = ("contradiction", "tension", "lost-ground")


@dataclass(frozen=True)
class Finding:
    """Two claims whose outcomes do not fit.

    contradiction: both pass and one contradicts the other. tension: `one` passes, implies `other`, and that fails.
    lost-ground: `other` is established and follows from `one`, which now fails. chain: the steps from one to other,
    empty for a contradiction, which has its relation in `edge`.
    """

    kind: Kind
    one: EntryState
    other: EntryState
    chain: Chain = ()
    edge: Edge | None = None

    @property
    def ends(self) -> tuple[str, str]:
        """The ids of both claims."""
        return (self.one.entry.id, self.other.entry.id)

    @property
    def edges(self) -> list[Edge]:
        """The relations that it is read from, as the claims' files say them, in the order of the chain."""
        return [self.edge] if self.edge else [step.edge for step in self.chain]


def findings(book: Book, inferences: Implications | None = None) -> list[Finding]:
    """Everything that does not fit, worst first.

    Contradictions come first, then tensions, then lost ground. Within a kind, what more established claims are part
    of is worse, what a claim file owns up to (`known_failure`) less so, and a short chain is worse than a long one,
    which has more places where it may break.
    """
    inferences = inferences or implications(book)
    found = [*_contradictions(book), *_along_chains(book, inferences)]
    return sorted(found, key=_rank)


def _contradictions(book: Book) -> Iterator[Finding]:
    told: set[frozenset[str]] = set()
    for edge in relations(book):
        one, other = book.states[edge[0]], book.states[edge[2]]
        pair = frozenset((edge[0], edge[2]))
        if edge[1] != "contradicts" or one.entry.is_problem or other.entry.is_problem or pair in told:
            continue
        if one.status == other.status == "pass" and len(pair) == 2:
            told.add(pair)
            yield Finding("contradiction", one, other, edge=edge)


def _along_chains(book: Book, inferences: Implications) -> Iterator[Finding]:
    for id in inferences.after:
        one = book.states[id]
        if one.status not in ("pass", "fail"):
            continue
        for reached, chain in inferences.conclusions(id).items():
            other = book.states[reached]
            if one.status == "pass" and other.status == "fail":
                yield Finding("tension", one, other, chain)
            elif one.status == "fail" and other.status != "fail" and _established(other):
                yield Finding("lost-ground", one, other, chain)


def _rank(finding: Finding) -> tuple[int, bool, int, int, tuple[str, str]]:
    owned = any(state.entry.claim.known_failure is not None for state in (finding.one, finding.other))
    established = _established(finding.one) + _established(finding.other)
    return (ORDER.index(finding.kind), owned, -established, len(finding.chain), finding.ends)


def _established(state: EntryState) -> bool:
    return state.entry.claim.standing == "established"
