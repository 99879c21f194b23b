"""How an arm and a check come out."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawbook.evidence.record import ControlOutcome, ControlResult
from lawbook.verdicts.intervals import describe
from lawbook.verdicts.judgement import Finding, Rule, conclude, judge, looks_again

AROUND_ZERO = [-0.2, -0.1, 0.0, 0.1, 0.2, 0.05, -0.05, 0.15]


def rule(low: float, high: float, *, estimator: Any = "mean", confidence: float = 0.95, seeds: int = 8) -> Rule:
    return Rule.of((low, high), confidence, estimator, seeds, 4 * seeds)


def control(outcome: ControlOutcome, expect: Any = "fail") -> ControlResult:
    return ControlResult(
        name="broken",
        expect=expect,
        outcome=outcome,
        as_expected=outcome == expect,
        params={},
        reason="it fell",
    )


def test_an_interval_inside_the_region_passes() -> None:
    assert judge(AROUND_ZERO, None, rule(-1, 1), 0).outcome == "pass"


def test_an_interval_apart_from_the_region_fails() -> None:
    found = judge(AROUND_ZERO, None, rule(1, 2), 0)
    assert found.outcome == "fail"
    assert "outside the accepted region ([1, 2])" in found.reason


def test_an_interval_across_the_regions_end_is_inconclusive() -> None:
    found = judge(AROUND_ZERO, None, rule(0.0, 2), 0)
    assert found.outcome == "inconclusive"
    assert "after 8 seeds" in found.reason


def test_a_region_inside_the_interval_is_inconclusive() -> None:
    assert judge(AROUND_ZERO, None, rule(0.0, 0.02), 0).outcome == "inconclusive"


@pytest.mark.parametrize(("low", "high", "outcome"), [(-math.inf, 1, "pass"), (-math.inf, -1, "fail")])
def test_a_one_sided_region_is_an_interval_with_an_infinite_end(low: float, high: float, outcome: str) -> None:
    assert judge(AROUND_ZERO, None, rule(low, high), 0).outcome == outcome
    assert judge([-value for value in AROUND_ZERO], None, rule(-high, -low), 0).outcome == outcome


def test_a_point_on_the_regions_end_is_accepted() -> None:
    assert judge([1.0] * 8, None, rule(0, 1), 0).outcome == "pass"


@pytest.mark.parametrize("estimator", ["mean", "median", "every"])
def test_equal_values_are_remarked_upon(estimator: str) -> None:
    found = judge([0.5] * 8, None, rule(0, 1, estimator=estimator), 0)
    assert found.outcome == "pass"
    assert found.interval == (0.5, 0.5)
    assert "exactly the same value" in found.remarks[0]


def test_differing_values_are_not_remarked_upon() -> None:
    assert judge(AROUND_ZERO, None, rule(-1, 1), 0).remarks == ()


def test_seeds_out_of_regime_are_not_judged() -> None:
    values, in_regime = [*AROUND_ZERO[:6], 99.0, 99.0], [True] * 6 + [False] * 2
    assert judge(values, in_regime, rule(-1, 1), 0).outcome == "pass"
    assert judge(values, in_regime, rule(-1, 1, estimator="every"), 0).outcome == "pass"
    assert judge(values, None, rule(-1, 1), 0).outcome == "inconclusive"


def test_exactly_three_quarters_in_regime_are_enough_and_fewer_are_not() -> None:
    assert judge(AROUND_ZERO, [True] * 6 + [False] * 2, rule(-1, 1), 0).outcome == "pass"
    found = judge(AROUND_ZERO, [True] * 5 + [False] * 3, rule(-1, 1), 0)
    assert found.outcome == "out-of-regime"
    assert "5 of 8 seeds are in regime" in found.reason


def test_no_seed_in_regime_is_out_of_regime_and_no_crash() -> None:
    for estimator in ("mean", "median", "every"):
        found = judge(AROUND_ZERO, [False] * 8, rule(-1, 1, estimator=estimator), 0)
        assert found.outcome == "out-of-regime"
        assert found.estimate is None


def test_too_few_seeds_in_regime_for_an_interval_are_inconclusive() -> None:
    found = judge(AROUND_ZERO[:6], [True] * 5 + [False], rule(-1, 1, estimator="median", seeds=6), 0)
    assert found.outcome == "inconclusive"
    assert "too few" in found.reason


@pytest.mark.parametrize("wild", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("in_regime", [True, False])
def test_a_value_that_is_not_finite_is_an_error(wild: float, in_regime: bool) -> None:
    found = judge([*AROUND_ZERO[:7], wild], [True] * 7 + [in_regime], rule(-1, 1), 0)
    assert found.outcome == "error"
    assert "not a finite number" in found.reason


def test_every_seed_is_judged_on_its_own() -> None:
    judged_one_by_one = rule(-1, 1, estimator="every")
    assert judge([0.0] * 7 + [1.0], None, judged_one_by_one, 0).outcome == "pass"
    found = judge([0.0] * 7 + [1.1], None, judged_one_by_one, 0)
    assert found.outcome == "fail"
    assert "1 of 8 seeds" in found.reason


def test_seeds_double_only_while_inconclusive_and_below_the_limit() -> None:
    three_looks = rule(0, 1)
    unsure = Finding("inconclusive")
    assert looks_again(unsure, three_looks, 0, is_control=False)
    assert looks_again(unsure, three_looks, 1, is_control=True)
    assert not looks_again(unsure, three_looks, 2, is_control=False)
    for settled in ("pass", "fail", "error"):
        assert not looks_again(Finding(settled), three_looks, 0, is_control=False)


def test_out_of_regime_settles_a_control_but_not_the_main_measurement() -> None:
    found = Finding("out-of-regime")
    assert looks_again(found, rule(0, 1), 0, is_control=False)
    assert not looks_again(found, rule(0, 1), 0, is_control=True)


def test_later_looks_ask_for_more_confidence() -> None:
    widths = []
    for look in range(3):
        interval = judge(AROUND_ZERO, None, rule(-1, 1), look).interval
        assert interval is not None
        widths.append(interval[1] - interval[0])
    assert widths == sorted(widths)
    assert widths[0] < widths[2]


@pytest.mark.parametrize("outcome", ["pass", "fail", "inconclusive"])
def test_a_check_comes_out_as_its_main_measurement_where_the_controls_bite(outcome: Any) -> None:
    assert conclude(Finding(outcome), [control("fail"), control("out-of-regime", "out-of-regime")])[0] == outcome


def test_a_main_measurement_out_of_regime_is_inconclusive_with_that_reason() -> None:
    found = conclude(Finding("out-of-regime", reason="1 of 8 in regime"), [control("fail")])
    assert found == ("inconclusive", "1 of 8 in regime")


@pytest.mark.parametrize("main", ["pass", "fail", "inconclusive", "out-of-regime"])
@pytest.mark.parametrize(
    ("came_out", "expected"),
    [("pass", "fail"), ("inconclusive", "fail"), ("out-of-regime", "fail"), ("fail", "out-of-regime")],
)
def test_a_control_that_does_not_come_out_as_it_says_voids_the_check(main: Any, came_out: Any, expected: str) -> None:
    outcome, reason = conclude(Finding(main), [control("fail"), control(came_out, expected)])
    assert outcome == "void"
    assert f"should come out '{expected}' and came out '{came_out}'" in reason


def test_a_control_that_errors_makes_the_check_an_error_even_beside_a_void_one() -> None:
    assert conclude(Finding("pass"), [control("pass"), control("error")]) == (
        "error",
        "control 'broken': it fell",
    )


def test_an_error_of_the_main_measurement_comes_before_all_else() -> None:
    assert conclude(Finding("error", reason="NaN"), [control("pass")]) == ("error", "NaN")


def test_regions_are_described_in_words_a_reader_uses() -> None:
    assert describe((-math.inf, 2.0)) == "at most 2"
    assert describe((0.5, math.inf)) == "at least 0.5"
    assert describe((0.0, 1.0)) == "[0, 1]"


values_lists = st.lists(st.floats(-10, 10), min_size=8, max_size=8)
ends = st.tuples(st.floats(-10, 10), st.floats(-10, 10)).map(lambda pair: (min(pair), max(pair)))


@given(values_lists, ends, st.floats(0, 5), st.floats(0, 5), st.sampled_from(["mean", "median", "every"]))
def test_enlarging_the_region_never_turns_a_pass_into_anything_else_nor_an_open_end_into_a_fail(
    values: list[float], region: tuple[float, float], below: float, above: float, estimator: str
) -> None:
    order = {"fail": 0, "inconclusive": 1, "pass": 2}
    narrow = judge(values, None, rule(*region, estimator=estimator), 0).outcome
    wide = judge(values, None, rule(region[0] - below, region[1] + above, estimator=estimator), 0).outcome
    assert order[wide] >= order[narrow]


@given(values_lists, ends, st.sampled_from(["mean", "median"]))
def test_more_confidence_never_turns_an_open_outcome_into_a_settled_one(
    values: list[float], region: tuple[float, float], estimator: str
) -> None:
    loose = judge(values, None, rule(*region, estimator=estimator, confidence=0.9), 0).outcome
    strict = judge(values, None, rule(*region, estimator=estimator, confidence=0.97), 0).outcome
    assert strict in (loose, "inconclusive")
