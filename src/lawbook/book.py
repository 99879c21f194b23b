"""The registry with its evidence: the one derived view that list, show, report and site read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lawbook.evidence.fingerprint import CodeGraph, measurement_fingerprint
from lawbook.evidence.freshness import installed_torch, staleness
from lawbook.evidence.history import HistoryLine, law_fingerprint
from lawbook.evidence.past import RegionPast, region_past
from lawbook.evidence.pooling import Pooled, independent_runs, pool
from lawbook.evidence.record import Record, RivalResult
from lawbook.evidence.store import DamagedFile, Evidence, StoredRecord, named_by, read_evidence, record_key
from lawbook.evidence.times import latest_believable, recency
from lawbook.registry.entry import Entry, Registry
from lawbook.registry.load import load_registry
from lawbook.registry.models import TIERS, Check, Tier
from lawbook.registry.regions import CheckRegions
from lawbook.verdicts.rivals_today import rivals_today
from lawbook.verdicts.status import Status, claim_as_expected, headline, worst

__all__ = ["Book", "CheckState", "EntryState", "Status", "join_evidence", "open_book"]


@dataclass(frozen=True)
class CheckState:
    """Where one check stands at one tier.

    regions: what its arms are judged by today. outcome: of `record`, "unverified" where there is none.
    record: the newest of any device. records: the newest of each device. stale: why `record` no longer speaks
    of the check, empty while fresh. local: `record` is this machine's own. past: of its region.
    """

    check: Check
    tier: Tier
    regions: CheckRegions
    outcome: Status
    record: Record | None
    records: tuple[Record, ...]
    stale: tuple[str, ...]
    local: bool
    past: RegionPast

    @property
    def rivals(self) -> tuple[RivalResult, ...]:
        """The rivals of `record`, and those named since whose predictions need no run; none without a record."""
        return rivals_today(self.record, self.check, self.regions.predictions) if self.record else ()


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

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods of the checks that pass at the tier of the headline, experiments among them."""
        return tuple(sorted({state.check.method for state in self.checks if state.outcome == "pass"}, reverse=True))

    @property
    def rests_on_no_experiment(self) -> bool:
        """Whether some check passes, and none of those that do is an experiment."""
        return bool(self.methods) and "experiment" not in self.methods


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

    def pooled(self, record: Record) -> Pooled | None:
        """All independent runs of a record's law on its device as one measurement; None where it is the only one."""
        lines = self._lines.get((record.claim, record.check, record.tier), [])
        runs = independent_runs(lines, record.device)
        if not runs or runs[-1].law != law_fingerprint(record):
            return None
        return pool(lines, record.device, record.confidence)

    @cached_property
    def _lines(self) -> Mapping[tuple[str, str, str], Sequence[HistoryLine]]:
        """The history by claim, check and tier, read once however many records ask."""
        lines: dict[tuple[str, str, str], list[HistoryLine]] = {}
        for line in self.history:
            lines.setdefault((line.claim, line.check, line.tier), []).append(line)
        return lines


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
    runs = [state for state in checks if state.tier == "full" and state.check.disabled is None]
    status = headline(quick, full, full_is_whole=bool(runs) and all(state.record is not None for state in runs))
    expected = None if entry.is_problem else claim_as_expected(entry.claim, status)
    return EntryState(entry, checks, quick, full, status, expected)


def _check_state(
    entry: Entry, check: Check, tier: Tier, evidence: Evidence, code: CodeGraph, torch: str | None
) -> CheckState:
    regions = entry.regions[check.name, tier]
    lines = evidence.lines_of(entry.id, check.name, tier)
    past = region_past(lines, regions.main, measurement_fingerprint(check, tier))
    judged = [
        _judged(evidence, stored, lambda record: staleness(record, entry, check, code, torch))
        for stored in evidence.of(entry.id, check.name, tier)
    ]
    if not judged:
        return CheckState(check, tier, regions, "unverified", None, (), (), local=False, past=past)
    latest = latest_believable()
    newest, stale = max(judged, key=lambda found: recency(found[0].record.started, latest))
    return CheckState(
        check=check,
        tier=tier,
        regions=regions,
        outcome=newest.record.outcome,
        record=newest.record,
        records=tuple(stored.record for stored, _ in judged),
        stale=stale,
        local=newest.local,
        past=past,
    )


def _judged(
    evidence: Evidence, newest: StoredRecord, why_stale: Callable[[Record], tuple[str, ...]]
) -> tuple[StoredRecord, tuple[str, ...]]:
    """The record that counts of a device, and why it is stale: the newest, unless it is and the other store's is not.

    `verify` looks at one store and calls such a check fresh; what is shown agrees with it.
    """
    stale = why_stale(newest.record)
    other = evidence.older.get(record_key(newest.record))
    if stale and other is not None and not why_stale(other.record):
        return other, ()
    return newest, stale
