"""The central flow's parts on losses whose answers are known."""

from __future__ import annotations

import torch
from torch import Tensor

from checkers.instruments.curvature import dense_hessian
from checkers.theory.central_flow import (
    FlowPoint,
    central_flow_step,
    complementary_multiplier,
    curvature_slopes,
)

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
    torch.testing.assert_close(
        torch.einsum("rijp,rp->rij", slopes, along.flatten(1)), rise, rtol=1e-6, atol=1e-7
    )


def test_the_multiplier_is_complementary_to_the_constraint() -> None:
    slopes = _draw(6, 3, 3, 3, 20)
    slopes = slopes + slopes.transpose(1, 2)
    excess = torch.diag_embed(
        torch.tensor([[0.5, 0.2, -0.3], [0.4, -0.2, -0.9], [-0.1, -0.2, -0.3]], dtype=torch.float64)
    )
    multiplier = complementary_multiplier(excess, slopes)
    moved = torch.einsum("rij,rijp->rp", multiplier, slopes)
    left = excess - torch.einsum("rijp,rp->rij", slopes, moved)
    assert bool((torch.linalg.eigvalsh(multiplier) >= -1e-9).all())
    assert bool((torch.linalg.eigvalsh(left) <= 1e-6).all())
    assert float((multiplier * left).sum(dim=(1, 2)).abs().max()) < 1e-6
    assert float(multiplier[2].abs().max()) == 0


def test_one_active_direction_has_the_closed_form() -> None:
    slopes = _draw(7, 1, 1, 1, 10)
    multiplier = complementary_multiplier(torch.full((1, 1, 1), 0.3, dtype=torch.float64), slopes)
    torch.testing.assert_close(multiplier[0, 0, 0], 0.3 / slopes.square().sum())


def _valley(parameters: dict[str, Tensor]) -> Tensor:
    """L = x + (4 − x) y²/2: along y = 0 the curvature in y, 4 − x, rises as the loss falls at slope 1."""
    x, y = parameters["point"].unbind(dim=1)
    return x + 0.5 * (4 - x) * y.square()


def test_in_a_valley_of_rising_curvature_the_flow_stops_at_the_edge_with_the_known_variance() -> None:
    like = {"point": torch.tensor([[1.02, 0.0], [3.0, 0.0]], dtype=torch.float64)}
    point = FlowPoint(like["point"], torch.zeros(2, dtype=torch.float64), None)
    for _ in range(20):
        point = central_flow_step(_valley, like, point, step_size=2 / 3, duration=0.01, directions=1)
    held, free = point.flat[:, 0]
    torch.testing.assert_close(held, torch.tensor(1.0, dtype=torch.float64), rtol=1e-3, atol=0)
    torch.testing.assert_close(free, torch.tensor(2.8, dtype=torch.float64))
    torch.testing.assert_close(
        point.variance, torch.tensor([2.0, 0.0], dtype=torch.float64), rtol=1e-3, atol=0
    )
