"""Sums of plane waves have the covariance of the field that they sample, and the derivatives that they say."""

import math
from collections.abc import Callable

import pytest
import torch

from checkers.testbeds.random_waves import draw_waves

SEEDS = tuple(range(100_000, 104_000))


@pytest.mark.parametrize(
    ("smoothness", "expected"),
    [
        (math.inf, lambda r: math.exp(-(r**2) / 2)),
        (0.5, lambda r: math.exp(-r)),
        (1.5, lambda r: (1 + math.sqrt(3) * r) * math.exp(-math.sqrt(3) * r)),
    ],
)
def test_covariance_is_gaussian_or_materns(smoothness: float, expected: Callable[[float], float]) -> None:
    target = draw_waves(SEEDS, 2, smoothness=smoothness, length=2.0, waves=16)
    points = torch.tensor([[0.3, -0.2], [0.3, 0.8], [1.5, 1.4]], dtype=torch.float64)
    values = target(points)
    covariance = (values[:, :1] * values).mean(0)
    distances = (points - points[0]).norm(dim=1) / 2.0
    wanted = torch.tensor([expected(float(r)) for r in distances], dtype=torch.float64)
    # Products of two unit normals scatter by up to √2 a draw: four standard errors over 4,000 draws.
    torch.testing.assert_close(covariance, wanted, atol=4 * math.sqrt(2 / len(SEEDS)), rtol=0)


def test_laplacian_is_the_sum_of_second_differences() -> None:
    target = draw_waves(SEEDS[:3], 2)
    point, step = torch.tensor([[0.1, -0.4]], dtype=torch.float64), 1e-3
    around = sum(target(point + sign * step * axis) for axis in torch.eye(2, dtype=torch.float64) for sign in (-1, 1))
    differences = (around - 4 * target(point)) / step**2
    torch.testing.assert_close(target.laplacian()(point), differences, atol=1e-4, rtol=1e-4)
