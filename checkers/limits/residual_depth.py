r"""How far the features of a residual network move in training, and which step size trains it, as its depth grows.

A network of width $n$ and depth $L$ computes $h_0 = W_0 x/\sqrt d$,
$h_l = h_{l-1} + L^{-a}\,W_l\tanh(h_{l-1})/\sqrt n$ and $f = w^\top h_L/n$, with standard normal weights:
mean-field scaling in width, one weight matrix a branch. Gradient descent trains the branches alone, with step size
$\eta n$, so that features move by an amount of order one at any width. $W_0$ and $w$ stay as they are: they would
learn equally fast at any depth and hide what the branches do. The loss is the mean of $\tfrac12(f-y)^2$.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.instruments.slopes import log_log_slope
from checkers.settings.power_panel import power_panel
from checkers.testbeds.randomness import normal, signs
from lawbook import Measurement, Trials


def feature_update_slope(
    trials: Trials,
    *,
    branch_exponent: float = 0.5,
    depths: list[int],
    width: int = 64,
    dimension: int = 16,
    examples: int = 16,
    step_size: float = 0.5,
    steps: int = 3,
) -> Measurement:
    """Slope over log depth of log ‖h_L after `steps` steps − h_L before‖ (rms over units and examples).

    branch_exponent: a in the branch multiplier L^{−a}. depths: increasing.
    (Bordelon et al. 2023, arXiv:2309.16620; Yang et al. 2023, arXiv:2310.02244.)
    """
    inputs, labels = _task(trials, examples, dimension)
    step_sizes = torch.full((len(trials),), step_size * width).to(inputs)
    moved = []
    for depth in trials.track(depths, "depth"):
        weights = _weights(trials, width, dimension, depth)
        before = _features(weights, inputs, branch_exponent)[1]
        for _ in range(steps):
            weights = _descend(weights, inputs, labels, branch_exponent, step_sizes)
        after = _features(weights, inputs, branch_exponent)[1]
        moved.append((after - before).square().mean(dim=(1, 2)).sqrt())
    sizes = torch.stack(moved, dim=1).cpu()
    return Measurement(
        values=log_log_slope(depths, sizes),
        panels=power_panel(
            "Change of the features",
            "depth L",
            "rms change of the last features",
            depths,
            sizes,
            1 - 2 * branch_exponent,
        ),
    )


def step_size_drift(
    trials: Trials,
    *,
    branch_exponent: float = 0.5,
    depths: list[int],
    width: int = 32,
    dimension: int = 16,
    examples: int = 16,
    steps: int = 20,
    remaining: float = 0.5,
    smallest: float = 0.1,
    largest: float = 2.0,
    grid: int = 6,
) -> Measurement:
    """Slope over log depth of the log step size at which `remaining` of the initial loss is left after training.

    The crossing is interpolated in log step size between `grid` sizes from `smallest` to `largest`, all trained in one
    batch. A seed whose loss does not cross between two of them at every depth is put at the nearer end there, so that
    its value stays finite, and is out of regime.
    (Bordelon et al. 2023, arXiv:2309.16620.)
    """
    cells = torch.logspace(math.log10(smallest), math.log10(largest), grid, dtype=torch.float64)
    inputs, labels = _task(trials, examples, dimension)
    step_sizes = (cells * width).repeat(len(trials)).to(inputs)
    crossings, inside = [], []
    for depth in trials.track(depths, "depth"):
        weights = [weight.repeat_interleave(grid, 0) for weight in _weights(trials, width, dimension, depth)]
        batch, truth = inputs.repeat_interleave(grid, 0), labels.repeat_interleave(grid, 0)
        start = _loss(weights, batch, truth, branch_exponent)
        for _ in range(steps):
            weights = _descend(weights, batch, truth, branch_exponent, step_sizes)
        left = (_loss(weights, batch, truth, branch_exponent) / start).reshape(len(trials), grid).cpu()
        fallen = first_fall(cells.log(), left, remaining)
        crossings.append(fallen.place)
        inside.append(fallen.between)
    found = torch.stack(crossings, dim=1).exp()
    return Measurement(
        values=log_log_slope(depths, found),
        in_regime=torch.stack(inside, dim=1).all(dim=1),
        panels=power_panel(
            "Step size of a given progress",
            "depth L",
            f"step size that leaves {remaining:g} of the loss",
            depths,
            found,
            2 * branch_exponent - 1,
        ),
    )


def _task(trials: Trials, examples: int, dimension: int) -> tuple[Tensor, Tensor]:
    labels = signs(trials.seeds, (examples,), stream="labels", device=trials.device)
    return _draw(trials, (examples, dimension), "inputs"), labels


def _weights(trials: Trials, width: int, dimension: int, depth: int) -> list[Tensor]:
    """First, branches, last; a branch's weights do not depend on how many others there are."""
    return [
        _draw(trials, (width, dimension), "first"),
        *(_draw(trials, (width, width), f"branch {layer}") for layer in range(depth)),
        _draw(trials, (width,), "last"),
    ]


def _draw(trials: Trials, shape: tuple[int, ...], stream: str) -> Tensor:
    return normal(trials.seeds, shape, stream=stream, device=trials.device)


def _features(weights: list[Tensor], inputs: Tensor, branch_exponent: float) -> tuple[Tensor, Tensor]:
    """Outputs `[runs, examples]` and last features `[runs, examples, width]`."""
    width, depth = weights[0].shape[1], len(weights) - 2
    hidden = inputs @ weights[0].mT / math.sqrt(inputs.shape[2])
    scale = depth**-branch_exponent / math.sqrt(width)
    for weight in weights[1:-1]:
        hidden = hidden + scale * (torch.tanh(hidden) @ weight.mT)
    return (hidden @ weights[-1][:, :, None])[:, :, 0] / width, hidden


def _descend(
    weights: list[Tensor], inputs: Tensor, labels: Tensor, branch_exponent: float, step_sizes: Tensor
) -> list[Tensor]:
    """One step of the branches, with a step size a run."""
    first, last = weights[0], weights[-1]
    trained = [weight.requires_grad_() for weight in weights[1:-1]]
    losses = _loss([first, *trained, last], inputs, labels, branch_exponent)
    gradients = torch.autograd.grad(losses.sum(), trained)
    moved = [
        weight - step_sizes.reshape(-1, *[1] * (weight.ndim - 1)) * gradient
        for weight, gradient in zip(trained, gradients, strict=True)
    ]
    return [first, *(weight.detach() for weight in moved), last]


def _loss(weights: list[Tensor], inputs: Tensor, labels: Tensor, branch_exponent: float) -> Tensor:
    outputs, _ = _features(weights, inputs, branch_exponent)
    return (outputs - labels).square().mean(dim=1) / 2
