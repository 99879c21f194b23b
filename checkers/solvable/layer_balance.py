r"""The difference between neighbouring layers' Gram matrices: conserved by gradient flow, drifting under descent.

For a linear network $B_l = W_{l+1}^\top W_{l+1} - W_l W_l^\top$ is conserved as a matrix. For units of homogeneity k,
$\phi(cz) = c^k\phi(z)$, c > 0, only k times a unit's outgoing minus its incoming squared norm is; k = 1 for ReLU.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.settings.linear_networks import Activation, descend, outputs_and_gradients
from checkers.settings.power_panel import power_panel
from checkers.testbeds.randomness import normal
from lawbook import Measurement, Panel, Trials

Charge = Literal["matrix", "diagonal"]


def drift_exponent(
    trials: Trials,
    *,
    widths: list[int],
    points: int,
    step_sizes: list[float],
    horizon: float,
    activation: Activation = "linear",
    charge: Charge = "matrix",
    degree: int = 1,
) -> Measurement:
    """Least-squares slope of log(relative drift of the balance over a fixed time) against log(step size).

    widths: inputs, hidden layers, outputs. The drift is the Frobenius norm of the change of B_l (or of its diagonal)
    over all l, relative to that of the initial Gram matrices. horizon: step size × steps, the same for all step sizes.
    degree: the homogeneity k that the charge k‖outgoing‖² − ‖incoming‖² believes in.
    """
    layers, inputs, targets = _problem(trials, widths, points)
    start = balance(layers, charge, degree)
    scale = _norm([layer @ layer.mT for layer in layers])
    drifts = []
    for step_size in step_sizes:
        steps = trials.track(range(round(horizon / step_size)), f"step size {step_size:g}")
        trained = descend(layers, inputs, targets, step_size=step_size, steps=steps, activation=activation)
        drifts.append(_norm(_differences(balance(trained, charge, degree), start)) / scale)
    drift = torch.stack(drifts, 1).cpu()
    title = "Drift of the balance over a fixed time"
    return Measurement(
        values=log_log_slope(step_sizes, drift),
        panels=power_panel(title, "step size", "relative drift", step_sizes, drift, 1),
    )


def one_step_error(
    trials: Trials,
    *,
    widths: list[int],
    points: int,
    step_size: float,
    steps: int,
    activation: Activation = "linear",
    charge: Charge = "matrix",
) -> Measurement:
    r"""Largest over `steps` steps of ‖ΔB − η²(G_{l+1}ᵀG_{l+1} − G_l G_lᵀ)‖ / ‖ΔB‖, G the gradients: zero exactly."""
    layers, inputs, targets = _problem(trials, widths, points)
    errors, changes, predictions = [], [], []
    for _ in trials.track(range(steps), "gradient descent"):
        _, gradients = outputs_and_gradients(layers, inputs, targets, activation)
        moved = [layer - step_size * gradient for layer, gradient in zip(layers, gradients, strict=True)]
        change = _differences(balance(moved, charge), balance(layers, charge))
        predicted = [step_size**2 * part for part in balance(gradients, charge)]
        errors.append(_norm(_differences(change, predicted)) / _norm(change))
        changes.append(_norm(change))
        predictions.append(_norm(predicted))
        layers = moved
    axes = Panel("Change of the balance in one step, first seed", x="step", y="Frobenius norm", log="y")
    return Measurement(
        values=torch.stack(errors).amax(0),
        panels=axes.line("measured", range(steps), torch.stack(changes)[:, 0]).line(
            "predicted", range(steps), torch.stack(predictions)[:, 0], role="predicted"
        ),
    )


def balance(layers: list[Tensor], charge: Charge, degree: int = 1) -> list[Tensor]:
    """B_l for every pair of neighbouring layers: `[runs, width, width]`, or its diagonal `[runs, 1, width]`.

    The upper layer's Gram matrix is multiplied by `degree`.
    """
    matrices = [degree * upper.mT @ upper - lower @ lower.mT for lower, upper in pairwise(layers)]
    if charge == "matrix":
        return matrices
    return [matrix.diagonal(dim1=1, dim2=2)[:, None, :] for matrix in matrices]


def _problem(trials: Trials, widths: list[int], points: int) -> tuple[list[Tensor], Tensor, Tensor]:
    """Weights of variance 1/fan-in, Gaussian inputs scaled so that XXᵀ ≈ identity, and Gaussian targets."""
    draw = {"device": trials.device, "dtype": torch.float64}
    layers = [
        normal(trials.seeds, (fan_out, fan_in), stream=f"weights {index}", **draw) / fan_in**0.5
        for index, (fan_in, fan_out) in enumerate(pairwise(widths))
    ]
    inputs = normal(trials.seeds, (widths[0], points), stream="inputs", **draw) / points**0.5
    targets = normal(trials.seeds, (widths[-1], points), stream="targets", **draw)
    return layers, inputs, targets


def _differences(left: list[Tensor], right: list[Tensor]) -> list[Tensor]:
    return [one - other for one, other in zip(left, right, strict=True)]


def _norm(parts: list[Tensor]) -> Tensor:
    """Frobenius norm over all parts, one a run."""
    return torch.stack([part.square().sum((1, 2)) for part in parts]).sum(0).sqrt()
