"""How kernels, features and weights move with width and time, at small widths."""

import pytest

from checkers.limits.tangent_kernel import movement_slope, time_exponent
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_024)))
WIDTHS = [32, 64, 128]


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def test_the_kernel_of_smooth_networks_moves_as_one_over_width() -> None:
    assert _mean(movement_slope(TRIALS, widths=WIDTHS).values) == pytest.approx(-1.0, abs=0.25)


def test_mean_field_scaling_keeps_features_and_kernel_moving_at_every_width() -> None:
    features = movement_slope(TRIALS, quantity="features", parameterisation="mean-field", widths=WIDTHS)
    kernel = movement_slope(TRIALS, parameterisation="mean-field", widths=WIDTHS)
    assert _mean(features.values) == pytest.approx(0.0, abs=0.08)
    assert _mean(kernel.values) > -0.3


def test_kinks_make_the_kernel_move_as_the_root_of_time() -> None:
    kinked = time_exponent(TRIALS, width=512, steps=[5, 10, 20, 40])
    smooth = time_exponent(TRIALS, activation="tanh", width=512, steps=[5, 10, 20, 40])
    assert _mean(kinked.values) < 0.75 < 0.85 < _mean(smooth.values)


def test_a_network_that_has_not_learned_is_out_of_regime() -> None:
    measured = movement_slope(TRIALS, widths=[32, 64], steps=1, step_size=1e-3)
    assert measured.in_regime is not None
    assert not any(measured.in_regime)
