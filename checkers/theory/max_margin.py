r"""The hard-margin direction of separable data: the shortest w with $y_i\,w\cdot x_i\ge1$ for all i."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Array = NDArray[np.float64]


def hard_margin_vector(signed_points: Array) -> Array:
    """The shortest w with `signed_points @ w` ≥ 1, shape `[d]`; signed_points: y_i·x_i, `[n, d]`.

    A least-distance problem, solved exactly by non-negative least squares (Lawson & Hanson 1974, chapter 23): with u
    the minimiser of ‖[Xᵀ; 1ᵀ]u − (0, …, 0, 1)‖ over u ≥ 0 and r its residual, w = −r_{1…d}/r_{d+1}. Raises
    ValueError where the points are not separable by a plane through the origin.
    """
    count, dimension = signed_points.shape
    system = np.vstack([signed_points.T, np.ones(count)])
    goal = np.zeros(dimension + 1)
    goal[-1] = 1.0
    solution, distance = nnls(system, goal, maxiter=100 * (count + dimension))
    if distance < 1e-9:
        raise ValueError("the points cannot be separated by a plane through the origin")
    residual = system @ solution - goal
    return np.asarray(-residual[:-1] / residual[-1])
