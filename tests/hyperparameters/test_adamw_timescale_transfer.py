"""Which time scale of decay trains equally well at two step sizes, on few short runs."""

from statistics import mean
from typing import Any

from checkers.hyperparameters.adamw_timescale_transfer import timescale_drift
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_004)))
SMALL: dict[str, Any] = {
    "step_sizes": [0.004, 0.032],
    "timescales": [0.25, 0.5, 1.0, 2.0, 4.0, 8.0],
    "epochs": 10,
}


def test_with_normalised_weights_the_time_scale_stays_and_without_it_falls_with_the_step_size() -> None:
    assert abs(mean(timescale_drift(TRIALS, **SMALL).values)) < 0.4
    assert mean(timescale_drift(TRIALS, normalised=False, **SMALL).values) < -0.5


def test_a_seed_that_never_reaches_the_level_is_out_of_regime() -> None:
    measured = timescale_drift(TRIALS, **{**SMALL, "epochs": 1}, level=0.01)
    assert measured.in_regime == (False,) * 4
