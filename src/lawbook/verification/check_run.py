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
    RivalResult,
    StoredPanel,
)
from lawbook.registry.models import Control
from lawbook.verdicts.judgement import Finding, Rule, conclude, excludes, judge, looks_again, separation
from lawbook.verification.device_names import device_token
from lawbook.verification.jobs import Failure, Measured
from lawbook.verification.plan import PlannedCheck
from lawbook.verification.seeds import SEEDS_PER_BASE

MAIN = ""
ArmKind = Literal["main", "control", "rival"]


class Batch(NamedTuple):
    """The seeds that an arm wants measured next. arm: a control's or rival's name, or MAIN."""

    arm: str
    seeds: tuple[int, ...]


@dataclass
class Arm:
    """The main measurement, a control or a rival: what it measured so far and how that comes out."""

    name: str
    kind: ArmKind
    params: dict[str, Any]
    rule: Rule
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
    arm has errored the check is an error whatever else comes, so no further job is asked for. Rivals are asked
    only once the main measurement has passed.

    first: the record that this run is to confirm on other seeds; None for a run that is itself the first.
    unmeasured: why the check cannot be measured here and now; then there is no record of it.
    """

    def __init__(self, planned: PlannedCheck, seed_base: int, first: Record | None = None) -> None:
        self.planned = planned
        self.seed_base = seed_base
        self.first = first
        self.unmeasured = ""
        self.started = ""
        self.isolation: list[str] | None = None
        check, tier, regions = planned.check, planned.tier, planned.regions
        arms = [Arm(MAIN, "main", planned.settings.params, planned.rule)]
        for control in check.controls:
            rule = planned.rule_of(regions.controls[control.name])
            arms.append(Arm(control.name, "control", check.control_params(control, tier), rule))
        for rival in check.rivals:
            if rival.params is not None:
                rule = planned.rule_of(regions.rivals[rival.name])
                arms.append(Arm(rival.name, "rival", check.rival_params(rival, tier), rule))
        self.arms = {arm.name: arm for arm in arms}
        self._waiting: set[str] = set()

    def first_batches(self) -> list[Batch]:
        """What the main measurement and every control want measured at the first look."""
        return [self._batch(arm) for arm in self.arms.values() if arm.kind != "rival"]

    def begin(self) -> None:
        """Note the time, if this is the first job of the check."""
        self.started = self.started or datetime.now(UTC).strftime(TIME_FORMAT)

    def note_isolation(self, kept: Sequence[str]) -> None:
        """Take note of what a worker was kept to; the record says what all of them were."""
        self.isolation = [name for name in kept if self.isolation is None or name in self.isolation]

    def take(self, arm_name: str, batch: Batch, result: Measured | Failure) -> list[Batch]:
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
        finding = judge(arm.values, arm.in_regime, arm.rule, look, arm.seeds)
        arm.finding = finding
        if self.errored:
            return []
        if looks_again(finding, arm.rule, look, is_control=arm.kind != "main"):
            return [self._batch(arm)]
        if arm.kind == "main" and finding.outcome == "pass":
            return [self._batch(rival) for rival in self.arms.values() if rival.kind == "rival"]
        return []

    def drop(self, arm_name: str) -> None:
        """Forget a batch that was asked for and will not run."""
        self._waiting.discard(arm_name)

    @property
    def errored(self) -> bool:
        return any(arm.finding is not None and arm.finding.outcome == "error" for arm in self.arms.values())

    @property
    def ended(self) -> bool:
        """Whether nothing more of it is worth running: an arm has errored, or it cannot be measured."""
        return self.errored or bool(self.unmeasured)

    @property
    def settled(self) -> bool:
        """Whether nothing that was asked for is still to come."""
        return not self._waiting

    def record(self, environment: Environment, device_kind: DeviceKind) -> Record:
        """The record of a settled check."""
        planned, main = self.planned, self.arms[MAIN]
        controls = [self._control_result(control) for control in planned.check.controls if self._ran(control.name)]
        finding = main.finding or Finding("error", reason="not measured, as a control had errored")
        # An error of a control is the reason to give, not that it kept the main measurement from running.
        judged = finding if main.finding else Finding("inconclusive")
        rivals = self._rival_results(finding)
        outcome, reason = conclude(judged, controls, rivals)
        unrun = [control.name for control in planned.check.controls if not self._ran(control.name)]
        notes = [*main.notes, *finding.remarks]
        notes += [f"control '{name}' was not run, as another measurement had errored" for name in unrun]
        low, high = planned.rule.region
        return Record(
            claim=planned.entry.id,
            check=planned.check.name,
            tier=planned.tier,
            device_kind=device_kind,
            device="cpu" if device_kind == "cpu" else device_token(main.device),
            outcome=outcome,
            reason=reason,
            checker=planned.check.checker,
            params=main.params,
            estimator=planned.rule.estimator,
            confidence=planned.rule.confidence,
            method=planned.check.method,
            expect=str(planned.check.expect),
            accept=(finite(low), finite(high)),
            predicted=finite(planned.regions.predicted),
            estimate=finite(finding.estimate),
            standard_error=finite(finding.standard_error),
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
            rivals=rivals,
            definition=planned.definition,
            code=planned.code,
            measures=planned.measures,
            environment=environment.model_copy(
                update={"device": main.device or environment.device, "isolation": self.isolation or []}
            ),
            started=self.started,
            seconds=round(sum(arm.seconds for arm in self.arms.values()), 3),
            output=next((arm.output for arm in self.arms.values() if arm.output), ""),
        )

    def _batch(self, arm: Arm) -> Batch:
        self._waiting.add(arm.name)
        before, after = len(arm.seeds), arm.rule.looks[len(arm.batches)]
        first = self.seed_base * SEEDS_PER_BASE
        return Batch(arm.name, tuple(range(first + before, first + after)))

    def _ran(self, name: str) -> bool:
        return self.arms[name].finding is not None

    def _control_result(self, control: Control) -> ControlResult:
        """What a judged control leaves in the record."""
        arm = self.arms[control.name]
        assert arm.finding is not None
        return ControlResult(
            name=arm.name,
            role=control.role,
            expect=control.must,
            accept=(finite(arm.rule.region[0]), finite(arm.rule.region[1])),
            outcome=arm.finding.outcome,
            as_expected=arm.finding.outcome == control.must,
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

    def _rival_results(self, main: Finding) -> list[RivalResult]:
        """Every rival that could be judged: by its prediction, or by what the checker said with its formula."""
        results = []
        for rival in self.planned.check.rivals:
            if rival.params is None:
                low, high = self.planned.regions.predictions[rival.name]
                # Lint has seen that the region leaves the prediction out, so a pass excludes it, and others may.
                results.append(
                    RivalResult(
                        name=rival.name,
                        excluded=excludes(main, (low, high)),
                        predicts=(finite(low), finite(high)),
                        away=finite(separation(main, (low, high))),
                    )
                )
            elif self._ran(rival.name):
                results.append(_asked_rival(self.arms[rival.name]))
        return results


def _asked_rival(arm: Arm) -> RivalResult:
    assert arm.finding is not None
    return RivalResult(
        name=arm.name,
        excluded=arm.finding.outcome == "fail",
        outcome=arm.finding.outcome,
        accept=(finite(arm.rule.region[0]), finite(arm.rule.region[1])),
        away=finite(separation(arm.finding, arm.rule.region)),
        params=arm.params,
        estimate=finite(arm.finding.estimate),
        interval=finite_interval(arm.finding.interval),
        batches=arm.batches,
        seeds=arm.seeds,
        values=[finite(value) for value in arm.values],
        in_regime=arm.in_regime,
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
