"""What a run of `verify` has before it: checks to run, fresh ones, and those that will not run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lawbook.evidence.fingerprint import CodeGraph, definition_fingerprint, measurement_fingerprint
from lawbook.evidence.freshness import staleness
from lawbook.evidence.record import Record
from lawbook.evidence.store import Evidence, Key
from lawbook.registry.entry import Entry, Registry
from lawbook.registry.expectation import Interval
from lawbook.registry.models import Check, Tier
from lawbook.registry.regions import CheckRegions
from lawbook.registry.tier_settings import TierSettings
from lawbook.verdicts.judgement import Rule
from lawbook.verification.seeds import confirming_base

# The checks asked for of an entry; of an entry that it lacks, all.
Selection = Mapping[str, Collection[str]]
WHOLE_ENTRIES: Selection = {}


@dataclass(frozen=True)
class PlannedCheck:
    """A check at a tier with all that running and judging it takes.

    rule: of the main measurement; regions: of every arm. definition, code, measures: its fingerprints.
    """

    entry: Entry
    check: Check
    tier: Tier
    settings: TierSettings
    rule: Rule
    regions: CheckRegions
    definition: str
    code: str
    measures: str

    def rule_of(self, region: Interval) -> Rule:
        """The check's rule with the region of one of its arms."""
        return replace(self.rule, region=region)

    @property
    def name(self) -> str:
        return f"{self.entry.id}/{self.check.name}"


@dataclass(frozen=True)
class FreshCheck:
    """A check that is not run, as its record still speaks of it."""

    planned: PlannedCheck
    record: Record


@dataclass(frozen=True)
class IdleCheck:
    """A check, or a claim without any, that does not run, and why."""

    entry: Entry
    check: Check | None
    why: str

    @property
    def name(self) -> str:
        return f"{self.entry.id}/{self.check.name}" if self.check else self.entry.id

    @property
    def is_disabled(self) -> bool:
        return self.check is not None and self.check.disabled is not None


@dataclass(frozen=True)
class Plan:
    """Every check of the selected entries, in one of three lists."""

    tier: Tier
    run: tuple[PlannedCheck, ...]
    fresh: tuple[FreshCheck, ...]
    idle: tuple[IdleCheck, ...]

    @property
    def selected(self) -> int:
        """How many checks this run answers for."""
        return len(self.run) + len(self.fresh)


def plan_check(entry: Entry, check: Check, tier: Tier, code: CodeGraph) -> PlannedCheck:
    """A check as it would run; raises ValueError where it has no settings for the tier."""
    settings = check.settings(tier)
    if settings is None:
        raise ValueError(f"check '{check.name}' has no settings for the {tier} tier")
    regions = entry.regions[check.name, tier]
    rule = Rule.of(regions.main, check.confidence, check.estimator, settings.seeds, settings.seed_limit)
    return PlannedCheck(
        entry=entry,
        check=check,
        tier=tier,
        settings=settings,
        rule=rule,
        regions=regions,
        definition=definition_fingerprint(check, tier, regions),
        code=code.fingerprint(check.checker),
        measures=measurement_fingerprint(check, tier),
    )


def make_plan(
    entries: Iterable[Entry],
    tier: Tier,
    device: str,
    evidence: Evidence,
    code: CodeGraph,
    torch: str | None,
    *,
    force: bool = False,
    seed_base: int | None = None,
    made_since: str = "",
    only: Selection = WHOLE_ENTRIES,
) -> Plan:
    """Sort the checks of the entries into those to run, fresh ones and idle ones.

    A check is fresh if its record on the same model of device is not stale, did not error, and, where a seed
    base is asked for, comes from it. force: nothing is fresh. made_since: nor is what was measured before. only: of
    entries of which single checks were named, those.
    """
    run: list[PlannedCheck] = []
    fresh: list[FreshCheck] = []
    idle: list[IdleCheck] = []
    for entry in entries:
        if not entry.checks and not entry.is_problem:
            idle.append(IdleCheck(entry, None, "the claim has no check"))
        for check in entry.checks:
            if check.name not in only.get(entry.id, (check.name,)):
                continue
            if check.disabled is not None:
                idle.append(IdleCheck(entry, check, f"disabled: {check.disabled}"))
                continue
            if check.settings(tier) is None:
                idle.append(IdleCheck(entry, check, f"has no settings for the {tier} tier"))
                continue
            planned = plan_check(entry, check, tier, code)
            stored = evidence.records.get(Key(entry.id, check.name, tier, device))
            if (
                stored is not None
                and not force
                and stored.record.started >= made_since
                and _is_fresh(stored.record, planned, code, torch, seed_base)
            ):
                fresh.append(FreshCheck(planned, stored.record))
            else:
                run.append(planned)
    return Plan(tier, tuple(run), tuple(fresh), tuple(idle))


def select_entries(
    registry: Registry,
    ids: Sequence[str],
    strand: str | None,
    changed: Collection[Path] | None,
    code: CodeGraph,
) -> list[Entry]:
    """The entries named by ids (all where none is), of a strand, and touched by changed paths (None:
    whatever).

    An entry is touched if its own file changed or any `checkers` module that one of its checks runs. Every id
    must be in the registry.
    """
    entries = [registry.entries[id] for id in dict.fromkeys(ids)] if ids else list(registry.entries.values())
    return [
        entry
        for entry in entries
        if (strand is None or entry.strand == strand) and (changed is None or _is_touched(entry, changed, code))
    ]


def _is_fresh(record: Record, planned: PlannedCheck, code: CodeGraph, torch: str | None, seed_base: int | None) -> bool:
    return (
        record.outcome != "error"
        and (seed_base is None or record.seed_base in (seed_base, confirming_base(seed_base)))
        and not staleness(record, planned.entry, planned.check, code, torch)
    )


def _is_touched(entry: Entry, changed: Collection[Path], code: CodeGraph) -> bool:
    modules = (module.path for check in entry.checks for module in code.modules(check.checker).values())
    return entry.path in changed or any(path in changed for path in modules)
