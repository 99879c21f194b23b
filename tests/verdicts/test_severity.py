"""What a hostile reader asks, answered from the record alone."""

from __future__ import annotations

from typing import Any

import pytest

from lawbook.evidence.past import Move, RegionPast
from lawbook.evidence.record import ControlResult, Environment, Record, RivalResult
from lawbook.registry.models import Check
from lawbook.verdicts.severity import distance_outside, needless_answers, room, severity

ENVIRONMENT = Environment(lawbook="0", python="3", torch="2", numpy="2", scipy="1", platform="p", device="d", threads=1)


def control(estimate: float | None = 3.0, accept: Any = (0.9, 1.1), **changes: Any) -> ControlResult:
    plain: dict[str, Any] = {
        "name": "c", "expect": "fail", "outcome": "fail", "as_expected": True, "params": {},
        "estimate": estimate, "accept": accept,
    }  # fmt: skip
    return ControlResult(**(plain | changes))


def record(**changes: Any) -> Record:
    plain: dict[str, Any] = {
        "claim": "a", "check": "b", "tier": "quick", "device_kind": "cpu", "outcome": "pass",
        "checker": "checkers.laws.a:b", "params": {}, "estimator": "mean", "confidence": 0.95,
        "accept": (0.9, 1.1), "predicted": 1.0, "estimate": 1.0, "interval": (0.98, 1.02),
        "seeds": list(range(8)), "values": [1.0] * 8, "controls": [control(1.4)],
        "rivals": [RivalResult(name="other", excluded=True, predicts=(2.0, 2.0), away=40.0)],
        "definition": "d", "code": "c", "environment": ENVIRONMENT, "started": "2026-11-26T00:00:00Z",
        "seconds": 1.0,
    }  # fmt: skip
    return Record(**(plain | changes))


def check(**changes: Any) -> Check:
    plain = {
        "name": "b", "checker": "checkers.laws.a:b", "observable": "x", "expect": {"equals": 1.0, "within": 0.1},
        "because": "theory", "varies": ["data"], "quick": {"seeds": 8, "timeout": 9},
        "controls": [{"name": "c", "why": "w", "params": {"a": 1}}],
    }  # fmt: skip
    return Check.model_validate(plain | changes)


def bad(of: Record, past: RegionPast | None = None, **changes: Any) -> str:
    return " ".join(answer.question for answer in severity(of, check(**changes), past).bad)


def moved(before: Any, after: Any, *, measurement: bool = False) -> RegionPast:
    return RegionPast("2026-11-26", (Move("2026-11-26", before, after, 3, measurement),))


def test_a_severe_check_has_no_bad_answer() -> None:
    assert bad(record()) == ""


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"interval": (0.999, 1.001)}, "How wide"),
        ({"interval": (0.91, 1.09)}, "How wide"),
        ({"interval": (1.03, 1.07), "estimate": 1.05}, "exact prediction"),
        ({"rivals": []}, "Which other answers"),
        ({"rivals": [RivalResult(name="other", excluded=False)]}, "Which other answers"),
        ({"rivals": [RivalResult(name="other", excluded=True, away=1.2)]}, "Which other answers"),
        ({"controls": [control(60.0)]}, "How far outside"),
        ({"controls": [control(1.4), control(5.0, (0.0, None), role="positive", expect="pass")]}, ""),
        ({"seeds": [0, 1, 2], "values": [1.0] * 3}, "How many seeds"),
    ],
)
def test_each_weakness_is_told(changes: dict[str, Any], word: str) -> None:
    assert word in bad(record(**changes))


def test_a_positive_control_deep_inside_is_told() -> None:
    deep = control(50.0, (10.0, None), role="positive", expect="pass", outcome="pass")
    assert "positive" in bad(record(controls=[control(1.4), deep]))


def test_what_varies_must_be_said() -> None:
    assert "What differs" in bad(record(), varies=[])


def test_room_is_measured_in_intervals_and_for_one_side_from_the_end() -> None:
    assert room(record()) == pytest.approx(5.0)
    assert room(record(accept=(None, 1.1))) == pytest.approx(2.5)
    assert room(record(accept=(0.9, None))) == pytest.approx(2.5)
    assert room(record(estimator="every")) == pytest.approx(2.0)
    assert room(record(interval=(1.0, 1.0))) is None
    assert room(record(interval=None)) is None


def test_a_control_is_measured_in_regions_and_inside_is_negative() -> None:
    assert distance_outside(control(1.3)) == pytest.approx(1.0)
    assert distance_outside(control(1.0)) == pytest.approx(-0.5)
    assert distance_outside(control(6.0, (None, 2.0))) == pytest.approx(2.0)
    assert distance_outside(control(None)) is None
    assert distance_outside(control(1.0, (None, None))) is None


def test_what_is_no_experiment_says_so_without_being_weak() -> None:
    answers = severity(record(method="identity", rivals=[]), check(method="identity")).answers
    assert answers[-1].answer == "no, an identity"
    assert not answers[-1].is_bad


@pytest.mark.parametrize("method", ["identity", "calculation"])
def test_what_is_no_experiment_is_not_asked_for_seeds_or_intervals_and_says_so(method: str) -> None:
    of = record(method=method, seeds=[0, 1, 2], interval=(0.999999, 1.000001), rivals=[])
    assert bad(of, method=method) == ""
    said = [answer.answer for answer in severity(of, check(method=method)).answers if answer.key in ("seeds", "width")]
    assert all("are not asked" in answer for answer in said)


