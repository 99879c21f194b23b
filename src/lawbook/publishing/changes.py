"""When a claim's status changed: the history replayed, one change for each time the headline moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lawbook.book import Book, Status
from lawbook.evidence.history import HistoryLine
from lawbook.registry.models import TIERS
from lawbook.verdicts.status import headline, worst


@dataclass(frozen=True)
class Change:
    """One claim or problem moved from one status to another, because of one record."""

    id: str
    before: Status
    after: Status
    line: HistoryLine


def status_changes(book: Book) -> list[Change]:
    """Every change of an entry's headline status, oldest first, under today's list of checks.

    A check that the registry no longer names is left out, so that the replay ends where the entry stands now.
    """
    outcomes: dict[tuple[str, str, str], Status] = {}
    standing: dict[str, Status] = {}
    changes = []
    for line in book.history:
        state = book.states.get(line.claim)
        # What awaits its confirmation is no news yet; the second measurement has a line of its own.
        if state is None or line.awaits:
            continue
        outcomes[line.claim, line.check, line.tier] = line.outcome
        before = standing.get(line.claim, "unverified")
        named = [(check.check.name, check.tier) for check in state.checks]
        after = _status(line.claim, named, outcomes)
        if after != before:
            changes.append(Change(line.claim, before, after, line))
            standing[line.claim] = after
    return changes


def lines_by_claim(book: Book) -> dict[str, list[HistoryLine]]:
    """The history of each entry that has one, oldest first."""
    lines: dict[str, list[HistoryLine]] = {}
    for line in book.history:
        lines.setdefault(line.claim, []).append(line)
    return lines


def changes_by_id(changes: Sequence[Change]) -> dict[str, list[Change]]:
    """The changes of each entry that has any, oldest first."""
    moved: dict[str, list[Change]] = {}
    for change in changes:
        moved.setdefault(change.id, []).append(change)
    return moved


def _status(claim: str, named: Sequence[tuple[str, str]], outcomes: dict[tuple[str, str, str], Status]) -> Status:
    by_tier: dict[str, Status | None] = {}
    for tier in TIERS:
        checks = [check for check, its_tier in named if its_tier == tier]
        by_tier[tier] = worst(outcomes.get((claim, check, tier), "unverified") for check in checks) if checks else None
    whole = all((claim, check, "full") in outcomes for check, tier in named if tier == "full")
    return headline(by_tier["quick"], by_tier["full"], full_is_whole=whole)
