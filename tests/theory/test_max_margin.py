"""The hard-margin vector against its optimality conditions, and against a general solver."""

import numpy as np
import pytest
from scipy.optimize import minimize

from checkers.theory.max_margin import hard_margin_vector


def separable_points(seed: int) -> np.ndarray:
    source = np.random.default_rng(seed)
    points = source.normal(size=(15, 4))
    points[:, 0] = np.abs(points[:, 0]) + 0.5
    return points


@pytest.mark.parametrize("seed", range(5))
def test_the_vector_is_the_shortest_with_unit_margins(seed: int) -> None:
    points = separable_points(seed)
    solved = minimize(
        lambda w: w @ w,
        np.eye(4)[0] * 3,
        jac=lambda w: 2 * w,
        constraints={"type": "ineq", "fun": lambda w: points @ w - 1, "jac": lambda w: points},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    np.testing.assert_allclose(hard_margin_vector(points), solved.x, atol=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_the_smallest_margin_is_one(seed: int) -> None:
    points = separable_points(seed)
    assert np.min(points @ hard_margin_vector(points)) == pytest.approx(1.0, rel=1e-9)


def test_points_around_the_origin_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be separated"):
        hard_margin_vector(np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]))
