"""How kernels, features and weights move with width and time, at small widths."""

from dataclasses import replace

import pytest

from checkers.limits.tangent_kernel import (
    disagreement_slope,
    flip_one_sidedness,
    movement_slope,
    time_exponent,
)
from checkers.settings.kernel_movement import Setting
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_024)))
MEAN_FIELD = Setting(parameterisation="mean-field")
SMOOTH = Setting(hidden_layers=1, centre=True, examples=48, step_size=0.1)
RELU = Setting(activation="relu", hidden_layers=1, centre=True, step_size=0.2, steps=10)
WIDTHS = [32, 64, 128]


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def test_the_kernel_of_smooth_networks_moves_as_one_over_width() -> None:
    assert _mean(movement_slope(TRIALS, widths=WIDTHS).values) == pytest.approx(-1.0, abs=0.25)


def test_mean_field_scaling_keeps_features_and_kernel_moving_at_every_width() -> None:
    features = movement_slope(TRIALS, quantity="features", setting=MEAN_FIELD, widths=WIDTHS)
    kernel = movement_slope(TRIALS, setting=MEAN_FIELD, widths=WIDTHS)
    assert _mean(features.values) == pytest.approx(0.0, abs=0.08)
    assert _mean(kernel.values) > -0.3


def test_kinks_make_the_kernel_move_as_the_root_of_time() -> None:
    kinked = time_exponent(TRIALS, width=512, steps=[5, 10, 20, 40])
    smooth = time_exponent(TRIALS, setting=SMOOTH, width=512, steps=[5, 10, 20, 40])
    assert _mean(kinked.values) < 0.75 < 0.85 < _mean(smooth.values)


def test_a_network_that_has_not_learned_is_out_of_regime() -> None:
    measured = movement_slope(TRIALS, widths=[32, 64], setting=Setting(steps=1, step_size=1e-3))
    assert measured.in_regime is not None
    assert not any(measured.in_regime)


def test_networks_agree_on_what_they_learn_in_mean_field_scaling_alone() -> None:
    few = Trials(TRIALS.seeds[:6])
    assert _mean(disagreement_slope(few, widths=WIDTHS).values) == pytest.approx(-0.5, abs=0.2)
    assert _mean(disagreement_slope(few, widths=WIDTHS, setting=Setting()).values) > -0.2


def test_the_share_of_flips_falls_as_the_root_of_width() -> None:
    flips = movement_slope(TRIALS, quantity="flips", widths=[128, 512, 2048], setting=RELU)
    assert _mean(flips.values) == pytest.approx(-0.5, abs=0.12)


def test_flips_along_a_random_line_have_independent_signs() -> None:
    measured = flip_one_sidedness(TRIALS, width=2048, setting=replace(RELU, scrambled=True))
    assert _mean(measured.values) == pytest.approx(1.0, abs=0.3)
