"""The data exponent of infinitely many modes, and what flattens the curve."""

import numpy as np
import pytest
import torch

from checkers.laws.scaling_law_data import learning_exponent
from checkers.settings.kernel_regression import sign_averaged_risk
from checkers.testbeds.gaussian_spectra import power_law_spectrum, power_law_tail
from checkers.testbeds.randomness import normal
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_012)))
SETTING = {"capacity": 1.5, "source": 0.25, "samples": [32, 64, 128], "modes": 512}


def mean_exponent(**changes: object) -> float:
    return float(np.mean(learning_exponent(TRIALS, **{**SETTING, **changes}).values))


@pytest.mark.parametrize(("source", "exponent"), [(0.25, 0.75), (0.5, 1.5), (1.5, 3.0)])
def test_the_exponent_is_twice_capacity_times_source_up_to_saturation(source: float, exponent: float) -> None:
    assert mean_exponent(source=source) == pytest.approx(exponent, rel=0.08)


@pytest.mark.parametrize("change", [{"permuted_target": True}, {"noise": 0.1}])
def test_scrambled_targets_and_noise_flatten_the_curve(change: dict[str, object]) -> None:
    assert mean_exponent(**change) < 0.6


def test_modes_that_are_not_drawn_act_as_a_ridge_and_as_noise() -> None:
    drawn, all_modes, samples, capacity, decay = 256, 8192, 32, 1.5, 1.75
    features = normal(TRIALS.seeds, (samples, all_modes), stream="features", dtype=torch.float64)
    spectrum, power = power_law_spectrum(all_modes, capacity), power_law_spectrum(all_modes, decay)
    ridge, noise = (power_law_tail(drawn, e) - power_law_tail(all_modes, e) for e in (capacity, decay))
    whole = sign_averaged_risk(features, spectrum, power, 0.0, 0.0)
    cut = sign_averaged_risk(features[..., :drawn], spectrum[:drawn], power[:drawn], ridge, noise)
    torch.testing.assert_close(cut.mean(), whole.mean(), rtol=0.02, atol=0)
