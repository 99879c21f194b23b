"""Runs fluctuate about the order-parameter equations as one over the root of the dimension, if samples are fresh."""

import numpy as np
import pytest

from checkers.solvable.teacher_student import fluctuation_exponent
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_006)))
SETTING = {"dimensions": [20, 60, 180], "runs": 12, "step_size": 0.5, "horizon": 2.0}


def test_deviations_fall_as_the_root_of_the_dimension() -> None:
    measured = fluctuation_exponent(TRIALS, **SETTING)
    assert np.mean(measured.values) == pytest.approx(-0.5, abs=0.12)


def test_repeated_samples_stay_away_from_the_equations() -> None:
    repeated = fluctuation_exponent(TRIALS, **SETTING, samples="repeated", samples_per_dimension=0.5)
    assert abs(np.mean(repeated.values)) < 0.2
