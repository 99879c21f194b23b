"""Random ReLU networks against the arc-cosine kernels."""

import pytest

from checkers.limits.random_kernels import fluctuation_ratio, kernel_error_slope
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_064)))


def test_the_error_of_the_kernel_falls_as_the_root_of_width() -> None:
    measured = kernel_error_slope(TRIALS, widths=[32, 64, 128], examples=6)
    assert sum(measured.values) / len(TRIALS) == pytest.approx(-0.5, abs=0.12)


def test_the_kernel_of_another_depth_is_not_approached() -> None:
    measured = kernel_error_slope(TRIALS, widths=[32, 64, 128], theory_layers=1, examples=6)
    assert sum(measured.values) / len(TRIALS) > -0.4


def test_one_layer_fluctuates_by_what_independent_units_give_and_two_by_more() -> None:
    one = fluctuation_ratio(TRIALS, widths=[8, 16, 32], examples=6)
    two = fluctuation_ratio(TRIALS, widths=[8, 16, 32], hidden_layers=2, examples=6)
    assert sum(one.values) / len(TRIALS) == pytest.approx(1.0, abs=0.2)
    assert sum(two.values) > 1.2 * sum(one.values)
