"""Linearised training predicts wide networks, their own kernel better than that of infinite width."""

import pytest

from checkers.limits.linearised_training import gap_slope
from checkers.settings.kernel_movement import Setting
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_008)))
WIDTHS = [32, 128]


def mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def test_the_own_kernel_leaves_less_and_its_gap_falls_faster() -> None:
    own = mean(gap_slope(TRIALS, widths=WIDTHS).values)
    infinite = mean(gap_slope(TRIALS, widths=WIDTHS, kernel="infinite").values)
    assert own == pytest.approx(-1.0, abs=0.3)
    assert infinite == pytest.approx(-0.5, abs=0.3)


def test_in_mean_field_scaling_width_does_not_help() -> None:
    given = Setting(parameterisation="mean-field")
    assert mean(gap_slope(TRIALS, widths=WIDTHS, setting=given).values) > -0.2


def test_a_linear_network_of_one_layer_is_its_own_linearisation() -> None:
    found = gap_slope(TRIALS, widths=[4, 8], setting=Setting(hidden_layers=0))
    assert max(found.panels[0].lines[0].y) < 1e-6  # training and its linearisation round apart, in float32


def test_kernels_that_do_not_apply_are_refused() -> None:
    with pytest.raises(ValueError, match="'ntk' parameterisation"):
        gap_slope(TRIALS, widths=WIDTHS, kernel="infinite", setting=Setting(parameterisation="mean-field"))
    with pytest.raises(ValueError, match="same step size"):
        gap_slope(TRIALS, widths=WIDTHS, setting=Setting(parameterisation="mup"))
