"""From values to an outcome: one arm of a check (its main measurement or a control), then the check as a
whole.

An arm passes if its interval lies inside the acceptance region and fails if the two are disjoint; between
these it is inconclusive. Controls come out under the very rule of the main measurement.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lawbook.evidence.record import ControlOutcome, ControlResult, Outcome, RivalResult
from lawbook.registry.expectation import Interval
from lawbook.registry.models import Estimator
from lawbook.verdicts.estimate import estimate, fewest_values, standard_error
from lawbook.verdicts.intervals import describe
from lawbook.verdicts.spending import error_at_look, look_sizes


@dataclass(frozen=True)
class Rule:
    """How a check judges: what it accepts, and when it looks. looks: how many seeds in all each look sees."""

    region: Interval
    confidence: float
    estimator: Estimator
    looks: tuple[int, ...]

    @staticmethod
    def of(region: Interval, confidence: float, estimator: Estimator, seeds: int, limit: int) -> Rule:
        """The rule of a check at a tier, its looks doubling from `seeds` to `limit`."""
        return Rule(region, confidence, estimator, look_sizes(seeds, limit, estimator))


@dataclass(frozen=True)
class Finding:
    """How one arm comes out. interval: None where too few seeds are in regime. remarks: what a reader should
    know.
    """

    outcome: ControlOutcome
    estimate: float | None = None
    interval: Interval | None = None
    reason: str = ""
    remarks: tuple[str, ...] = ()
    standard_error: float | None = None


def judge(
    values: Sequence[float],
    in_regime: Sequence[bool] | None,
    rule: Rule,
    look: int,
    seeds: Sequence[int] | None = None,
) -> Finding:
    """How an arm comes out at a look (from 0), from the values of all its seeds so far.

    Seeds out of regime are not judged; with fewer than three quarters in regime the arm is "out-of-regime". A
    value that is not finite, in regime or not, is an "error". seeds: of the values, to name them by (default: 0, 1, …).
    """
    wild = next((place for place, value in enumerate(values) if not math.isfinite(value)), None)
    if wild is not None:
        seed = wild if seeds is None else seeds[wild]
        return Finding("error", reason=f"the value of seed {seed} is {values[wild]}, not a finite number")
    judged = [value for value, inside in zip(values, in_regime or [True] * len(values), strict=True) if inside]
    error = error_at_look(rule.confidence, look, len(rule.looks))
    found = estimate(judged, rule.estimator, error)
    value = found.value if found else None
    interval = found.interval if found else None
    if 4 * len(judged) < 3 * len(values):
        reason = f"{len(judged)} of {len(values)} seeds are in regime, fewer than three quarters"
        return Finding("out-of-regime", value, interval, reason)
    if interval is None:
        fewest = fewest_values(rule.estimator, error)
        reason = f"{len(judged)} seeds in regime are too few: an interval of the {rule.estimator} takes {fewest}"
        return Finding("inconclusive", reason=reason)
    remarks: tuple[str, ...] = ()
    if len(judged) > 1 and interval[0] == interval[1] and min(judged) == max(judged):
        remarks = (f"all {len(judged)} seeds gave exactly the same value; seeds that do not matter are suspicious",)
    if rule.estimator == "every":
        return _judge_every(judged, value, interval, rule.region, remarks)
    compared = _compare(value, interval, rule, len(values), remarks)
    return replace(compared, standard_error=standard_error(judged, rule.estimator))


def looks_again(finding: Finding, rule: Rule, look: int, *, is_control: bool) -> bool:
    """Whether the arm takes more seeds after a look: while inconclusive and some are left.

    For a control, out of regime is an outcome of its own; for the main measurement it is one way to be
    inconclusive.
    """
    open_ended = ("inconclusive",) if is_control else ("inconclusive", "out-of-regime")
    return finding.outcome in open_ended and look + 1 < len(rule.looks)


def conclude(
    main: Finding, controls: Sequence[ControlResult], rivals: Sequence[RivalResult] = ()
) -> tuple[Outcome, str]:
    """The outcome of a check and, where it is no plain pass, the reason.

    In this order: an error of any arm; void, if a control came out otherwise than it says; the main
    measurement's, but a pass from which a rival is not excluded is inconclusive.
    """
    if main.outcome == "error":
        return "error", main.reason
    for kind, arms in (("control", controls), ("rival", rivals)):
        for arm in arms:
            if arm.outcome == "error":
                return "error", f"{kind} '{arm.name}': {arm.reason}"
    void = [_void(control) for control in controls if not control.as_expected]
    if void:
        return "void", "; ".join([*void, _why_void(controls)])
    if main.outcome == "out-of-regime":
        return "inconclusive", main.reason
    alike = [f"'{rival.name}'" for rival in rivals if not rival.excluded]
    if main.outcome == "pass" and alike:
        return "inconclusive", f"does not tell the law from {' and '.join(alike)}"
    return main.outcome, main.reason


def _void(control: ControlResult) -> str:
    found = "" if control.estimate is None else f", at {control.estimate:.6g}"
    return f"control '{control.name}' should come out '{control.expect}' and came out '{control.outcome}'{found}"


def _why_void(controls: Sequence[ControlResult]) -> str:
    wrong = [control.role for control in controls if not control.as_expected]
    if set(wrong) == {"positive"}:
        return "so the instrument could not have said yes"
    return "so the check could not have failed"


def excludes(finding: Finding, predicted: Interval) -> bool:
    """Whether the interval of an arm and what a rival predicts have nothing in common."""
    return finding.interval is not None and _disjoint(finding.interval, predicted)


def separation(finding: Finding, predicted: Interval) -> float | None:
    """How many standard errors of the estimate lie between it and the nearer end of what a rival predicts."""
    if finding.estimate is None or not finding.standard_error or not math.isfinite(finding.standard_error):
        return None
    low, high = predicted
    gap = max(low - finding.estimate, finding.estimate - high, 0.0)
    return gap / finding.standard_error


def _inside(inner: Interval, outer: Interval) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _disjoint(one: Interval, other: Interval) -> bool:
    return one[1] < other[0] or other[1] < one[0]


def _judge_every(
    judged: Sequence[float],
    value: float | None,
    interval: Interval,
    region: Interval,
    remarks: tuple[str, ...],
) -> Finding:
    outside = [value for value in judged if not _inside((value, value), region)]
    if not outside:
        return Finding("pass", value, interval, remarks=remarks)
    reason = (
        f"{len(outside)} of {len(judged)} seeds lie outside the accepted region ({describe(region)}), "
        f"the first at {outside[0]:.6g}"
    )
    return Finding("fail", value, interval, reason, remarks)


def _compare(value: float | None, interval: Interval, rule: Rule, seeds: int, remarks: tuple[str, ...]) -> Finding:
    if _inside(interval, rule.region):
        return Finding("pass", value, interval, remarks=remarks)
    said = f"the {100 * rule.confidence:g} % interval {describe(interval)}"
    accepted = f"the accepted region ({describe(rule.region)})"
    if _disjoint(interval, rule.region):
        return Finding("fail", value, interval, f"{said} lies outside {accepted}", remarks)
    reason = f"{said} is partly outside {accepted} after {seeds} seeds"
    return Finding("inconclusive", value, interval, reason, remarks)
