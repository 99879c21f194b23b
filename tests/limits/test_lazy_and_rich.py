"""Kernel movement over output scale, width and step size, at small widths."""

import pytest

from checkers.limits.lazy_and_rich import boundary_exponent, movement_exponent
from checkers.settings.kernel_movement import Setting
from lawbook import Trials

MEAN_FIELD = Setting(hidden_layers=1, centre=True, parameterisation="mean-field")
TRIALS = Trials(tuple(range(200_000, 200_006)))


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def test_large_output_scales_make_the_kernel_move_inversely() -> None:
    lazy = movement_exponent(TRIALS, output_scales=[8.0, 16.0, 32.0], width=64)
    assert _mean(lazy.values) == pytest.approx(-1.0, abs=0.15)


def test_small_output_scales_and_uncentred_outputs_break_the_inverse_law() -> None:
    small = movement_exponent(TRIALS, output_scales=[0.25, 0.5, 1.0], width=128)
    uncentred = movement_exponent(TRIALS, output_scales=[8.0, 16.0, 32.0], width=64, setting=Setting())
    assert _mean(small.values) < -1.4
    assert _mean(uncentred.values) > -0.5


def test_the_border_falls_with_width_in_one_scaling_and_not_in_the_other() -> None:
    scales = [0.0442, 0.0625, 0.0884, 0.125, 0.1768, 0.25, 0.3536, 0.5, 0.7071, 1.0]
    falling = boundary_exponent(TRIALS, output_scales=scales, widths=[32, 128])
    scales = [0.25, 0.5, 0.7071, 1.0, 1.4142, 2.0, 4.0, 8.0]
    level = boundary_exponent(TRIALS, output_scales=scales, widths=[32, 128], setting=MEAN_FIELD)
    assert _mean(falling.values) == pytest.approx(-0.5, abs=0.15)
    assert _mean(level.values) == pytest.approx(0.0, abs=0.15)
