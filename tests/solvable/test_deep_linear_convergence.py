"""Linear networks arrive, unless a mode is dead or reversed, the network too narrow, or the labels noisy."""

import pytest

from checkers.settings.linear_modes import LinearModes
from checkers.solvable.deep_linear_convergence import (
    Data,
    escape_exponent,
    label_noise_floor,
    relative_excess_loss,
    stochastic_relative_excess_loss,
)
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))
SETTING = LinearModes((3.0, 2.0), width=12, step_size=0.02)
DESCENT = {"setting": SETTING, "init_scale": 0.02, "horizon": 8.0}
STOCHASTIC = {"setting": SETTING, "init_scale": 0.02, "horizon": 24.0}
ALIGNED = {"setting": SETTING, "init_scale": 0.3, "horizon": 8.0}
ESCAPE = {
    "setting": LinearModes((4.0, 2.0), width=12, step_size=0.02),
    "init_scales": [0.01, 0.02, 0.04],
    "horizon": 40.0,
}
WITHOUT_WEAKEST = pytest.approx([4 / 13] * 3, abs=1e-3)


def test_small_random_weights_reach_the_global_minimum() -> None:
    assert max(relative_excess_loss(TRIALS, **DESCENT).values) < 1e-8


def test_three_aligned_layers_reach_it_too() -> None:
    assert max(relative_excess_loss(TRIALS, **ALIGNED, start="aligned", misalignment=0.05).values) < 1e-8


def test_a_dead_mode_stays_dead() -> None:
    dead = relative_excess_loss(TRIALS, **DESCENT, start="random, weakest mode dead")
    assert dead.values == WITHOUT_WEAKEST


def test_a_reversed_mode_of_balanced_layers_goes_to_the_saddle_at_zero() -> None:
    reversed_mode = relative_excess_loss(TRIALS, **{**ALIGNED, "horizon": 60.0}, start="aligned, weakest mode reversed")
    assert reversed_mode.values == WITHOUT_WEAKEST


def test_a_network_narrower_than_the_rank_misses_the_weakest_mode() -> None:
    narrow = LinearModes((3.0, 2.0), width=1, step_size=0.02)
    values = relative_excess_loss(TRIALS, **{**DESCENT, "setting": narrow, "horizon": 30.0}).values
    assert values == WITHOUT_WEAKEST


def test_interpolating_data_are_learned_exactly_and_noisy_labels_leave_a_floor() -> None:
    assert max(stochastic_relative_excess_loss(TRIALS, **STOCHASTIC, data=Data(32, 4)).values) < 1e-8
    noisy = stochastic_relative_excess_loss(TRIALS, **STOCHASTIC, data=Data(32, 4, label_noise=0.5)).values
    assert 1e-5 < min(noisy) <= max(noisy) < 0.1


@pytest.mark.parametrize("batch_size", [4, 16])
def test_the_floor_is_step_size_times_noise_over_batch(batch_size: int) -> None:
    setting = LinearModes((3.0, 2.0), width=12, step_size=0.01)
    data = Data(512, batch_size, label_noise=0.5)
    floor = label_noise_floor(TRIALS, setting=setting, init_scale=0.02, horizon=60.0, data=data).values
    assert sum(floor) / 3 == pytest.approx(0.01 * 0.25 / batch_size, rel=0.25)


def test_a_run_that_never_leaves_the_saddle_is_out_of_regime() -> None:
    assert escape_exponent(TRIALS, **ESCAPE, depth=3).in_regime == (True,) * 3
    assert escape_exponent(TRIALS, **{**ESCAPE, "horizon": 6.0}, depth=3).in_regime == (False,) * 3


@pytest.mark.parametrize(("depth", "low", "high"), [(3, -1.15, -0.85), (2, -0.45, -0.1)])
def test_escape_takes_a_power_of_the_scale_for_three_layers_only(depth: int, low: float, high: float) -> None:
    values = escape_exponent(TRIALS, **ESCAPE, depth=depth).values
    assert low < min(values) <= max(values) < high


def test_four_layers_take_the_square_of_the_scale() -> None:
    four = {**ESCAPE, "init_scales": [0.04, 0.06, 0.08]}
    assert escape_exponent(TRIALS, **four, depth=4).values == pytest.approx([-2.0] * 3, abs=0.2)
