"""Interpolants agree with linear functions everywhere and with any function at the nodes, and are linear between."""

import pytest
import torch
from torch import Tensor

from checkers.testbeds.finite_elements import interpolate

SOURCE = torch.Generator().manual_seed(0)


def curved(points: Tensor) -> Tensor:
    return torch.stack([points.square().sum(1), torch.sin(3 * points).prod(1)])


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_a_linear_function_is_its_own_interpolant(dimension: int) -> None:
    points = 2 * torch.rand(50, dimension, generator=SOURCE, dtype=torch.float64) - 1
    slope = torch.randn(2, dimension, generator=SOURCE, dtype=torch.float64)

    def linear(places: Tensor) -> Tensor:
        return slope @ places.mT + 0.3

    torch.testing.assert_close(interpolate(linear, 5, points), linear(points))


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_nodes_are_met_up_to_the_border(dimension: int) -> None:
    axis = torch.linspace(-1, 1, 5, dtype=torch.float64)
    nodes = torch.cartesian_prod(*[axis] * dimension).reshape(-1, dimension)
    torch.testing.assert_close(interpolate(curved, 4, nodes), curved(nodes))


def test_in_one_dimension_it_is_the_polygon_through_the_nodes() -> None:
    points = 2 * torch.rand(50, 1, generator=SOURCE, dtype=torch.float64) - 1
    left = ((points + 1) * 2).floor() / 2 - 1
    share = (points - left)[:, 0] * 2
    polygon = (1 - share) * curved(left) + share * curved(left + 0.5)
    torch.testing.assert_close(interpolate(curved, 4, points), polygon)
