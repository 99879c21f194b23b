r"""Gaussian averages of products of activations, $\mathbb E[\phi(u)\phi(v)]$ and $\mathbb E[\phi'(u)\phi'(v)]$.

$(u, v)$ is a centred Gaussian pair with variances $q_u, q_v$ and covariance $k$. Closed forms: ReLU: Cho & Saul 2009;
erf: Williams 1997. For tanh both averages are integrated by the trapezoidal rule on $[-9, 9]^2$ of independent
standard normals, whose error falls like $e^{-\pi^2/(h\sqrt q)}$ with step $h$: below $10^{-12}$ up to variances of 10.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

ActivationName = Literal["relu", "erf", "tanh", "linear"]

_REACH, _STEP = 9.0, 0.1
_BLOCK = 2**23  # grid points of a block of pairs


@dataclass(frozen=True, eq=False)
class DualKernel:
    """E[φ(u)φ(v)] and E[φ'(u)φ'(v)], of the shape of the covariances."""

    value: Float[Tensor, "*pairs"]
    derivative: Float[Tensor, "*pairs"]


def dual_kernel(
    activation: ActivationName,
    variance: Float[Tensor, "*#pairs"],
    other_variance: Float[Tensor, "*#pairs"],
    covariance: Float[Tensor, "*#pairs"],
) -> DualKernel:
    """The averages over Gaussian pairs, one an entry, in float64.

    The three tensors broadcast; variances are not negative. At zero variance derivatives of ReLU take its right limit
    of angle 0. Raises ValueError for an activation without formulas here.
    """
    formulas: dict[str, Callable[[Tensor, Tensor, Tensor], DualKernel]] = {
        "relu": _relu,
        "erf": _erf,
        "tanh": _tanh,
        "linear": lambda p, q, k: DualKernel(k, torch.ones_like(k)),
    }
    if activation not in formulas:
        raise ValueError(f"no Gaussian averages for '{activation}'; there are {', '.join(formulas)}")
    given = (variance, other_variance, covariance)
    shape = (variance + other_variance + covariance).shape
    left, right, both = (tensor.double().expand(shape) for tensor in given)
    return formulas[activation](left, right, both)


def own_kernel(activation: ActivationName, variance: Float[Tensor, "*inputs"]) -> DualKernel:
    """The averages of one input with itself, E[φ(u)²] and E[φ'(u)²]; for tanh an integral over one normal alone."""
    if activation != "tanh":
        return dual_kernel(activation, variance, variance, variance)
    nodes, weights = _trapezoid(_STEP / 4, variance.device)
    squares = torch.tanh(variance.double().sqrt().unsqueeze(-1) * nodes) ** 2
    return DualKernel(squares @ weights, (1 - squares) ** 2 @ weights)


def _relu(left: Tensor, right: Tensor, both: Tensor) -> DualKernel:
    scale = (left * right).sqrt()
    cosine = torch.where(scale > 0, both / torch.where(scale > 0, scale, 1.0), 1.0).clamp(-1, 1)
    angle = torch.arccos(cosine)
    value = scale * (torch.sin(angle) + (math.pi - angle) * cosine) / (2 * math.pi)
    return DualKernel(value, (math.pi - angle) / (2 * math.pi))


def _erf(left: Tensor, right: Tensor, both: Tensor) -> DualKernel:
    scale = (1 + 2 * left) * (1 + 2 * right)
    value = 2 / math.pi * torch.arcsin((2 * both / scale.sqrt()).clamp(-1, 1))
    return DualKernel(value, 4 / math.pi / (scale - 4 * both**2).sqrt())


def _tanh(left: Tensor, right: Tensor, both: Tensor) -> DualKernel:
    nodes, weights = _trapezoid(_STEP, both.device)
    block = max(1, _BLOCK // len(nodes) ** 2)
    flat = (torch.split(tensor.reshape(-1), block) for tensor in (left, right, both))
    values, derivatives = [], []
    for p, q, k in zip(*flat, strict=True):
        deviation = p.sqrt()
        slope = torch.where(deviation > 0, k / torch.where(deviation > 0, deviation, 1.0), 0.0)
        rest = (q - slope**2).clamp(min=0).sqrt()
        first = torch.tanh(deviation[:, None] * nodes)
        second = torch.tanh(slope[:, None, None] * nodes[:, None] + rest[:, None, None] * nodes)
        values.append(((second @ weights) * first) @ weights)
        derivatives.append((((1 - second**2) @ weights) * (1 - first**2)) @ weights)
    return DualKernel(torch.cat(values).reshape(both.shape), torch.cat(derivatives).reshape(both.shape))


def _trapezoid(step: float, device: torch.device) -> tuple[Tensor, Tensor]:
    count = 2 * round(_REACH / step) + 1
    nodes = torch.linspace(-_REACH, _REACH, count, dtype=torch.float64, device=device)
    weights = torch.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()
