r"""Gaussian averages of products of activations, $\mathbb E[\phi(u)\phi(v)]$ and $\mathbb E[\phi'(u)\phi'(v)]$.

$(u, v)$ is a centred Gaussian pair with variances $q_u, q_v$ and covariance $k$. Closed forms: ReLU: Cho & Saul 2009;
erf: Williams 1997. For tanh both averages are integrated by the trapezoidal rule on $[-9, 9]^2$ of independent
standard normals, whose error falls like $e^{-\pi^2/(h\sqrt q)}$ with step $h$: below $10^{-12}$ up to variances of 10.
Above them tanh is a step on the normals' scale, and nodes are drawn together around it: $z = c + a\sinh t$ with $a$ the
step's width and $c$ its place, the rule being taken in $t$ (errors below $10^{-10}$ at any variance).
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
_WIDE = 10.0  # variance up to which equidistant nodes serve
_SINH_STEP = 0.08


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
    of angle 0. Entries of which a number is not finite, or a variance is negative, are NaN. Raises ValueError for an
    activation without formulas here, TypeError for integers.
    """
    _check_float(variance, other_variance, covariance)
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
    dual = formulas[activation](left, right, both)
    if bool((dual.value.sum() + dual.derivative.sum()).isfinite()):
        return dual
    known = (left >= 0) & (right >= 0) & left.isfinite() & right.isfinite() & both.isfinite()
    return DualKernel(*(torch.where(known, average, torch.nan) for average in (dual.value, dual.derivative)))


def own_kernel(activation: ActivationName, variance: Float[Tensor, "*inputs"]) -> DualKernel:
    """The averages of one input with itself, E[φ(u)²] and E[φ'(u)²]; for tanh an integral over one normal alone."""
    if activation != "tanh":
        return dual_kernel(activation, variance, variance, variance)
    _check_float(variance)
    deviation = variance.double().sqrt()
    nodes, weights = _trapezoid(_STEP / 4, variance.device)
    squares = torch.tanh(deviation.unsqueeze(-1) * nodes) ** 2
    value, derivative = squares @ weights, (1 - squares) ** 2 @ weights
    wide = variance > _WIDE
    if bool(wide.any()):
        at, weighing = _around_step(1 / deviation[wide], torch.zeros_like(deviation[wide]))
        squares = torch.tanh(deviation[wide].unsqueeze(-1) * at) ** 2
        value[wide] = (squares * weighing).sum(-1)
        derivative[wide] = ((1 - squares) ** 2 * weighing).sum(-1)
    return DualKernel(value, derivative)


def _relu(left: Tensor, right: Tensor, both: Tensor) -> DualKernel:
    scale = left.sqrt() * right.sqrt()
    cosine = torch.where(scale > 0, both / torch.where(scale > 0, scale, 1.0), 1.0).clamp(-1, 1)
    angle = torch.arccos(cosine)
    value = scale * (torch.sin(angle) + (math.pi - angle) * cosine) / (2 * math.pi)
    return DualKernel(value, (math.pi - angle) / (2 * math.pi))


def _erf(left: Tensor, right: Tensor, both: Tensor) -> DualKernel:
    scale = (1 + 2 * left).sqrt() * (1 + 2 * right).sqrt()
    value = 2 / math.pi * torch.arcsin((2 * both / scale).clamp(-1, 1))
    # (1 + 2p)(1 + 2q) - 4k², without the cancellation of an input's with itself, however large
    typical = left.sqrt() * right.sqrt()
    apart = torch.where(typical - both > 4e-16 * typical, typical - both, 0.0) * (typical + both)
    return DualKernel(value, 4 / math.pi / (1 + 2 * (left + right) + 4 * apart).sqrt())


def _tanh(left: Tensor, right: Tensor, both: Tensor) -> DualKernel:
    shape = both.shape
    left, right, both = (tensor.reshape(-1) for tensor in (left, right, both))
    value, derivative = torch.full_like(both, torch.nan), torch.full_like(both, torch.nan)
    known = left.isfinite() & right.isfinite() & both.isfinite()
    wide = known & (torch.maximum(left, right) > _WIDE)
    for chosen, average in ((~wide, _tanh_narrow), (wide, _tanh_wide)):
        if bool(chosen.any()):
            value[chosen], derivative[chosen] = average(left[chosen], right[chosen], both[chosen])
    return DualKernel(value.reshape(shape), derivative.reshape(shape))


