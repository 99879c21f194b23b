"""Logistic regression nears the hard-margin direction as one over log time; other losses and geometries do not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from checkers.settings.separable_data import Descent
from checkers.solvable.max_margin import direction_exponent, loss_constant, loss_exponent
from lawbook import Measurement, Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_008)))
SETTING = Descent(points=12, dimension=6, gap=1.0, step_size=0.1, steps=3000)
PLAIN = replace(SETTING, step_size=1.0, steps=5000, pace="constant")
SQUARED = replace(SETTING, method="squared")
SIGNS = replace(SETTING, method="signs")


def test_the_angle_falls_as_one_over_log_time() -> None:
    values = direction_exponent(TRIALS, setting=SETTING, after=50.0).values
    assert np.median(values) == pytest.approx(-1.0, abs=0.2)


@pytest.mark.parametrize(("setting", "after"), [(SQUARED, 4.0), (SIGNS, 50.0)])
def test_other_limits_keep_their_angle(setting: Descent, after: float) -> None:
    measured = direction_exponent(TRIALS, setting=setting, after=after)
    assert abs(np.median(measured.values)) < 0.5
    assert measured.in_regime == (True,) * 8


def test_the_loss_of_plain_descent_falls_as_one_over_time() -> None:
    assert loss_exponent(TRIALS, setting=PLAIN, after=5.0).values == pytest.approx([-0.98] * 8, abs=0.03)


def test_a_floor_and_an_exponential_fall_are_told_from_it() -> None:
    squared = replace(PLAIN, method="squared", step_size=0.1)
    assert loss_exponent(TRIALS, setting=squared, after=4.0).values == pytest.approx([0.0] * 8, abs=0.05)
    signs = replace(PLAIN, method="signs", step_size=0.1)
    assert max(loss_exponent(TRIALS, setting=signs, after=4.0).values) < -10


def test_loss_times_time_rises_to_the_squared_length_of_the_hard_margin_vector_under_plain_descent() -> None:
    early = np.median(loss_constant(TRIALS, setting=replace(PLAIN, steps=200), after=3.0).values)
    late = np.median(loss_constant(TRIALS, setting=PLAIN, after=3.0).values)
    assert early < late < 1.005
    assert late > 0.9


@pytest.mark.parametrize("step_size", [0.05, 0.3])
def test_loss_times_time_tends_to_the_constant_of_the_hard_margin_at_any_step_size(step_size: float) -> None:
    setting = replace(SETTING, step_size=step_size)
    values = loss_constant(TRIALS, setting=setting, after=50.0).values
    assert np.median(values) == pytest.approx(1.0, abs=1e-4)
    flow = loss_constant(TRIALS, setting=setting, after=50.0, formula="flow").values
    assert np.median(flow) < 1 - step_size / 3


def test_other_losses_and_geometries_have_another_constant() -> None:
    squared = loss_constant(TRIALS, setting=SQUARED, after=4.0)
    assert min(squared.values) > 2
    assert squared.in_regime == (True,) * 8
    assert np.median(loss_constant(TRIALS, setting=SIGNS, after=50.0).values) < 0.9


@pytest.mark.parametrize("observable", [direction_exponent, loss_exponent, loss_constant])
def test_a_run_that_never_gets_late_is_out_of_regime(observable: Callable[..., Measurement]) -> None:
    assert observable(TRIALS, setting=SETTING, after=50.0).in_regime == (True,) * 8
    assert observable(TRIALS, setting=SQUARED, after=50.0).in_regime == (False,) * 8
