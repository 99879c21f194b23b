"""Descent's moments approach those of its diffusion with the order that theory says."""

import pytest

from checkers.limits.stochastic_modified import error_exponent, sampled_second_moment
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_006)))
STEPS = [80, 160, 320]


def mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize(("coefficient", "order"), [(0.25, 2.0), (0.5, 1.1), (0.0, 0.95)])
def test_only_a_quarter_is_of_second_order(coefficient: float, order: float) -> None:
    found = error_exponent(TRIALS, quantity="second moment", coefficient=coefficient, steps=STEPS)
    assert mean(found.values) == pytest.approx(order, abs=0.1)


def test_the_covariance_needs_the_noise() -> None:
    given = {"quantity": "covariance", "coefficient": 0.0, "steps": STEPS}
    assert mean(error_exponent(TRIALS, **given).values) == pytest.approx(1.0, abs=0.03)
    assert mean(error_exponent(TRIALS, **given, told_noise=0.0).values) == pytest.approx(0.0, abs=1e-6)


def test_sampled_descent_has_the_moments_of_the_diffusion() -> None:
    given = {"step_size": 0.1, "time": 1.0, "batch": 2, "told_batch": 2, "start": 1.0}
    assert mean(sampled_second_moment(TRIALS, **given).values) == pytest.approx(1.0, abs=0.015)


def test_batches_without_replacement_have_less_noise() -> None:
    given = {"step_size": 0.1, "time": 3.2, "batch": 2, "told_batch": 2, "start": 0.0}
    assert mean(sampled_second_moment(TRIALS, **given, replacement=False).values) < 0.9
