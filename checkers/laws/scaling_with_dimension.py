r"""Loss against size for ReLU networks trained to rest on a function of d variables, with unlimited data.

The population is a scrambled Sobol sequence in $[-1, 1]^d$ of many points for each parameter; the loss is measured on
another, four times denser. Levenberg–Marquardt steps in float64 bring every network to rest: first-order methods stop
short of it. The loss of a size is the geometric mean over restarts, relative to the target's variance: what training
finds, whatever the number of restarts, where the best of several would favour the small networks, whose good minima are
easier to find.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.batched_newton import minimise
from checkers.instruments.power_law import fit_power_law
from checkers.testbeds.random_waves import Waves, draw_waves
from checkers.testbeds.relu_regressors import ReluRegressor
from checkers.theory.free_knot_splines import free_knot_error
from lawbook import Measurement, Panel, Trials

Target = Literal["smooth", "rough"]
_SMOOTHNESS: dict[Target, float] = {"smooth": math.inf, "rough": 0.5}  # square-integrable derivatives

_REST = 1e-3  # at rest: two steps in a row that each lower the loss by less than this fraction
_WIDEST_GAP = 0.15  # more between the two samples, and the training sample is no population
_FRESH = 4  # points of the measuring sample for each one of the training sample
_BLOCK = 512  # points whose Jacobians are held at once


@dataclass(frozen=True, eq=False)
class Sizes:
    """What networks of several sizes came to: losses over the target's variance, and whether they may be judged.

    gap: log of the fresh loss over the training loss, mean over restarts.
    """

    parameters: Float[Tensor, " sizes"]
    losses: Float[Tensor, "seeds restarts sizes"]
    gap: Float[Tensor, "seeds sizes"]
    at_rest: Bool[Tensor, "seeds restarts sizes"]


def exponent(
    trials: Trials,
    *,
    dimension: int,
    widths: list[int],
    hidden_layers: int = 1,
    target: Target = "smooth",
    restarts: int = 4,
    points_per_parameter: int = 16,
    max_steps: int = 600,
) -> Measurement:
    """α of L ∝ N^−α over these widths, N all weights and biases; one target a seed. (Sharma & Kaplan 2020.)

    target: a Gaussian field of length scale 1, analytic or Matérn with half a derivative. Out of regime: seeds with a
    network not at rest after `max_steps`, or a training sample so small that fresh points give another loss.
    """
    waves = draw_waves(trials.seeds, dimension, smoothness=_SMOOTHNESS[target], device=trials.device)
    sizes = train_sizes(
        trials,
        waves,
        [(dimension, *[width] * hidden_layers, 1) for width in widths],
        restarts=restarts,
        points_per_parameter=points_per_parameter,
        max_steps=max_steps,
    )
    typical = sizes.losses.log().mean(1).exp()
    best = -fit_power_law(sizes.parameters, sizes.losses.amin(1)).slope
    panel = _panel(sizes.parameters, typical, sizes.losses.amin(1), dimension)
    if hidden_layers == 1 and dimension == 1 and target == "smooth":
        spline = _best_spline(waves, widths)
        panel = panel.line("best spline with as many knots", sizes.parameters, spline, role="reference")
    elif hidden_layers == 1 and target == "smooth":
        panel = _with_power(panel, (dimension + 3) / dimension, "(d + 3)/d", "reference")
    return Measurement(
        values=-fit_power_law(sizes.parameters, typical).slope,
        in_regime=sizes.at_rest.all(2).all(1) & (sizes.gap.abs() <= _WIDEST_GAP).all(1),
        panels=panel,
        notes=[
            f"{int(sizes.at_rest.sum())} of {sizes.at_rest.numel()} networks came to rest; fresh points raise the loss "
            f"by {100 * math.expm1(float(sizes.gap.mean())):.1f} % on average",
            f"from the best of {restarts} restarts the exponent would be {float(best.mean()):.2f}",
        ],
    )


def train_sizes(
    trials: Trials,
    target: Waves,
    architectures: list[tuple[int, ...]],
    *,
    restarts: int,
    points_per_parameter: int,
    max_steps: int,
) -> Sizes:
    """Networks of every architecture, `restarts` a seed, trained to rest on the seed's own target."""
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


def _panel(parameters: Tensor, typical: Tensor, best: Tensor, dimension: int) -> Panel:
    panel = (
        Panel("Loss at rest, against size", x="parameters N", y="loss over the target's variance", log="xy")
        .over_seeds(
            "measured, geometric mean and range over seeds", parameters, typical, middle="geometric mean"
        )
        .line("best restart", parameters, best.log().mean(0).exp())
    )
    return _with_power(panel, 4 / dimension, "4/d", "predicted")


def _with_power(panel: Panel, power: float, name: str, role: Literal["predicted", "reference"]) -> Panel:
    """A power law through the middle of the panel's first line."""
    x, y = (torch.tensor(places, dtype=torch.float64) for places in (panel.lines[0].x, panel.lines[0].y))
    law = (y.log().mean() - power * (x.log() - x.log().mean())).exp()
    return panel.line(f"exponent {name} = {power:.3g}", x, law, role=role)


def _best_spline(waves: Waves, widths: list[int]) -> Tensor:
    """The least relative error of a spline with as many knots, [widths], geometric mean over seeds."""
    cells = torch.linspace(-1, 1, 4001, dtype=torch.float64, device=waves.phases.device)
    middles = ((cells[1:] + cells[:-1]) / 2).unsqueeze(1)
    pieces = torch.tensor(widths, dtype=torch.float64, device=cells.device) + 1
    least = free_knot_error(waves.laplacian()(middles), 2.0, pieces)
    return (least / waves(middles).var(1, keepdim=True)).log().mean(0).exp()
