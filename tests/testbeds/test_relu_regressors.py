"""Flat ReLU networks against plain layers and automatic differentiation."""

import itertools

import torch
from torch import Tensor

from checkers.testbeds.relu_regressors import ReluRegressor

NETWORK = ReluRegressor((3, 5, 4, 1))
SEEDS = (100_000, 100_001)


def by_layers(parameters: Tensor, point: Tensor) -> Tensor:
    layers, place = point, 0
    for before, after in itertools.pairwise(NETWORK.widths):
        weight = parameters[place : place + after * before].view(after, before)
        bias = parameters[place + after * before : place + after * (before + 1)]
        place += after * (before + 1)
        layers = weight @ (layers if before == NETWORK.widths[0] else layers.relu()) + bias
    return layers.squeeze(0)


def test_outputs_and_jacobian_are_those_of_plain_layers() -> None:
    networks = NETWORK.draw(SEEDS, 2, stream="start")
    points = torch.rand(7, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    outputs, jacobian = NETWORK.jacobian(networks, points)
    over_points = torch.func.vmap(by_layers, (None, 0))
    torch.testing.assert_close(outputs, torch.func.vmap(over_points, (0, None))(networks, points))
    torch.testing.assert_close(NETWORK.outputs(networks, points), outputs)
    slope = torch.func.vmap(torch.func.grad(by_layers), (None, 0))
    torch.testing.assert_close(jacobian, torch.func.vmap(slope, (0, None))(networks, points))


def test_parameters_are_counted_with_biases() -> None:
    assert NETWORK.parameters == 5 * 4 + 4 * 6 + 1 * 5
    assert NETWORK.draw(SEEDS, 3, stream="start").shape == (6, NETWORK.parameters)


def test_every_first_unit_bends_inside_the_cube() -> None:
    network = ReluRegressor((2, 30, 1))
    parameters = network.draw(SEEDS, 4, stream="start")
    weight, bias = parameters[:, :60].unflatten(1, (30, 2)), parameters[:, 60:90]
    # Over the cube w·x + b ranges over b ± |w|₁: the border w·x + b = 0 lies inside where |b| < |w|₁.
    assert bool((bias.abs() < weight.abs().sum(2)).all())


def test_a_seeds_networks_do_not_depend_on_its_company() -> None:
    together = NETWORK.draw(SEEDS, 2, stream="start")
    torch.testing.assert_close(together[2:], NETWORK.draw(SEEDS[1:], 2, stream="start"))
    assert not torch.equal(together[0], together[1])
