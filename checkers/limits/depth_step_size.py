r"""How far features of a residual network move in a few steps of descent or Adam, as its depth grows.

$h_0 = W_0 x/\sqrt d$, $h_l = h_{l-1} + L^{-a}\,W_l\tanh(h_{l-1})/\sqrt n$, $f = w^\top h_L/n$, standard normal
weights, one matrix a branch; the branches alone are trained. Plain descent has the step size $c\,n\,L^{-b}$, Adam
$c\,n^{-1/2}L^{-b}$, so that features move by an amount of order one at any width. A branch's gradient carries a factor
$L^{-a}$, which Adam divides out: L branches move features by $L^{1-2a-b}$ under descent and by $L^{1-a-b}$ under Adam.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.settings.power_panel import power_panel
from checkers.testbeds.networks import Parameters
from checkers.testbeds.optimisers import Adam, GradientDescent
from checkers.testbeds.randomness import normal, signs
from checkers.testbeds.training import train
from lawbook import Measurement, Trials


def feature_update_slope(
    trials: Trials,
    *,
    optimiser: Literal["sgd", "adam"],
    branch_exponent: float = 0.5,
    step_exponent: float,
    depths: list[int],
    step_size: float = 0.1,
    steps: int = 3,
    width: int = 64,
    dimension: int = 16,
    examples: int = 16,
) -> Measurement:
    """Slope over log depth of the log rms change of the last features in `steps` steps, over units and examples.

    branch_exponent: a. step_exponent: b. step_size: c. Squared loss on random signs; a seed whose loss blew up at some
    depth is out of regime. (Yang et al. 2023, arXiv:2310.02244; Bordelon et al. 2023, arXiv:2309.16620.)
    """
    inputs = _draw(trials, (examples, dimension), "inputs")
    labels = signs(trials.seeds, (examples,), stream="labels", device=trials.device)
    first, last = _draw(trials, (width, dimension), "first"), _draw(trials, (width,), "last")
    entry = inputs @ first.mT / math.sqrt(dimension)
    moved, diverged = [], torch.zeros(len(trials), dtype=torch.bool, device=trials.device)
    for depth in trials.track(depths, "depth"):
        branches = [_draw(trials, (width, width), f"branch {layer}") for layer in range(depth)]
        initial = {"branches": torch.stack(branches, 1)}
        scale = depth**-branch_exponent / math.sqrt(width)

        def features(parameters: Parameters, scale: float = scale) -> Tensor:
            hidden = entry
            for weight in parameters["branches"].unbind(1):
                hidden = hidden + scale * (torch.tanh(hidden) @ weight.mT)
            return hidden

        def loss(parameters: Parameters) -> Tensor:
            outputs = (features(parameters) @ last[:, :, None])[:, :, 0] / width
            return (outputs - labels).square().mean(dim=1) / 2

        length = step_size * depth**-step_exponent
        chosen = GradientDescent(length * width) if optimiser == "sgd" else Adam(length / math.sqrt(width))
        trained = train(initial, loss, chosen, steps=steps)
        change = features(trained.parameters) - features(initial)
        moved.append(change.square().mean(dim=(1, 2)).sqrt())
        diverged |= trained.diverged
    sizes = torch.stack(moved, dim=1).cpu()
    power = 1 - (2 if optimiser == "sgd" else 1) * branch_exponent - step_exponent
    return Measurement(
        values=log_log_slope(depths, sizes),
        in_regime=~diverged.cpu(),
        panels=power_panel(
            f"Change of the features under {optimiser}",
            "depth L",
            "rms change of the last features",
            depths,
            sizes,
            power,
        ),
    )


def _draw(trials: Trials, shape: tuple[int, ...], stream: str) -> Tensor:
    return normal(trials.seeds, shape, stream=stream, device=trials.device)
