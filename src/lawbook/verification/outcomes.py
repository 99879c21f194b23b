"""What a run of `verify` says in the end: each claim's status at the tier, the exit code, the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lawbook.evidence.record import Environment, Record
from lawbook.registry.entry import Entry
from lawbook.registry.models import Tier
from lawbook.verdicts.status import Status, claim_as_expected, worst
from lawbook.verification.plan import Plan

EXPECTED, UNEXPECTED, INVALID, BROKEN, UNMEASURED, INTERRUPTED = 0, 1, 2, 3, 4, 130
# Of several codes the first counts.
PRIORITY = (INVALID, BROKEN, UNMEASURED, UNEXPECTED)
NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class CheckOutcome:
    """One check of a claim at the tier. record: None where it is disabled or the run was cut short, and where the
    machine failed it or its data are not here, as `unmeasured` says. unreached: how old its evidence is, where a budget
    ended before it.
    """

    name: str
    record: Record | None
    is_fresh: bool
    unmeasured: str = ""
    unreached: str = ""

    @property
    def status(self) -> Status:
        return self.record.outcome if self.record else "unverified"


@dataclass(frozen=True)
class EntryOutcome:
    """A selected claim or problem at the tier. as_expected: None for problems, and while a check has no
    record.
    """

    entry: Entry
    checks: tuple[CheckOutcome, ...]
    status: Status
    as_expected: bool | None

    @property
    def disappoints(self) -> bool:
        """Whether the run must not be called a success for it; an open problem can only do so by a void
        probe.
        """
        return self.status == "void" if self.entry.is_problem else self.as_expected is False


def entry_outcomes(
    entries: Iterable[Entry],
    plan: Plan,
    records: Mapping[str, Record],
    unmeasured: Mapping[str, str] | None = None,
    unreached: Mapping[str, str] | None = None,
) -> list[EntryOutcome]:
    """How every selected entry came out.

    records, unmeasured (why), unreached (how old its evidence is): those of this run, by `claim/check`.
    """
    fresh = {done.planned.name: done.record for done in plan.fresh}
    told = (fresh, records, unmeasured or {}, unreached or {})
    return [_entry_outcome(entry, plan.tier, *told) for entry in entries]


def exit_code(outcomes: Sequence[EntryOutcome], *, is_unwritable: bool = False) -> int:
    """2 if what was measured could not be recorded, 3 if a check errored, 4 if the machine failed one or its data
    are not here, 1 if a claim is not as expected, else 0; the first of these.
    """
    checks = [check for outcome in outcomes for check in outcome.checks]
    found = {
        INVALID: is_unwritable,
        BROKEN: any(check.status == "error" for check in checks),
        UNMEASURED: any(check.unmeasured for check in checks),
        UNEXPECTED: any(outcome.disappoints for outcome in outcomes),
    }
    return next((code for code in PRIORITY if found[code]), EXPECTED)


def report(outcomes: Sequence[EntryOutcome], environment: Environment) -> dict[str, Any]:
    """The machine-readable report, its schema in DESIGN; an open end of an interval is null."""
    return {
        "schema": 1,
        "environment": environment.model_dump(mode="json"),
        "claims": [
            {
                "id": outcome.entry.id,
                "status": outcome.status,
                "standing": None if outcome.entry.is_problem else outcome.entry.claim.standing,
                "as_expected": outcome.as_expected,
                "checks": [_check_report(check.record) for check in outcome.checks if check.record],
            }
            for outcome in outcomes
        ],
        "not_measured": [
            {"claim": outcome.entry.id, "check": check.name, "reason": check.unmeasured}
            for outcome in outcomes
            for check in outcome.checks
            if check.unmeasured
        ],
        "not_reached": [
            {"claim": outcome.entry.id, "check": check.name, "age": check.unreached}
            for outcome in outcomes
            for check in outcome.checks
            if check.unreached
        ],
    }


def _entry_outcome(
    entry: Entry,
    tier: Tier,
    fresh: Mapping[str, Record],
    records: Mapping[str, Record],
    unmeasured: Mapping[str, str],
    unreached: Mapping[str, str],
) -> EntryOutcome:
    checks = []
    for check in entry.checks:
        if check.settings(tier) is None:
            continue
        name = f"{entry.id}/{check.name}"
        known = None if check.disabled is not None else records.get(name) or fresh.get(name)
        why = (unmeasured.get(name, ""), unreached.get(name, ""))
        checks.append(CheckOutcome(check.name, known, name in fresh, *why))
    status = worst(check.status for check in checks)
    expected = None if entry.is_problem else claim_as_expected(entry.claim, status)
    return EntryOutcome(entry, tuple(checks), status, expected)


def _check_report(record: Record) -> dict[str, Any]:
    """The keys of DESIGN first, what came later behind them."""
    return {
        "name": record.check,
        "tier": record.tier,
        "outcome": record.outcome,
        "estimate": record.estimate,
        "interval": record.interval,
        "accept": record.accept,
        "seeds": record.seeds,
        "values": record.values,
        "controls": [
            {
                "name": control.name,
                "outcome": control.outcome,
                "estimate": control.estimate,
                "interval": control.interval,
                "role": control.role,
                "accept": control.accept,
            }
            for control in record.controls
        ],
        "seconds": record.seconds,
        "reason": record.reason,
        "method": record.method,
        "expect": record.expect,
        "rivals": [
            {"name": rival.name, "excluded": rival.excluded, "away": rival.away, "predicts": rival.predicts}
            for rival in record.rivals
        ],
    }
