"""Logistic regression nears the hard-margin direction as one over log time; other losses and geometries do not."""

from collections.abc import Callable

import numpy as np
import pytest

from checkers.solvable.max_margin import direction_exponent, loss_constant, loss_exponent
from lawbook import Measurement, Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_008)))
SETTING = {"points": 12, "dimension": 6, "gap": 1.0, "step_size": 0.1, "steps": 3000, "after": 50.0}


def test_the_angle_falls_as_one_over_log_time() -> None:
    assert np.median(direction_exponent(TRIALS, **SETTING).values) == pytest.approx(-1.0, abs=0.2)


@pytest.mark.parametrize(("method", "after"), [("squared", 4.0), ("signs", 50.0)])
def test_other_limits_keep_their_angle(method: str, after: float) -> None:
    measured = direction_exponent(TRIALS, **{**SETTING, "after": after}, method=method)
    assert abs(np.median(measured.values)) < 0.5
    assert measured.in_regime == (True,) * 8


def test_the_loss_falls_as_one_over_time() -> None:
    assert loss_exponent(TRIALS, **SETTING).values == pytest.approx([-1.0] * 8, abs=0.01)
    assert loss_exponent(TRIALS, **SETTING, method="squared").values == pytest.approx([0.0] * 8, abs=0.05)


@pytest.mark.parametrize("step_size", [0.05, 0.3])
def test_loss_times_time_tends_to_the_constant_of_the_hard_margin_at_any_step_size(step_size: float) -> None:
    measured = loss_constant(TRIALS, **{**SETTING, "step_size": step_size})
    assert np.median(measured.values) == pytest.approx(1.0, abs=1e-4)


def test_other_losses_and_geometries_have_another_constant() -> None:
    squared = loss_constant(TRIALS, **{**SETTING, "after": 4.0}, method="squared")
    assert min(squared.values) > 2
    assert squared.in_regime == (True,) * 8
    assert np.median(loss_constant(TRIALS, **SETTING, method="signs").values) < 0.9


@pytest.mark.parametrize("observable", [direction_exponent, loss_exponent, loss_constant])
def test_a_run_that_never_gets_late_is_out_of_regime(observable: Callable[..., Measurement]) -> None:
    assert observable(TRIALS, **SETTING).in_regime == (True,) * 8
    assert observable(TRIALS, **SETTING, method="squared").in_regime == (False,) * 8
