"""Random-feature ridge regression against linear regression on Gaussian features of the same covariance."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.testbeds.randomness import normal
from lawbook import Curve, Measurement, Trials

Inputs = Literal["gaussian", "two-dimensional"]
Activation = Literal["tanh", "relu"]


def risk_ratio(
    trials: Trials,
    *,
    dimension: int,
    features_per_dimension: float,
    samples_per_dimension: list[float],
    ridge: float,
    noise: float,
    activation: Activation = "tanh",
    inputs: Inputs = "gaussian",
    spike: float = 0.0,
) -> Measurement:
    """Test risk with features φ(Fx) over that with μ₀ + μ₁Fx + μ⋆z, z ~ N(0, I); mean over sample sizes.

    F has unit rows; the target is linear, of unit variance, with label noise of variance `noise`; ridge is in units of
    the number of samples. inputs: N(0, I), or linear in two numbers, of the same mean square. spike: size of a rank-one
    term along the target that is added to F, its rows not rescaled. Both risks are measured on 2,000 fresh inputs.
    """
    draw = {"device": trials.device, "dtype": torch.float64}
    width = round(features_per_dimension * dimension)
    target = normal(trials.seeds, (dimension, 1), stream="target", **draw)
    target = target / target.norm(dim=1, keepdim=True)
    first = normal(trials.seeds, (width, dimension), stream="features", **draw)
    first = first / first.norm(dim=2, keepdim=True)
    if spike:
        direction = normal(trials.seeds, (width, 1), stream="spike", **draw)
        first = first + spike * direction @ target.mT
    sizes = [round(share * dimension) for share in samples_per_dimension]
    test = _draw_inputs(trials, 2000, dimension, inputs, "test inputs")
    real, surrogate = [], []
    for size in sizes:
        train = _draw_inputs(trials, size, dimension, inputs, f"inputs {size}")
        labels = train @ target + noise**0.5 * normal(trials.seeds, (size, 1), stream=f"noise {size}", **draw)
        pair = [(train, f"surrogate {size}"), (test, f"surrogate test {size}")]
        hidden = [_activate(data @ first.mT, activation) for data, _ in pair]
        gaussian = [_surrogate(trials, data @ first.mT, activation, stream) for data, stream in pair]
        real.append(_ridge_risk(*hidden, labels, test @ target, ridge))
        surrogate.append(_ridge_risk(*gaussian, labels, test @ target, ridge))
    measured, predicted = torch.stack(real, 1).cpu(), torch.stack(surrogate, 1).cpu()
    axes = {
        "panel": f"Learning curve of {width} random features",
        "x_label": "training samples n",
        "y_label": "excess test risk",
        "x_scale": "log",
        "y_scale": "log",
    }
    return Measurement(
        values=(measured / predicted).mean(1),
        curves=[
            Curve(
                f"{activation} features, mean and range over seeds",
                sizes,
                measured.mean(0),
                low=measured.amin(0),
                high=measured.amax(0),
                **axes,
            ),
            Curve("Gaussian features", sizes, predicted.mean(0), role="predicted", **axes),
        ],
    )


def gaussian_moments(activation: Activation) -> tuple[float, float, float]:
    """μ₀ = E φ(z), μ₁ = E zφ(z) and μ⋆ = (E φ(z)² − μ₀² − μ₁²)^½ for standard normal z."""
    grid = np.linspace(-12, 12, 40_001)
    density = np.exp(-(grid**2) / 2) / math.sqrt(2 * math.pi) * (grid[1] - grid[0])
    values = np.tanh(grid) if activation == "tanh" else np.maximum(grid, 0)
    mean, slope, power = (float(np.sum(density * f)) for f in (values, grid * values, values**2))
    return mean, slope, math.sqrt(power - mean**2 - slope**2)


def _draw_inputs(trials: Trials, count: int, dimension: int, inputs: Inputs, stream: str) -> Tensor:
    draw = {"device": trials.device, "dtype": torch.float64}
    if inputs == "gaussian":
        return normal(trials.seeds, (count, dimension), stream=stream, **draw)
    plane = normal(trials.seeds, (count, 2), stream=stream, **draw)
    embedding = normal(trials.seeds, (2, dimension), stream="embedding", **draw)
    return plane @ embedding / 2**0.5


def _activate(fields: Tensor, activation: Activation) -> Tensor:
    return torch.tanh(fields) if activation == "tanh" else torch.relu(fields)


def _surrogate(trials: Trials, fields: Tensor, activation: Activation, stream: str) -> Tensor:
    mean, slope, rest = gaussian_moments(activation)
    noise = normal(
        trials.seeds, tuple(fields.shape[1:]), stream=stream, device=trials.device, dtype=torch.float64
    )
    return mean + slope * fields + rest * noise


def _ridge_risk(train: Tensor, test: Tensor, labels: Tensor, clean: Tensor, ridge: float) -> Tensor:
    """Mean squared error of ridge regression against clean test labels, one a run."""
    count, width = train.shape[1:]
    if width <= count:
        gram = train.mT @ train
        gram.diagonal(dim1=1, dim2=2).add_(ridge * count)
        solution = torch.linalg.solve(gram, train.mT @ labels)
    else:
        gram = train @ train.mT
        gram.diagonal(dim1=1, dim2=2).add_(ridge * count)
        solution = train.mT @ torch.linalg.solve(gram, labels)
    return (test @ solution - clean).square().mean((1, 2))
