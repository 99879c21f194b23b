"""What a claim is filtered by, on the home page and in the lists of `site/lists`: a few words of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import get_args

from lawbook.book import EntryState, Status
from lawbook.publishing.counts import STATUSES
from lawbook.registry.models import STRANDS, TIERS, Kind, Method, Standing

# In the order in which they are offered.
FACETS = ("strand", "kind", "standing", "status", "method", "tier", "device")
KNOWN: dict[str, tuple[str, ...]] = {
    "strand": tuple(STRANDS),
    "kind": get_args(Kind),
    "standing": get_args(Standing),
    "status": STATUSES,
    "method": get_args(Method),
    "tier": TIERS,
}
UNRECORDED = "none"


@dataclass(frozen=True)
class Facet:
    """One kind of words and how many claims each of them fits; words that fit none are left out."""

    name: str
    counts: dict[str, int]


def facts(state: EntryState) -> dict[str, tuple[str, ...]]:
    """By facet, the words that fit a claim. method: of its checks. tier, device: those with a record."""
    claim, recorded = state.entry.claim, [check for check in state.checks if check.record]
    devices = sorted({record.device for check in recorded for record in check.records})
    return {
        "strand": (state.entry.strand,),
        "kind": (claim.kind,),
        "standing": (claim.standing,),
        "status": (state.status,),
        "method": tuple(sorted({check.method for check in claim.checks})),
        "tier": tuple(tier for tier in TIERS if any(check.tier == tier for check in recorded)),
        "device": tuple(devices) or (UNRECORDED,),
    }


def facets(states: Iterable[EntryState]) -> list[Facet]:
    """Every facet over some claims, its words in their own order."""
    found: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
    for state in states:
        for name, words in facts(state).items():
            found[name].update(words)
    return [
        Facet(
            name,
            {word: found[name][word] for word in KNOWN.get(name, sorted(found[name])) if found[name][word]},
        )
        for name in FACETS
    ]


def told(state: EntryState, offered: Sequence[Facet]) -> str:
    """The facts of a claim for the page's script: by facet but the strand, which a column says, the places of its words
    among those that are offered, from 1 on; a comma between places, a semicolon between facets.
    """
    own = facts(state)
    places = ([str(list(facet.counts).index(word) + 1) for word in own[facet.name]] for facet in offered[1:])
    return ";".join(map(",".join, places))


def last_verified(state: EntryState) -> str:
    """The day of the newest record; "" where there is none."""
    return max((check.record.started[:10] for check in state.checks if check.record), default="")


def severity_of(status: Status) -> int:
    """The place of a status, the worst first, for sorting."""
    return ("error", "void", "fail", "inconclusive", "unverified", "pass").index(status)
