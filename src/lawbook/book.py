"""The registry with its evidence: the one derived view that list, show, report and site read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lawbook.evidence.fingerprint import CodeGraph
from lawbook.evidence.freshness import installed_torch, staleness
from lawbook.evidence.history import HistoryLine
from lawbook.evidence.record import Record
from lawbook.evidence.store import DamagedFile, Evidence, Key, StoredRecord, named_by, read_evidence
from lawbook.evidence.times import latest_believable, recency
from lawbook.registry.entry import Entry, Registry
from lawbook.registry.load import load_registry
from lawbook.registry.models import TIERS, Check, Tier
from lawbook.verdicts.status import Status, as_expected, headline, worst

__all__ = ["Book", "CheckState", "EntryState", "Status", "join_evidence", "open_book"]


@dataclass(frozen=True)
class CheckState:
    """Where one check stands at one tier.

    outcome: of `record`, "unverified" where there is none. record: the newer of CPU and CUDA. records: the
    newest of each device kind. stale: why `record` no longer speaks of the check, empty while fresh. local:
    `record` is this machine's own.
    """

    check: Check
    tier: Tier
    outcome: Status
    record: Record | None
    records: tuple[Record, ...]
    stale: tuple[str, ...]
    local: bool


@dataclass(frozen=True)
class EntryState:
    """Where a claim or problem stands: its checks at both tiers, and what follows.

    quick, full: the tiers' statuses, None where no check has that tier. status: the headline. as_expected:
    None while unverified, and for problems.
    """

    entry: Entry
    checks: tuple[CheckState, ...]
    quick: Status | None
    full: Status | None
    status: Status
    as_expected: bool | None


@dataclass(frozen=True)
class Book:
    """The registry, where each entry stands, the history (oldest first), and what in the evidence wants
    attention.

    damaged: files that cannot be read. retired: records whose check the registry no longer names at that
    tier.
    """

    registry: Registry
    states: Mapping[str, EntryState]
    history: tuple[HistoryLine, ...]
    damaged: tuple[DamagedFile, ...]
    retired: tuple[StoredRecord, ...] = ()


def open_book(root: Path) -> Book:
    """The registry at root with all evidence, published and local; raises RegistryError where it is not
    valid.
    """
    return join_evidence(load_registry(root), read_evidence(root))


def join_evidence(registry: Registry, evidence: Evidence) -> Book:
    """The view of a registry that given evidence makes."""
    code = CodeGraph(registry.root)
    torch = installed_torch()
    states = {id: _entry_state(entry, evidence, code, torch) for id, entry in registry.entries.items()}
    code.remember()
    retired = tuple(stored for key, stored in evidence.records.items() if not named_by(registry, key))
    return Book(registry, states, evidence.history, evidence.damaged, retired)


def _entry_state(entry: Entry, evidence: Evidence, code: CodeGraph, torch: str | None) -> EntryState:
    checks = tuple(
        _check_state(entry, check, tier, evidence, code, torch)
        for check in entry.checks
        for tier in TIERS
        if check.settings(tier) is not None
    )
    by_tier: dict[str, Status] = {
        tier: worst(state.outcome for state in checks if state.tier == tier)
        for tier in TIERS
        if any(state.tier == tier for state in checks)
    }
    quick, full = by_tier.get("quick"), by_tier.get("full")
    recorded = any(state.tier == "full" and state.record is not None for state in checks)
    status = headline(quick, full, full_is_recorded=recorded)
    expected = None if entry.is_problem else as_expected(entry.claim.standing, status)
    return EntryState(entry, checks, quick, full, status, expected)


def _check_state(
    entry: Entry, check: Check, tier: Tier, evidence: Evidence, code: CodeGraph, torch: str | None
) -> CheckState:
    keys = (Key(entry.id, check.name, tier, "cpu"), Key(entry.id, check.name, tier, "cuda"))
    judged = [
        _judged(evidence, key, lambda record: staleness(record, check, code, torch))
        for key in keys
        if key in evidence.records
    ]
    if not judged:
        return CheckState(check, tier, "unverified", None, (), (), local=False)
    latest = latest_believable()
    newest, stale = max(judged, key=lambda found: recency(found[0].record.started, latest))
    return CheckState(
        check=check,
        tier=tier,
        outcome=newest.record.outcome,
        record=newest.record,
        records=tuple(stored.record for stored, _ in judged),
        stale=stale,
        local=newest.local,
    )


def _judged(
    evidence: Evidence, key: Key, why_stale: Callable[[Record], tuple[str, ...]]
) -> tuple[StoredRecord, tuple[str, ...]]:
    """The record that counts of a key, and why it is stale: the newest, unless it is and the other store's is not.

    `verify` looks at one store and calls such a check fresh; what is shown agrees with it.
    """
    newest = evidence.records[key]
    stale = why_stale(newest.record)
    other = evidence.older.get(key)
    if stale and other is not None and not why_stale(other.record):
        return other, ()
    return newest, stale
