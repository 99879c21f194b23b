"""Random ReLU networks against the arc-cosine kernels."""

import pytest

from checkers.limits.random_kernels import excess_kurtosis, fluctuation_ratio, kernel_error_slope
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_064)))


FEW = Trials(TRIALS.seeds[:8])
SMALL = {"widths": [32, 64, 128], "examples": 6, "draws": 16}


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def test_the_error_of_the_kernel_falls_as_the_root_of_width() -> None:
    assert _mean(kernel_error_slope(FEW, **SMALL).values) == pytest.approx(-0.5, abs=0.12)


def test_units_that_share_weights_do_not_approach_the_kernel() -> None:
    assert _mean(kernel_error_slope(FEW, **SMALL, shared=0.3).values) > -0.3


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_outputs_have_the_excess_kurtosis_of_products_of_layers(layers: int) -> None:
    measured = excess_kurtosis(FEW, width=16, hidden_layers=layers)
    assert _mean(measured.values) == pytest.approx(3 * ((1 + 5 / 16) ** layers - 1), rel=0.15)


def test_outputs_of_one_network_with_fresh_readouts_are_gaussian() -> None:
    assert _mean(excess_kurtosis(FEW, width=16, frozen=True).values) == pytest.approx(0.0, abs=0.03)


def test_one_layer_fluctuates_by_what_independent_units_give_and_two_by_more() -> None:
    one = fluctuation_ratio(TRIALS, widths=[8, 16, 32], examples=6)
    two = fluctuation_ratio(TRIALS, widths=[8, 16, 32], hidden_layers=2, examples=6)
    assert sum(one.values) / len(TRIALS) == pytest.approx(1.0, abs=0.2)
    assert sum(two.values) > 1.2 * sum(one.values)
