"""What hangs on one claim: who would fall with it, who would lose a ground, and what its neighbours' outcomes say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lawbook.book import Book, EntryState
from lawbook.relations.implications import Chain, Implications
from lawbook.relations.tensions import Finding


@dataclass(frozen=True)
class Consequence:
    """Another claim, and the chain of inferences that links it to this one."""

    state: EntryState
    chain: Chain


@dataclass(frozen=True)
class Follows:
    """What follows for one claim.

    would_fall: those that imply it, so that they fall with it. would_lose_ground: those that it implies; they may
    stand without it. findings: what does not fit that it is an end of.
    """

    would_fall: tuple[Consequence, ...] = ()
    would_lose_ground: tuple[Consequence, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def confirmed_by(self) -> tuple[Consequence, ...]:
        """Passing claims that follow from this one: consequences that were tested and hold."""
        return tuple(item for item in self.would_lose_ground if item.state.status == "pass")

    @property
    def backed_by(self) -> tuple[Consequence, ...]:
        """Passing claims that this one follows from."""
        return tuple(item for item in self.would_fall if item.state.status == "pass")

    def __bool__(self) -> bool:
        return bool(self.would_fall or self.would_lose_ground or self.findings)


def consequences(book: Book, inferences: Implications, found: Sequence[Finding], id: str) -> Follows:
    """What follows for the claim `id`; nothing for an open problem. found: as `findings` gives them."""
    if book.states[id].entry.is_problem:
        return Follows()
    return Follows(
        would_fall=_listed(book, inferences.premises(id)),
        would_lose_ground=_listed(book, inferences.conclusions(id)),
        findings=tuple(finding for finding in found if id in finding.ends),
    )


def _listed(book: Book, chains: dict[str, Chain]) -> tuple[Consequence, ...]:
    """The nearest first."""
    order = sorted(chains.items(), key=lambda item: (len(item[1]), item[0]))
    return tuple(Consequence(book.states[id], chain) for id, chain in order)
