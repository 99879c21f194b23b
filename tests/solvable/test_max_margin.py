"""Logistic regression nears the hard-margin direction as one over log time; other losses and geometries do not."""

import numpy as np
import pytest

from checkers.solvable.max_margin import direction_exponent, loss_exponent
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_008)))
SETTING = {"points": 12, "dimension": 6, "gap": 1.0, "step_size": 0.1, "steps": 3000, "after": 50.0}


def test_the_angle_falls_as_one_over_log_time() -> None:
    assert np.median(direction_exponent(TRIALS, **SETTING).values) == pytest.approx(-1.0, abs=0.2)


@pytest.mark.parametrize("method", ["squared", "signs"])
def test_other_limits_keep_their_angle(method: str) -> None:
    assert abs(np.median(direction_exponent(TRIALS, **SETTING, method=method).values)) < 0.5


def test_the_loss_falls_as_one_over_time() -> None:
    assert loss_exponent(TRIALS, **SETTING).values == pytest.approx([-1.0] * 8, abs=0.01)
    assert loss_exponent(TRIALS, **SETTING, method="squared").values == pytest.approx([0.0] * 8, abs=0.05)
