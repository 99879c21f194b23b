"""Fresh label noise moves descent along its minima; without it nothing moves."""

import pytest

from checkers.solvable.label_noise import decay_rate_ratio
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001))
SETTING = {"step_size": 0.1, "time": 3.0, "walkers": 200}


def test_the_imbalance_decays_at_the_predicted_rate() -> None:
    assert decay_rate_ratio(TRIALS, **SETTING).values == pytest.approx([1.0, 1.0], abs=0.03)
    bare = decay_rate_ratio(TRIALS, **SETTING, corrected=False).values
    assert bare == pytest.approx([1.12, 1.12], abs=0.05)


def test_without_label_noise_it_is_frozen() -> None:
    assert decay_rate_ratio(TRIALS, **SETTING, noise=0.0).values == pytest.approx([0.0, 0.0], abs=1e-9)
