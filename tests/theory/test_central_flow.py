"""The central flow's parts on losses whose answers are known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from checkers.instruments.curvature import dense_hessian, hessian_eigenpairs
from checkers.theory.central_flow import FlowPoint, central_flow_step, curvature_slopes

RUNS = 2


def _draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _loss(parameters: dict[str, Tensor]) -> Tensor:
    hidden = torch.tanh(_draw(1, 9, 3) @ parameters["hidden"])
    return (hidden @ parameters["readout"]).square().mean(dim=(1, 2))


def _parameters() -> dict[str, Tensor]:
    return {"hidden": _draw(2, RUNS, 3, 4), "readout": _draw(3, RUNS, 4, 1)}


def test_curvature_slopes_are_the_slopes_of_the_dense_hessians_entries() -> None:
    parameters, vectors, along = _parameters(), _draw(4, RUNS, 2, 16), _draw(5, RUNS, 3, 4)
    step = 1e-5

    def entries(sign: float) -> Tensor:
        moved = {**parameters, "hidden": parameters["hidden"] + sign * step * along}
        return vectors @ dense_hessian(_loss, moved) @ vectors.mT

    rise = (entries(1) - entries(-1)) / (2 * step)
    slopes = curvature_slopes(_loss, parameters, vectors)[..., :12]
    torch.testing.assert_close(torch.einsum("rijp,rp->rij", slopes, along.flatten(1)), rise, rtol=1e-6, atol=1e-7)


def _valley(parameters: dict[str, Tensor]) -> Tensor:
    """L = x + (4 − x)|y|²/2: along y = 0 the curvature in each y, 4 − x, rises as the loss falls at slope 1."""
    x, y = parameters["point"][:, 0], parameters["point"][:, 1:]
    return x + 0.5 * (4 - x) * y.square().sum(dim=1)


@pytest.mark.parametrize("directions", [1, 2])
def test_in_a_valley_of_rising_curvature_the_flow_stops_at_the_edge_with_the_known_variance(
    directions: int,
) -> None:
    """Only the trace is known: directions that reach the edge together may share it in any way."""
    still = torch.zeros(2, directions, dtype=torch.float64)
    like = {"point": torch.cat([torch.tensor([[1.02], [3.0]]).double(), still], dim=1)}
    pairs = hessian_eigenpairs(_valley, like, directions)
    point = FlowPoint(like["point"], torch.zeros(2, dtype=torch.float64), pairs)
    for _ in range(20):
        point = central_flow_step(_valley, like, point, step_size=2 / 3, duration=0.01)
    held, free = point.flat[:, 0]
    torch.testing.assert_close(held, torch.tensor(1.0, dtype=torch.float64), rtol=1e-3, atol=0)
    torch.testing.assert_close(free, torch.tensor(2.8, dtype=torch.float64))
    torch.testing.assert_close(point.variance, torch.tensor([2.0, 0.0], dtype=torch.float64), rtol=1e-3, atol=0)
