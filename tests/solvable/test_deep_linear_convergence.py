"""Linear networks arrive, unless a mode is dead, the budget short, or the labels noisy."""

import pytest

from checkers.solvable.deep_linear_convergence import (
    escape_exponent,
    relative_excess_loss,
    stochastic_relative_excess_loss,
)
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))
DESCENT = {"modes": [3.0, 2.0], "width": 12, "init_scale": 0.02, "step_size": 0.02, "horizon": 8.0}
STOCHASTIC = {
    "modes": [3.0, 2.0],
    "width": 12,
    "init_scale": 0.02,
    "step_size": 0.02,
    "steps": 1200,
    "points": 32,
    "batch_size": 4,
}
ESCAPE = {
    "modes": [4.0, 2.0],
    "width": 12,
    "init_scales": [0.01, 0.02, 0.04],
    "step_size": 0.02,
    "horizon": 40.0,
}


def test_small_random_weights_reach_the_global_minimum() -> None:
    assert max(relative_excess_loss(TRIALS, **DESCENT).values) < 1e-8


def test_three_aligned_layers_reach_it_too() -> None:
    change = {"start": "aligned", "init_scale": 0.3}
    assert max(relative_excess_loss(TRIALS, **{**DESCENT, **change}).values) < 1e-8


def test_a_dead_mode_stays_dead() -> None:
    values = relative_excess_loss(TRIALS, **DESCENT, start="saddle").values
    assert values == pytest.approx([4 / 13] * 3, abs=1e-9)


def test_interpolating_data_are_learned_exactly_and_noisy_labels_leave_a_floor() -> None:
    assert max(stochastic_relative_excess_loss(TRIALS, **STOCHASTIC, label_noise=0.0).values) < 1e-8
    noisy = stochastic_relative_excess_loss(TRIALS, **STOCHASTIC, label_noise=0.5).values
    assert 1e-5 < min(noisy) <= max(noisy) < 0.1


def test_a_run_that_never_leaves_the_saddle_is_out_of_regime() -> None:
    assert escape_exponent(TRIALS, **ESCAPE, depth=3).in_regime == (True,) * 3
    assert escape_exponent(TRIALS, **{**ESCAPE, "horizon": 6.0}, depth=3).in_regime == (False,) * 3


@pytest.mark.parametrize(("depth", "low", "high"), [(3, -1.15, -0.85), (2, -0.45, -0.1)])
def test_escape_takes_a_power_of_the_scale_for_three_layers_only(depth: int, low: float, high: float) -> None:
    values = escape_exponent(TRIALS, **ESCAPE, depth=depth).values
    assert low < min(values) <= max(values) < high
