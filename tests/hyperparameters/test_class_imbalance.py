"""Descent takes classes in order of frequency, sign descent all at once."""

import pytest

from checkers.hyperparameters.class_imbalance import time_exponent
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001))


def test_times_are_inverse_to_frequency_under_descent_alone() -> None:
    descent = time_exponent(TRIALS, optimiser="descent", classes=32, step_size=4.0, steps=400)
    assert descent.values == pytest.approx([1.0, 1.0], abs=0.1)
    assert descent.in_regime == (True, True)
    sign = time_exponent(TRIALS, optimiser="sign descent", classes=32, step_size=0.02, steps=400)
    assert sign.values == pytest.approx([0.0, 0.0], abs=0.05)


def test_a_class_that_is_never_fitted_is_out_of_regime() -> None:
    assert time_exponent(TRIALS, optimiser="descent", classes=32, step_size=4.0, steps=20).in_regime == (
        False,
        False,
    )
