"""Gradient descent against flows: the exponents of backward error analysis, on a small configuration."""

import pytest

from checkers.limits.step_size_expansion import distance_exponent
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = {"time": 2.0, "examples": 8, "dimension": 3, "width": 6}


@pytest.mark.parametrize(
    ("coefficient", "exponent"), [(0.0, 1.0), (0.25, 2.0), (-0.25, 1.0)], ids=["plain", "exact", "wrong-sign"]
)
def test_only_the_exact_coefficient_removes_the_first_order(coefficient: float, exponent: float) -> None:
    measured = distance_exponent(TRIALS, coefficient=coefficient, steps=[80, 160, 320], **SMALL)
    assert measured.values == pytest.approx([exponent] * 2, abs=0.1)


def test_around_the_stability_threshold_the_distance_falls_faster_than_the_step_size() -> None:
    seeds = Trials(tuple(range(200_000, 200_004)))
    measured = distance_exponent(seeds, time=12.0, steps=[20, 24, 28, 34])
    assert sum(measured.values) / len(seeds) > 1.3
    assert max(measured.panels[0].lines[0].high) < 0.8


def test_far_past_the_stability_threshold_the_distance_stays_finite_at_its_ceiling() -> None:
    measured = distance_exponent(TRIALS, steps=[4, 5, 6], **{**SMALL, "time": 40.0})
    assert all(abs(value) < 0.5 for value in measured.values)
