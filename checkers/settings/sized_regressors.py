r"""Regressors of several sizes on random functions of d variables, with unlimited data.

The population is a scrambled Sobol sequence in $[-1, 1]^d$; the loss is measured on another, denser one, relative to
the target's variance. Networks come to rest by Levenberg–Marquardt steps in float64: first-order methods stop short.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.batched_newton import minimise
from checkers.testbeds.finite_elements import interpolate
from checkers.testbeds.random_waves import Waves
from checkers.testbeds.relu_regressors import ReluRegressor
from lawbook import Trials

_REST = 1e-3  # at rest: two steps in a row that each lower the loss by less than this fraction
_FRESH = 4  # points of the measuring sample for each one of the training sample
_BLOCK = 512  # points whose Jacobians are held at once
_MESH_POINTS = 2048  # where the error of finite elements is measured


@dataclass(frozen=True, eq=False)
class Sizes:
    """What regressors of several sizes came to: losses over the target's variance, and whether they may be judged.

    gap: log of the fresh loss over the training loss, mean over restarts.
    """

    parameters: Float[Tensor, " sizes"]
    losses: Float[Tensor, "seeds restarts sizes"]
    gap: Float[Tensor, "seeds sizes"]
    at_rest: Bool[Tensor, "seeds restarts sizes"]


def train_sizes(
    trials: Trials,
    target: Waves,
    architectures: list[tuple[int, ...]],
    *,
    restarts: int,
    points_per_parameter: int,
    max_steps: int,
) -> Sizes:
    """ReLU networks of every architecture, `restarts` a seed, trained to rest on the seed's own target."""
    networks = [ReluRegressor(widths) for widths in architectures]
    losses, gaps, at_rest = [], [], []
    for network in trials.track(networks, "size"):
        count = points_per_parameter * network.parameters
        points, fresh = (
            _population(network.widths[0], size, scrambling, trials.device)
            for scrambling, size in enumerate((count, _FRESH * count))
        )
        values = target(points).repeat_interleave(restarts, 0)
        starts = network.draw(trials.seeds, restarts, stream=f"start {network.widths}", device=trials.device)

        def evaluate(
            parameters: Tensor,
            who: Tensor,
            network: ReluRegressor = network,
            points: Tensor = points,
            values: Tensor = values,
        ) -> tuple[Tensor, Tensor, Tensor]:
            return _half_squares(network, parameters, points, values[who])

        minima = minimise(evaluate, starts, tolerance=_REST, max_steps=max_steps)
        loss, variance = _fresh_loss(network, minima.parameters, fresh, target, restarts)
        losses.append((loss / variance.unsqueeze(1)).cpu())
        gaps.append((loss / (2 * minima.objective.unflatten(0, (-1, restarts)))).log().mean(1).cpu())
        at_rest.append(minima.converged.unflatten(0, (-1, restarts)).cpu())
    counts = torch.tensor([network.parameters for network in networks], dtype=torch.float64)
    return Sizes(counts, torch.stack(losses, 2), torch.stack(gaps, 1), torch.stack(at_rest, 2))


def mesh_sizes(trials: Trials, target: Waves, dimension: int, cells: list[int]) -> Sizes:
    """Finite elements with so many cells an axis: a nodal value is a parameter, and nothing is trained."""
    points = _population(dimension, _MESH_POINTS, 1, trials.device)
    variance = torch.cat([target(block) for block in points.split(_BLOCK)], 1).var(1)
    losses = []
    for count in trials.track(cells, "mesh"):
        errors = [target(block) - interpolate(target, count, block) for block in points.split(_BLOCK)]
        losses.append((torch.cat(errors, 1).square().mean(1) / variance).cpu())
    return Sizes(
        torch.tensor([(count + 1) ** dimension for count in cells], dtype=torch.float64),
        torch.stack(losses, 1).unsqueeze(1),
        torch.zeros(len(trials), len(cells)),
        torch.ones(len(trials), 1, len(cells), dtype=torch.bool),
    )


def _population(dimension: int, count: int, scrambling: int, device: str) -> Tensor:
    sequence = torch.quasirandom.SobolEngine(dimension, scramble=True, seed=scrambling)
    return (2 * sequence.draw(count, dtype=torch.float64) - 1).to(device)


def _half_squares(
    network: ReluRegressor, parameters: Tensor, points: Tensor, values: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Half the mean squared error, its gradient, and its Gauss–Newton curvature."""
    runs, size = parameters.shape
    objective = parameters.new_zeros(runs)
    gradient = parameters.new_zeros(runs, size, 1)
    curvature = parameters.new_zeros(runs, size, size)
    for block, wanted in zip(points.split(_BLOCK), values.split(_BLOCK, 1), strict=True):
        outputs, jacobian = network.jacobian(parameters, block)
        residual = (outputs - wanted).unsqueeze(2)
        objective += residual.square().sum((1, 2)) / 2
        gradient.baddbmm_(jacobian.mT, residual)
        curvature.baddbmm_(jacobian.mT, jacobian)
    count = len(points)
    return objective / count, gradient.squeeze(2) / count, curvature / count


def _fresh_loss(
    network: ReluRegressor, parameters: Tensor, points: Tensor, target: Waves, restarts: int
) -> tuple[Tensor, Tensor]:
    """Mean squared error over fresh points [seeds, restarts], and the target's variance over them [seeds]."""
    squares = parameters.new_zeros(len(parameters) // restarts, restarts)
    first = second = torch.zeros_like(squares[:, 0])
    for block in points.split(_BLOCK):
        wanted = target(block)
        outputs = network.outputs(parameters, block).unflatten(0, (-1, restarts))
        squares += (outputs - wanted.unsqueeze(1)).square().sum(2)
        first, second = first + wanted.sum(1), second + wanted.square().sum(1)
    count = len(points)
    return squares / count, second / count - (first / count).square()
