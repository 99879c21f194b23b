"""Samples to find a direction grow with the dimension as the target's lowest Hermite degree says."""

import pytest

from checkers.solvable.hermite_target import excess_exponent
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_004)))


def mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize("degree", [1, 2])
def test_low_degrees_take_the_time_of_the_flow(degree: int) -> None:
    found = excess_exponent(TRIALS, degree=degree, dimensions=[16, 32, 64], step=0.1)
    assert mean(found.values) == pytest.approx(0.0, abs=0.08)
    assert all(found.in_regime or ())


def test_degree_three_takes_about_the_square_of_the_dimension() -> None:
    found = excess_exponent(TRIALS, degree=3, dimensions=[8, 16], step=0.3)
    assert mean(found.values) == pytest.approx(0.0, abs=0.4)


def test_a_linear_part_shortens_the_wait() -> None:
    given = {"degree": 3, "dimensions": [8, 16, 32], "step": 0.3}
    assert mean(excess_exponent(TRIALS, **given, linear_part=0.5, step_power=1.0).values) < -0.5


def test_too_few_steps_are_out_of_regime() -> None:
    found = excess_exponent(TRIALS, degree=2, dimensions=[16, 32], step=0.1, limit=0.1)
    assert not any(found.in_regime or ())
