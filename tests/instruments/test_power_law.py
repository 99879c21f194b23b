"""Power-law slopes against SciPy, their coverage, and the traps of a free offset."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress
from torch import Tensor

from checkers.instruments.power_law import fit_power_law

X = torch.logspace(1, 3, 12, dtype=torch.float64)


def noisy(runs: int, slope: float, noise: float, offset: float = 0.0, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    factors = torch.exp(noise * torch.randn(runs, len(X), generator=generator, dtype=torch.float64))
    return offset + 3 * X**slope * factors


def test_slope_error_and_factor_agree_with_scipy() -> None:
    y = noisy(4, -0.7, 0.1)
    fit = fit_power_law(X, y)
    for run in range(4):
        expected = linregress(X.log().numpy(), y[run].log().numpy())
        assert fit.slope[run].item() == pytest.approx(expected.slope)
        assert fit.error[run].item() == pytest.approx(expected.stderr)
        assert fit.factor[run].item() == pytest.approx(math.exp(expected.intercept))


def test_the_interval_covers_the_true_slope_as_often_as_it_says() -> None:
    fit = fit_power_law(X, noisy(2000, -0.5, 0.2), confidence=0.9)
    covered = ((fit.low < -0.5) & (fit.high > -0.5)).double().mean().item()
    assert covered == pytest.approx(0.9, abs=0.03)


@settings(deadline=None, max_examples=25)
@given(st.floats(1e-8, 1e8), st.floats(1e-6, 1e6), st.floats(-3, 3))
def test_units_do_not_matter_to_the_slope(x_unit: float, y_unit: float, slope: float) -> None:
    y = noisy(1, slope, 0.05)
    before, after = fit_power_law(X, y), fit_power_law(X * x_unit, y * y_unit)
    torch.testing.assert_close(after.slope, before.slope, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(after.error, before.error, rtol=1e-6, atol=1e-8)


def test_a_known_offset_is_taken_off_run_by_run() -> None:
    offsets = torch.tensor([2.0, -1.0], dtype=torch.float64)
    y = offsets.unsqueeze(1) + 3 * X**-1.5
    torch.testing.assert_close(fit_power_law(X, y, offset=offsets).slope, torch.full((2,), -1.5).double())
    assert fit_power_law(X, y[:1]).slope.item() > -0.5


def test_a_bend_shows_as_a_change_of_slope() -> None:
    t = X.log()
    bent = torch.exp(-t - 0.1 * t**2 + 0.001 * torch.sin(50 * t)).unsqueeze(0)
    fit = fit_power_law(X, bent)
    assert fit.slope_change.item() == pytest.approx(-0.2 * (t[-1] - t[0]).item(), rel=0.01)
    assert abs(fit.slope_change / fit.slope_change_error).item() > 10
    straight = fit_power_law(X, noisy(500, -1.0, 0.1))
    assert (straight.slope_change / straight.slope_change_error).std().item() < 1.5


@pytest.mark.parametrize("spoiled", [math.nan, math.inf, 0.0, -1.0])
def test_a_run_with_a_value_that_has_no_logarithm_is_flagged_and_others_are_not(spoiled: float) -> None:
    y = noisy(2, -1.0, 0.1)
    y[0, 3] = spoiled
    fit = fit_power_law(X, y)
    assert fit.valid.tolist() == [False, True]
    assert fit.slope.isnan().tolist() == [True, False]


def test_too_few_points_or_x_without_logarithms_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        fit_power_law(X[:2], noisy(1, -1, 0.1)[:, :2])
    with pytest.raises(ValueError, match="positive"):
        fit_power_law(X - 10, noisy(1, -1, 0.1))
