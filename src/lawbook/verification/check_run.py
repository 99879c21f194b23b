"""The state of one check under way: its arms, how many seeds each has seen, and when it is settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from lawbook.evidence.record import (
    TIME_FORMAT,
    ControlResult,
    DeviceKind,
    Environment,
    Record,
    StoredPanel,
)
from lawbook.verdicts.judgement import Finding, conclude, judge, looks_again
from lawbook.verification.jobs import Failure, Measured, Result
from lawbook.verification.plan import PlannedCheck

MAIN = ""


class Batch(NamedTuple):
    """The seeds that an arm wants measured next. arm: a control's name, or MAIN."""

    arm: str
    seeds: tuple[int, ...]


@dataclass
class Arm:
    """The main measurement or a control: what it measured so far and how that comes out."""

    name: str
    params: dict[str, Any]
    expect: Literal["pass", "fail", "out-of-regime"]
    seeds: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    in_regime: list[bool] | None = None
    batches: list[int] = field(default_factory=list)
    panels: list[StoredPanel] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    device: str = ""
    seconds: float = 0.0
    output: str = ""
    finding: Finding | None = None


class CheckRun:
    """Takes the results of a check's jobs and says what to run next, until there is a record.

    An arm's later looks measure only the seeds that are new; the panels are those of its first look. Once an
    arm has errored the check is an error whatever else comes, so no further job is asked for.
    """

    def __init__(self, planned: PlannedCheck, seed_base: int) -> None:
        self.planned = planned
        self.seed_base = seed_base
        self.started = ""
        check, tier = planned.check, planned.tier
        self.arms = {MAIN: Arm(MAIN, planned.settings.params, "pass")} | {
            control.name: Arm(control.name, check.control_params(control, tier), control.expect)
            for control in check.controls
        }
        self._waiting: set[str] = set()

    def first_batches(self) -> list[Batch]:
        """What every arm wants measured at the first look."""
        return [self._batch(arm) for arm in self.arms.values()]

    def begin(self) -> None:
        """Note the time, if this is the first job of the check."""
        self.started = self.started or datetime.now(UTC).strftime(TIME_FORMAT)

    def take(self, arm_name: str, batch: Batch, result: Result) -> list[Batch]:
        """Judge an arm anew with a result; what it wants measured next, if anything."""
        arm = self.arms[arm_name]
        self._waiting.discard(arm_name)
        arm.seconds += result.seconds
        if isinstance(result, Failure):
            arm.output = result.output
            arm.finding = Finding("error", reason=result.reason)
            return []
        _extend(arm, batch, result)
        look = len(arm.batches) - 1
        finding = judge(arm.values, arm.in_regime, self.planned.rule, look)
        arm.finding = finding
        if not self.errored and looks_again(finding, self.planned.rule, look, is_control=arm_name != MAIN):
            return [self._batch(arm)]
        return []

    def drop(self, arm_name: str) -> None:
        """Forget a batch that was asked for and will not run."""
        self._waiting.discard(arm_name)

    @property
    def errored(self) -> bool:
        return any(arm.finding is not None and arm.finding.outcome == "error" for arm in self.arms.values())

    @property
    def settled(self) -> bool:
        """Whether nothing that was asked for is still to come."""
        return not self._waiting

    def record(self, environment: Environment, device_kind: DeviceKind) -> Record:
        """The record of a settled check."""
        planned, main = self.planned, self.arms[MAIN]
        controls = [control_result(arm) for name, arm in self.arms.items() if name != MAIN and arm.finding]
        finding = main.finding or Finding("error", reason="not measured, as a control had errored")
        # An error of a control is the reason to give, not that it kept the main measurement from running.
        judged = finding if main.finding else Finding("inconclusive")
        outcome, reason = conclude(judged, controls)
        unrun = [name for name, arm in self.arms.items() if name != MAIN and not arm.finding]
        notes = [*main.notes, *finding.remarks]
        notes += [f"control '{name}' was not run, as another measurement had errored" for name in unrun]
        low, high = planned.rule.region
        return Record(
            claim=planned.entry.id,
            check=planned.check.name,
            tier=planned.tier,
            device_kind=device_kind,
            outcome=outcome,
            reason=reason,
            checker=planned.check.checker,
            params=main.params,
            estimator=planned.rule.estimator,
            confidence=planned.rule.confidence,
            accept=(finite(low), finite(high)),
            estimate=finite(finding.estimate),
            interval=finite_interval(finding.interval),
            looks=max(1, len(main.batches)),
            batches=main.batches,
            seed_base=self.seed_base,
            seeds=main.seeds,
            values=[finite(value) for value in main.values],
            in_regime=main.in_regime,
            panels=main.panels,
            notes=notes,
            controls=controls,
            definition=planned.definition,
            code=planned.code,
            environment=environment.model_copy(update={"device": main.device or environment.device}),
            started=self.started,
            seconds=round(sum(arm.seconds for arm in self.arms.values()), 3),
            output=next((arm.output for arm in self.arms.values() if arm.output), ""),
        )

    def _batch(self, arm: Arm) -> Batch:
        self._waiting.add(arm.name)
        before, after = len(arm.seeds), self.planned.rule.looks[len(arm.batches)]
        return Batch(arm.name, tuple(range(self.seed_base + before, self.seed_base + after)))


def control_result(arm: Arm) -> ControlResult:
    """What a judged control leaves in the record."""
    assert arm.finding is not None
    assert arm.expect != "pass"
    return ControlResult(
        name=arm.name,
        expect=arm.expect,
        outcome=arm.finding.outcome,
        as_expected=arm.finding.outcome == arm.expect,
        params=arm.params,
        estimate=finite(arm.finding.estimate),
        interval=finite_interval(arm.finding.interval),
        batches=arm.batches,
        seeds=arm.seeds,
        values=[finite(value) for value in arm.values],
        in_regime=arm.in_regime,
        panels=arm.panels,
        notes=[*arm.notes, *arm.finding.remarks],
        seconds=round(arm.seconds, 3),
        reason=arm.finding.reason,
    )


def finite(value: float | None) -> float | None:
    """The value, or None for what JSON has no number for."""
    return value if value is not None and abs(value) < float("inf") else None


def finite_interval(interval: Sequence[float] | None) -> tuple[float | None, float | None] | None:
    """The interval with an open end as None."""
    return None if interval is None else (finite(interval[0]), finite(interval[1]))


def _extend(arm: Arm, batch: Batch, measured: Measured) -> None:
    if arm.in_regime is not None or measured.in_regime is not None:
        before = arm.in_regime if arm.in_regime is not None else [True] * len(arm.values)
        arm.in_regime = before + list(measured.in_regime or [True] * len(measured.values))
    if not arm.batches:
        arm.panels = list(measured.panels)
    arm.seeds += batch.seeds
    arm.values += measured.values
    arm.batches.append(len(batch.seeds))
    arm.notes += [note for note in measured.notes if note not in arm.notes]
    arm.device = arm.device or measured.device
