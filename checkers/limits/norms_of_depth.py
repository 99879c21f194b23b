r"""Forward norms and backward gradients of deep random networks, layer by layer from the law of each given the last.

Forward, for He-scaled units at finite width n: $E\lVert h_L\rVert^4/(E\lVert h_L\rVert^2)^2 = (1 + 5/n)^L$ for ReLU,
norms taken after the units (Hanin & Nica 2018). Backward: $E\lVert\partial L/\partial h_l\rVert^2$ grows by χ₁ a
layer (Schoenholz et al. 2016).
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import slope
from checkers.testbeds.randomness import generator, normal
from checkers.theory.signal_propagation import fixed_variance, signal_propagation
from lawbook import Measurement, Panel, Trials

Units = Literal["relu", "linear"]
Branches = Literal["none", "over root depth"]


def fourth_moment_ratio(
    trials: Trials,
    *,
    width: int,
    layers: int,
    draws: int,
    units: Units = "relu",
    residual: Branches = "none",
) -> Measurement:
    r"""$\overline{\lVert h_L\rVert^4}/(\overline{\lVert h_L\rVert^2})^2$ over independent networks, from a unit input.

    draws: networks a seed. Weights have variance 2/n for ReLU and 1/n for linear units, no biases. Only norms matter:
    given the last layer the next is n independent Gaussians of its mean square. residual: branches divided by
    √layers, added.
    """
    ratios = []
    for seed in trials.track(trials.seeds, "networks"):
        source = generator(seed, "layers")
        square = torch.ones(draws, dtype=torch.float64, device=trials.device)
        for _ in range(layers):
            drawn = torch.randn((draws, width), generator=source, dtype=torch.float64).to(trials.device)
            gain = 2 * drawn.relu().square().mean(-1) if units == "relu" else drawn.square().mean(-1)
            if residual == "none":
                square = square * gain
            else:
                # ‖h + φ/√L‖²: the branch's part along h is that of one of its n directions.
                along = (2 * drawn.relu()[:, 0] if units == "relu" else drawn[:, 0]) / width**0.5
                square = square * (1 + 2 * along / layers**0.5 + gain / layers)
        ratios.append(square.square().mean() / square.mean().square())
    return Measurement(values=torch.stack(ratios).cpu())


def gradient_growth(
    trials: Trials,
    *,
    weight_scale: float,
    bias_scale: float,
    depth: int,
    width: int = 512,
    inputs: int = 64,
    units: Literal["tanh", "linear"] = "tanh",
    formula: Literal["χ₁", "χ(c*)"] = "χ₁",
) -> Measurement:
    r"""Growth a layer of $\ln\lVert\partial L/\partial h_l\rVert^2$ towards the input, over the predicted ln χ₁.

    One network a seed; the mean over `inputs`, each with a random gradient of its own at the output. Inputs are
    independent and have the fixed-point variance of tanh units. formula: what the growth is predicted by.
    """
    told = signal_propagation("tanh", weight_scale, bias_scale)
    predicted = math.log(told.chi_1 if formula == "χ₁" else told.chi)
    variance = fixed_variance("tanh", weight_scale, bias_scale)
    shape, device = (width, inputs), trials.device
    hidden = variance**0.5 * normal(trials.seeds, shape, stream="input", device=device, dtype=torch.float64)
    weights, slopes = [], []
    for layer in trials.track(range(depth), "forward"):
        weight = normal(trials.seeds, (width, width), stream=f"weights {layer}", device=device, dtype=torch.float64)
        bias = normal(trials.seeds, (width, 1), stream=f"biases {layer}", device=device, dtype=torch.float64)
        active = hidden.tanh() if units == "tanh" else hidden
        slopes.append(1 - active.square() if units == "tanh" else torch.ones_like(active))
        weights.append(weight * (weight_scale / width**0.5))
        hidden = weights[-1] @ active + bias_scale * bias
    gradient = normal(trials.seeds, shape, stream="gradient", device=device, dtype=torch.float64)
    squares: list[Tensor] = [gradient.square().sum(-2)]
    for weight, active_slope in zip(reversed(weights), reversed(slopes), strict=True):
        gradient = (weight.mT @ gradient) * active_slope
        squares.append(gradient.square().sum(-2))
    logs = torch.stack(squares, -1).log().mean(-2).cpu()
    layers_back = range(depth + 1)
    line = logs[:, 0].mean() + predicted * torch.arange(depth + 1)
    return Measurement(
        values=slope(layers_back, logs) / predicted,
        panels=Panel("Gradient towards the input", x="layers back from the output", y="ln of the squared norm")
        .over_seeds("measured", layers_back, logs)
        .line(f"ln {formula} a layer", layers_back, line, role="predicted"),
    )
