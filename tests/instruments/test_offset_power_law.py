"""Power laws of unknown offset against SciPy, and the trap that they are."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import curve_fit
from torch import Tensor

from checkers.instruments.offset_power_law import fit_power_law_with_offset

X = torch.logspace(1, 3, 12, dtype=torch.float64)


def noisy(runs: int, slope: float, noise: float, offset: float = 0.0, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    factors = torch.exp(noise * torch.randn(runs, len(X), generator=generator, dtype=torch.float64))
    return (offset + 3 * X**slope) * factors


def test_an_unknown_offset_of_either_sign_is_found_where_the_law_is_exact() -> None:
    y = torch.stack([5 + 3 * X**-0.8, -2 + 40 * X**-0.3, 1e-3 + X**-2.0])
    fit = fit_power_law_with_offset(X, y)
    expected = torch.tensor([-0.8, -0.3, -2.0], dtype=torch.float64)
    torch.testing.assert_close(fit.slope, expected, rtol=1e-4, atol=0)
    torch.testing.assert_close(fit.offset, torch.tensor([5.0, -2.0, 1e-3]).double(), rtol=1e-3, atol=0)
    torch.testing.assert_close(fit.factor, torch.tensor([3.0, 40.0, 1.0]).double(), rtol=1e-3, atol=0)


@pytest.mark.parametrize(("slope", "offset"), [(-0.8, 0.5), (-1.5, 0.01), (0.7, 2.0)])
def test_slope_and_error_agree_with_scipys_curve_fit(slope: float, offset: float) -> None:
    y = noisy(3, slope, 0.02, offset)
    fit = fit_power_law_with_offset(X, y)
    for run in range(3):

        def logarithm(x: np.ndarray, s: float, log_factor: float, c: float) -> np.ndarray:
            return np.log(np.maximum(c + np.exp(log_factor + s * np.log(x)), 1e-300))

        best, covariance = curve_fit(logarithm, X.numpy(), y[run].log().numpy(), p0=(slope, math.log(3), offset))
        assert fit.slope[run].item() == pytest.approx(best[0], rel=1e-4)
        assert fit.offset[run].item() == pytest.approx(best[2], rel=1e-2, abs=1e-4)
        assert fit.error[run].item() == pytest.approx(covariance[0, 0] ** 0.5, rel=1e-2)


def test_the_interval_covers_an_honest_laws_slope_and_few_are_suspect() -> None:
    fit = fit_power_law_with_offset(X, noisy(150, -0.8, 0.01, 0.2))
    covered = ((fit.low < -0.8) & (fit.high > -0.8)).double().mean().item()
    assert covered == pytest.approx(0.95, abs=0.04)
    assert fit.converged.all()


def test_a_sum_of_two_power_laws_is_precise_wrong_and_suspect() -> None:
    y = (2 * X**-0.5 + 30 * X**-1.5).unsqueeze(0)
    fit = fit_power_law_with_offset(X, y)
    assert fit.high.item() < -0.55
    assert bool(fit.suspect)
    assert abs(fit.slope_of_larger_half + 0.5).item() < abs(fit.slope + 0.5).item()


def test_units_do_not_matter() -> None:
    y = noisy(2, -0.8, 0.01, 0.2)
    before, after = fit_power_law_with_offset(X, y), fit_power_law_with_offset(X * 1e6, y * 1e-8)
    torch.testing.assert_close(after.slope, before.slope, rtol=1e-4, atol=0)
    torch.testing.assert_close(after.offset, before.offset * 1e-8, rtol=1e-3, atol=0)


def test_a_run_without_logarithms_is_flagged_and_others_are_not() -> None:
    y = noisy(2, -0.8, 0.01, 0.2)
    y[0, 2] = -1
    fit = fit_power_law_with_offset(X, y)
    assert fit.converged.tolist() == [False, True]
    assert fit.slope.isnan().tolist() == [True, False]


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        fit_power_law_with_offset(X[:7], noisy(1, -1, 0.1)[:, :7])
