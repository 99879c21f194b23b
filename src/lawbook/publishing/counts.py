"""The state of the registry in a few numbers, for the home page and for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lawbook.book import Book, CheckState, Status
from lawbook.evidence.record import Record
from lawbook.registry.entry import Entry
from lawbook.registry.models import TIERS, Check, Tier

STATUSES: tuple[Status, ...] = ("pass", "fail", "inconclusive", "void", "error", "unverified")


@dataclass(frozen=True)
class Counts:
    """How many claims have each headline status, how many are as expected, and what wants a look.

    stale: claims with evidence that no longer speaks of the code or claim at hand. checks, recorded: by tier, how
    many checks it has and how many of them have a record there.
    """

    claims: int
    by_status: dict[Status, int]
    as_expected: int
    stale: int
    local: int
    checks: dict[Tier, int]
    recorded: dict[Tier, int]


@dataclass(frozen=True)
class Idle:
    """A check that did not run: disabled by its file, or recorded at no tier."""

    entry: Entry
    check: Check
    why: str


def counts(book: Book) -> Counts:
    """Counts over the claims of the registry (open problems stand apart)."""
    states = [state for state in book.states.values() if not state.entry.is_problem]
    tally = Counter(state.status for state in states)
    checks = [check for state in states for check in state.checks]
    return Counts(
        claims=len(states),
        by_status={status: tally.get(status, 0) for status in STATUSES},
        as_expected=sum(state.as_expected is True for state in states),
        stale=sum(any(check.stale for check in state.checks) for state in states),
        local=sum(any(check.local for check in state.checks) for state in states),
        checks={tier: sum(check.tier == tier for check in checks) for tier in TIERS},
        recorded={tier: sum(check.tier == tier and check.record is not None for check in checks) for tier in TIERS},
    )


def idle_checks(book: Book) -> list[Idle]:
    """Every check that is disabled, and every one that no record speaks of."""
    found = []
    for state in book.states.values():
        for check in state.entry.checks:
            if check.disabled:
                found.append(Idle(state.entry, check, check.disabled))
            elif not any(c.record for c in state.checks if c.check.name == check.name):
                found.append(Idle(state.entry, check, "no record yet"))
    return found


def last_record(book: Book) -> Record | None:
    """The newest record of all."""
    records = [check.record for state in book.states.values() for check in state.checks if check.record]
    return max(records, key=lambda record: record.started, default=None)


def shown_first(checks: tuple[CheckState, ...], name: str) -> list[CheckState]:
    """One check's tiers, the one that makes the headline first: full where it is recorded, else quick."""
    own = [check for check in checks if check.check.name == name]
    return sorted(own, key=lambda check: (check.record is None, check.tier != "full"))
