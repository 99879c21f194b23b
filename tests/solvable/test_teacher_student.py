"""Runs fluctuate about the order-parameter equations as one over the root of the dimension, if samples are fresh."""

import numpy as np
import pytest

from checkers.solvable.teacher_student import OnlineRun, fluctuation_exponent
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_006)))
DIMENSIONS = [20, 60, 180]
FRESH = OnlineRun(step_size=0.5, horizon=2.0, runs=12)
REPEATED = OnlineRun(step_size=0.5, horizon=2.0, runs=12, samples="repeated", samples_per_dimension=0.5)


def test_deviations_fall_as_the_root_of_the_dimension() -> None:
    measured = fluctuation_exponent(TRIALS, dimensions=DIMENSIONS, setting=FRESH)
    assert np.mean(measured.values) == pytest.approx(-0.5, abs=0.12)


def test_repeated_samples_stay_away_from_the_equations() -> None:
    measured = fluctuation_exponent(TRIALS, dimensions=DIMENSIONS, setting=REPEATED)
    assert abs(np.mean(measured.values)) < 0.2
