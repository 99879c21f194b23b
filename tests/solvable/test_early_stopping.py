"""Stopped descent against ridge: bounded by the theorem's constant, which one eigenvalue attains."""

import math

import pytest

from checkers.solvable.early_stopping import largest_risk_ratio
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001))


def filter_ratio(x: float, factor: float = 1.0) -> float:
    return ((1 - math.exp(-x)) * (factor + x) / x) ** 2


@pytest.mark.parametrize(("time", "factor"), [(1.8, 1.0), (0.9, 1.0), (0.9, 2.0)])
def test_without_a_signal_it_is_the_ratio_of_two_filters(time: float, factor: float) -> None:
    values = largest_risk_ratio(
        TRIALS, samples=4000, dimension=5, times=[time], signal=0.0, step_size=0.01, penalty_factor=factor
    ).values
    assert values == pytest.approx([filter_ratio(time, factor)] * 2, rel=0.02)


def test_with_a_signal_and_any_design_the_bound_holds() -> None:
    given = {"samples": 40, "dimension": 10, "times": [0.1, 1.0, 10.0], "decay": 1.0}
    assert max(largest_risk_ratio(TRIALS, **given).values) < 1.69
    assert min(largest_risk_ratio(TRIALS, **given, signal=0.0, penalty_power=2.0).values) > 10
