"""The free-knot error against least-squares splines on grids of knots."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from checkers.theory.free_knot_splines import free_knot_error

GRID = (np.arange(20_000) + 0.5) / 10_000 - 1  # midpoints over [−1, 1]


def spline_error(values: NDArray[np.float64], knots: NDArray[np.float64]) -> float:
    """Mean squared error of the best continuous piecewise linear function with these knots, ends included."""
    hats = np.stack([np.interp(GRID, knots, row) for row in np.eye(len(knots))], 1)
    residual = values - hats @ np.linalg.lstsq(hats, values, rcond=None)[0]
    return float(np.square(residual).mean())


def predicted(curvature: NDArray[np.float64], pieces: int) -> float:
    sizes = torch.tensor([float(pieces)], dtype=torch.float64)
    return float(free_knot_error(torch.as_tensor(curvature)[None], 2.0, sizes))


def test_a_parabola_is_followed_equally_well_everywhere_at_the_stated_error() -> None:
    error = spline_error(GRID**2, np.linspace(-1, 1, 9))
    assert predicted(np.full_like(GRID, 2.0), 8) == pytest.approx(error, rel=1e-4)


def test_knots_as_dense_as_curvature_to_two_fifths_reach_it_and_equal_ones_do_not() -> None:
    values, curvature = np.exp(3 * GRID), 9 * np.exp(3 * GRID)
    least = predicted(curvature, 32)
    share = np.cumsum(curvature**0.4) / np.sum(curvature**0.4)
    knots = np.interp(np.linspace(0, 1, 33), share, GRID)
    knots[0], knots[-1] = -1, 1
    assert spline_error(values, knots) == pytest.approx(least, rel=0.03)
    assert spline_error(values, np.linspace(-1, 1, 33)) > 3 * least