def test_an_identity_must_say_what_varies_and_a_calculation_varies_nothing() -> None:
    assert "What differs" in bad(record(method="identity"), method="identity", varies=[])
    assert "What differs" not in bad(record(method="calculation"), method="calculation", varies=[])


EXACT: dict[str, Any] = {
    "accept": (None, 1e-9), "predicted": None, "estimator": "every", "estimate": 3e-16, "interval": (1e-16, 5e-16),
    "seeds": [0, 1, 2, 3],
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "is_asked"),
    [
        ({}, False),
        ({"accept": (2 - 1e-9, 2 + 1e-9), "predicted": 2.0, "estimate": 2.0, "interval": (2 - 1e-15, 2.0)}, False),
        ({"accept": (None, 1e-2)}, True),
        ({"estimate": 3e-8, "interval": (1e-8, 5e-8), "accept": (None, 1e-6)}, True),
        ({"accept": (0.999, 1.001), "predicted": 1.0, "estimate": 1.0, "interval": (1 - 1e-15, 1.0)}, True),
    ],
)
def test_what_is_exact_but_for_rounding_is_not_asked_how_it_scatters(changes: dict[str, Any], is_asked: bool) -> None:
    told = bad(record(**(EXACT | changes)))
    assert ("How far is the end" in told or "How wide" in told) == is_asked
    assert ("How many seeds" in told) == is_asked


@pytest.mark.parametrize(
    ("estimate", "interval", "is_bad"),
    [(-0.1, (-0.11, -0.09), False), (-1.0, (-1.01, -0.99), True), (0.04, (-0.09, 0.09), True)],
)
def test_what_fails_at_one_end_lies_beyond_it_by_some_intervals_and_not_by_many(
    estimate: float, interval: Any, is_bad: bool
) -> None:
    of = record(outcome="fail", accept=(0.05, None), predicted=None, estimate=estimate, interval=interval)
    assert ("How far is the end" in bad(of)) == is_bad
    assert any("beyond it" in answer.answer for answer in severity(of, check()).answers)


def test_a_fail_needs_no_rival_where_the_instrument_has_said_yes() -> None:
    yes = control(1.0, role="positive", expect="pass", outcome="pass")
    fails: dict[str, Any] = {"outcome": "fail", "estimate": 1.2, "interval": (1.18, 1.22), "rivals": []}
    assert "Which other answers" in bad(record(**fails))
    assert "Which other answers" not in bad(record(**fails, controls=[control(1.4), yes]))


@pytest.mark.parametrize(
    ("past", "outcome", "is_bad"),
    [
        (moved((0.8, 1.2), (0.9, 1.1)), "pass", False),
        (moved((0.8, 1.2), (0.9, 1.1)), "fail", True),
        (moved((0.9, 1.1), (0.8, 1.2)), "pass", True),
        (moved((0.9, 1.1), (0.8, 1.2)), "fail", False),
        (moved((0.8, 1.0), (0.9, 1.1)), "pass", True),
        (moved((0.9, 1.1), (4.5, 5.5), measurement=True), "pass", False),
        (moved((0.9, 1.1), (4.0, 6.0), measurement=True), "pass", True),
        (moved((-0.2, 0.2), (-0.1, 0.1), measurement=True), "pass", True),
        (moved((0.95, None), (None, 0.15), measurement=True), "pass", True),
    ],
)
def test_a_region_that_moved_is_a_bad_answer_where_it_may_have_helped_the_outcome(
    past: RegionPast, outcome: str, is_bad: bool
) -> None:
    yes = control(1.0, role="positive", expect="pass", outcome="pass")
    assert ("moved" in bad(record(outcome=outcome, controls=[control(1.4), yes]), past)) == is_bad


def test_a_rival_named_since_the_measurement_is_judged_on_its_numbers() -> None:
    late = {"name": "late", "predicts": 1.5, "why": "w"}
    of = record(rivals=[], standard_error=0.01)
    (answer,) = [found for found in severity(of, check(rivals=[late]), None, {"late": (1.5, 1.5)}).answers
                 if found.key == "rivals"]  # fmt: skip
    assert answer.answer == "late by 50 standard errors"
    assert not answer.is_bad


def test_a_bad_answer_that_the_claim_explains_stays_bad_and_is_open_no_more() -> None:
    asked = severity(record(rivals=[], seeds=[1, 2]), check(answers={"rivals": "None has\n been published."}))
    assert [answer.key for answer in asked.bad] == ["seeds", "rivals"]
    assert [answer.key for answer in asked.open] == ["seeds"]
    assert [answer.explanation for answer in asked.explained] == ["None has been published."]


def test_an_answer_to_what_is_well_answered_is_needless_unless_another_tier_needs_it() -> None:
    explains = check(answers={"rivals": "None has been published.", "seeds": "The runs are long."})
    quick, full = severity(record(), explains), severity(record(rivals=[]), explains)
    assert needless_answers(explains, [quick]) == ("seeds", "rivals")
    assert needless_answers(explains, [quick, full]) == ("seeds",)
