"""Many small fully connected networks trained at once by full-batch gradient descent on squared loss.

Weights are a list, first layer first, of tensors `[runs, fan_out, fan_in]`; inputs are columns, `[features, points]` or
`[runs, features, points]`. The loss of a run is ½‖outputs − targets‖²_F, a sum over points: no mean, so that with
whitened inputs (orthonormal rows) time is step size × steps. There are no biases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import torch
from torch import Tensor

Activation = Literal["linear", "tanh", "relu", "squared-relu"]


def outputs_and_gradients(
    weights: list[Tensor], inputs: Tensor, targets: Tensor, activation: Activation = "linear"
) -> tuple[Tensor, list[Tensor]]:
    """Outputs `[runs, features, points]` and the gradient of each run's loss with respect to each layer."""
    hidden, slopes = [inputs], []
    for weight in weights[:-1]:
        before = weight @ hidden[-1]
        after = _activate(before, activation)
        hidden.append(after)
        slopes.append(_slope(before, after, activation))
    outputs = weights[-1] @ hidden[-1]
    backward = outputs - targets
    gradients = [backward @ hidden[-1].mT]
    for layer in range(len(weights) - 1, 0, -1):
        backward = weights[layer].mT @ backward
        slope = slopes[layer - 1]
        if slope is not None:
            backward = backward * slope
        gradients.append(backward @ hidden[layer - 1].mT)
    return outputs, gradients[::-1]


def descend(
    weights: list[Tensor],
    inputs: Tensor,
    targets: Tensor,
    *,
    step_size: float,
    steps: Iterable[int],
    activation: Activation = "linear",
    observe: Callable[[list[Tensor], Tensor], None] | None = None,
) -> list[Tensor]:
    """The weights after gradient descent with a constant step size; the given list is left as it was.

    `observe(weights, outputs)` is called before every step, so its first call sees the initial network.
    """
    weights = [weight.clone() for weight in weights]
    for _ in steps:
        outputs, gradients = outputs_and_gradients(weights, inputs, targets, activation)
        if observe is not None:
            observe(weights, outputs)
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.sub_(gradient, alpha=step_size)
    return weights


def product(weights: list[Tensor]) -> Tensor:
    """The end-to-end matrix `[runs, outputs, inputs]` of linear networks."""
    end_to_end = weights[0]
    for weight in weights[1:]:
        end_to_end = weight @ end_to_end
    return end_to_end


def _activate(before: Tensor, activation: Activation) -> Tensor:
    if activation == "linear":
        return before
    if activation == "tanh":
        return torch.tanh(before)
    rectified = torch.relu(before)
    return rectified if activation == "relu" else rectified.square()


def _slope(before: Tensor, after: Tensor, activation: Activation) -> Tensor | None:
    if activation == "linear":
        return None
    if activation == "tanh":
        return 1 - after * after
    return (before > 0).to(before.dtype) if activation == "relu" else 2 * torch.relu(before)