def _tanh_narrow(left: Tensor, right: Tensor, both: Tensor) -> tuple[Tensor, Tensor]:
    nodes, weights = _trapezoid(_STEP, both.device)
    block = max(1, _BLOCK // len(nodes) ** 2)
    values, derivatives = [], []
    for p, q, k in zip(*(torch.split(tensor, block) for tensor in (left, right, both)), strict=True):
        deviation, slope, rest = _conditional(p, q, k)
        first = torch.tanh(deviation[:, None] * nodes)
        second = torch.tanh(slope[:, None, None] * nodes[:, None] + rest[:, None, None] * nodes)
        values.append(((second @ weights) * first) @ weights)
        derivatives.append((((1 - second**2) @ weights) * (1 - first**2)) @ weights)
    return torch.cat(values), torch.cat(derivatives)


def _tanh_wide(left: Tensor, right: Tensor, both: Tensor) -> tuple[Tensor, Tensor]:
    deviation, slope, rest = _conditional(left, right, both)
    width = 1 / torch.maximum(deviation, slope.abs()).clamp(min=1)
    nodes, weights = _around_step(width, torch.zeros_like(width))
    inner_width = (1 / rest.clamp(min=1)).unsqueeze(1).expand_as(nodes)
    step = -slope.unsqueeze(1) * nodes / torch.where(rest > 0, rest, torch.inf).unsqueeze(1)
    block = max(1, _BLOCK // nodes.shape[1] ** 2)
    values, derivatives = [], []
    for at in torch.split(torch.arange(len(both), device=both.device), block):
        inner_nodes, inner_weights = _around_step(inner_width[at], step[at].clamp(-_REACH - 1, _REACH + 1))
        first = torch.tanh(deviation[at, None] * nodes[at])
        outer = slope[at, None] * nodes[at]
        second = torch.tanh(outer.unsqueeze(2) + rest[at, None, None] * inner_nodes)
        means = (second * inner_weights).sum(2)
        slopes = ((1 - second**2) * inner_weights).sum(2)
        values.append((means * first * weights[at]).sum(1))
        derivatives.append((slopes * (1 - first**2) * weights[at]).sum(1))
    return torch.cat(values), torch.cat(derivatives)


def _conditional(p: Tensor, q: Tensor, k: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """√p, the slope s and the rest r with u = √p z and v = s z + r z' for independent standard normals z and z'."""
    deviation = p.sqrt()
    slope = torch.where(deviation > 0, k / torch.where(deviation > 0, deviation, 1.0), 0.0)
    return deviation, slope, (q - slope**2).clamp(min=0).sqrt()


def _around_step(width: Tensor, centre: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes z = c + a sinh t [..., nodes] of a step at c [...] of width a [...], and normal weights that sum to one."""
    far = 2 * _REACH + 1
    reach = math.asinh(far / float(width.min()))
    t = torch.arange(-math.ceil(reach / _SINH_STEP), math.ceil(reach / _SINH_STEP) + 1, device=width.device)
    t = t.to(torch.float64) * _SINH_STEP
    nodes = centre.unsqueeze(-1) + width.unsqueeze(-1) * torch.sinh(t)
    weights = torch.exp(-(nodes**2) / 2) * width.unsqueeze(-1) * torch.cosh(t)
    return nodes, weights / weights.sum(-1, keepdim=True)


def _trapezoid(step: float, device: torch.device) -> tuple[Tensor, Tensor]:
    count = 2 * round(_REACH / step) + 1
    nodes = torch.linspace(-_REACH, _REACH, count, dtype=torch.float64, device=device)
    weights = torch.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()


def _check_float(*tensors: Tensor) -> None:
    for tensor in tensors:
        if not tensor.is_floating_point():
            raise TypeError(f"variances and covariances must be floating point, not {tensor.dtype}")
