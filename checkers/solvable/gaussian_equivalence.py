r"""Random-feature ridge regression against linear regression on Gaussian features of the same covariance.

Two Gaussian models stand for the features $\varphi(Fx)$. The theorem's *formula*, $\mu_0 + \mu_1 Fx + \mu_\star z$, has
their covariance only where every field $f_j \cdot x$ has unit variance and fields are weakly correlated. The *matched*
model is jointly Gaussian with the target and has the measured covariance whatever the inputs and F, so that it errs
only by what is not Gaussian.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.instruments.positive_definite import solve_positive_definite
from checkers.testbeds.randomness import normal
from lawbook import Measurement, Panel, Trials

Inputs = Literal["gaussian", "two-dimensional"]
Activation = Literal["tanh", "relu"]
Surrogate = Literal["formula", "matched"]
TEST_INPUTS = 2000
# The sample covariance's eigenvalues err by about a tenth of each, and nearby ones average that out.
COVARIANCE_INPUTS_PER_FEATURE = 100


@dataclass(frozen=True)
class RandomFeatures:
    """φ(Fx), F with unit rows; the target is linear and of unit variance.

    inputs: N(0, I), or linear in two numbers, of the same mean square. spike: size of a rank-one term along the target
    that is added to F, its rows not rescaled.
    """

    dimension: int
    features_per_dimension: float = 2.0
    activation: Activation = "tanh"
    inputs: Inputs = "gaussian"
    spike: float = 0.0

    @property
    def width(self) -> int:
        return round(self.features_per_dimension * self.dimension)


def risk_ratio(
    trials: Trials,
    *,
    setting: RandomFeatures,
    samples_per_dimension: list[float],
    ridge: float,
    noise: float,
    surrogate: Surrogate = "formula",
    rest_factor: float = 1.0,
) -> Measurement:
    """Test risk with features φ(Fx) over that with their Gaussian surrogate; mean over sample sizes.

    Labels carry noise of variance `noise`; ridge is in units of the number of samples. surrogate: μ₀ + μ₁Fx + μ⋆z with
    z ~ N(0, I) on the same inputs ("formula"), or draws of target and features together from the Gaussian of their mean
    and covariance, taken over 100 fresh inputs a feature ("matched"). rest_factor: by what the formula's μ⋆ is
    multiplied. Every risk is measured on 2,000 fresh inputs or draws.
    """
    draw = {"device": trials.device, "dtype": torch.float64}
    target, first = _target_and_weights(trials, setting)

    def clean_and_features(data: Tensor) -> tuple[Tensor, Tensor]:
        return data @ target.to(data), _activate(data @ first.to(data).mT, setting.activation)

    def fresh(count: int, stream: str) -> Tensor:
        return _draw_inputs(trials, count, setting, stream)

    moments: tuple[Tensor, Tensor] | None = None
    if surrogate == "matched":
        parts = range(COVARIANCE_INPUTS_PER_FEATURE)
        # In float32, which rounds far below what a finite sample leaves.
        chunks = (fresh(setting.width, f"covariance inputs {part}").float() for part in parts)
        moments = _mean_and_root(torch.cat(clean_and_features(chunk), 2) for chunk in chunks)

    def gaussian(data: Tensor, stream: str) -> tuple[Tensor, Tensor]:
        if moments is None:
            mean, slope, rest = gaussian_moments(setting.activation)
            z = normal(trials.seeds, (data.shape[1], setting.width), stream=stream, **draw)
            return data @ target, mean + slope * (data @ first.mT) + rest_factor * rest * z
        drawn = normal(trials.seeds, (data.shape[1], setting.width + 1), stream=stream, **draw)
        drawn = moments[0] + drawn @ moments[1]
        return drawn[:, :, :1], drawn[:, :, 1:]

    sizes = [round(share * setting.dimension) for share in samples_per_dimension]
    test_inputs = fresh(TEST_INPUTS, "test inputs")
    test, stand_in_test = clean_and_features(test_inputs), gaussian(test_inputs, "surrogate test")
    real, surrogates = [], []
    for size in sizes:
        train = fresh(size, f"inputs {size}")
        errors = noise**0.5 * normal(trials.seeds, (size, 1), stream=f"noise {size}", **draw)
        real.append(_ridge_risk(clean_and_features(train), test, errors, ridge))
        surrogates.append(_ridge_risk(gaussian(train, f"surrogate {size}"), stand_in_test, errors, ridge))
    measured, predicted = torch.stack(real, 1).cpu(), torch.stack(surrogates, 1).cpu()
    title = f"Learning curve of {setting.width} random features"
    return Measurement(
        values=(measured / predicted).mean(1),
        panels=Panel(title, x="training samples n", y="excess test risk", log="xy")
        .over_seeds(f"{setting.activation} features, mean and range over seeds", sizes, measured)
        .line(f"Gaussian features ({surrogate})", sizes, predicted.mean(0), role="predicted"),
    )


def gaussian_moments(activation: Activation) -> tuple[float, float, float]:
    """μ₀ = E φ(z), μ₁ = E zφ(z) and μ⋆ = (E φ(z)² − μ₀² − μ₁²)^½ for standard normal z."""
    grid = np.linspace(-12, 12, 40_001)
    density = np.exp(-(grid**2) / 2) / math.sqrt(2 * math.pi) * (grid[1] - grid[0])
    values = np.tanh(grid) if activation == "tanh" else np.maximum(grid, 0)
    mean, slope, power = (float(np.sum(density * f)) for f in (values, grid * values, values**2))
    return mean, slope, math.sqrt(power - mean**2 - slope**2)


def _target_and_weights(trials: Trials, setting: RandomFeatures) -> tuple[Tensor, Tensor]:
    draw = {"device": trials.device, "dtype": torch.float64}
    target = normal(trials.seeds, (setting.dimension, 1), stream="target", **draw)
    target = target / target.norm(dim=1, keepdim=True)
    first = normal(trials.seeds, (setting.width, setting.dimension), stream="features", **draw)
    first = first / first.norm(dim=2, keepdim=True)
    if setting.spike:
        direction = normal(trials.seeds, (setting.width, 1), stream="spike", **draw)
        first = first + setting.spike * direction @ target.mT
    return target, first


def _draw_inputs(trials: Trials, count: int, setting: RandomFeatures, stream: str) -> Tensor:
    draw = {"device": trials.device, "dtype": torch.float64}
    if setting.inputs == "gaussian":
        return normal(trials.seeds, (count, setting.dimension), stream=stream, **draw)
    plane = normal(trials.seeds, (count, 2), stream=stream, **draw)
    embedding = normal(trials.seeds, (2, setting.dimension), stream="embedding", **draw)
    return plane @ embedding / 2**0.5


def _activate(fields: Tensor, activation: Activation) -> Tensor:
    return torch.tanh(fields) if activation == "tanh" else torch.relu(fields)


def _mean_and_root(chunks: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean `[runs, 1, n]` and symmetric root of the covariance `[runs, n, n]` of rows that come in equal chunks."""
    count, total, products = 0, torch.zeros(()), torch.zeros(())
    for rows in chunks:
        count += rows.shape[1]
        total = total.to(rows.device, torch.float64) + rows.sum(1, keepdim=True, dtype=torch.float64)
        products = products.to(rows.device, torch.float64) + (rows.mT @ rows).double()
    mean = total / count
    variances, axes = torch.linalg.eigh(products / count - mean.mT @ mean)
    # Features of a few numbers have eigenvalues of zero, which rounding puts on either side.
    return mean, (axes * variances.clamp_min(0).sqrt()[:, None, :]) @ axes.mT


def _ridge_risk(train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor], errors: Tensor, ridge: float) -> Tensor:
    """Mean squared error against the clean test targets, one a run; train and test: clean targets and features."""
    labels, features = train[0] + errors, train[1]
    count, width = features.shape[1:]
    gram = features.mT @ features if width <= count else features @ features.mT
    gram.diagonal(dim1=1, dim2=2).add_(ridge * count)
    if width <= count:
        solution = solve_positive_definite(gram, features.mT @ labels)
    else:
        solution = features.mT @ solve_positive_definite(gram, labels)
    return (test[1] @ solution - test[0]).square().mean((1, 2))
