"""The data exponent is that of the finite-size prediction, unless the target is scrambled or the labels noisy."""

import numpy as np
import pytest

from checkers.laws.scaling_law_data import exponent_ratio
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_006)))
SETTING = {"capacity": 1.5, "source": 0.25, "samples": [32, 64, 128], "modes": 512}


def test_the_measured_exponent_is_the_predicted_one() -> None:
    assert np.mean(exponent_ratio(TRIALS, **SETTING).values) == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize("change", [{"permuted_target": True}, {"noise": 0.1}])
def test_scrambled_targets_and_noise_flatten_the_curve(change: dict[str, object]) -> None:
    assert np.mean(exponent_ratio(TRIALS, **{**SETTING, **change}).values) < 0.8


def test_the_note_tells_the_asymptotic_exponent_apart() -> None:
    (note,) = exponent_ratio(TRIALS, **SETTING).notes
    assert "asymptotically 0.75" in note
