r"""How variance and correlation of signals travel through wide random networks: fixed points and depth scales.

With $W_{ij} \sim \mathcal N(0, \sigma_w^2/n)$ and $b \sim \mathcal N(0, \sigma_b^2)$ the preactivation variance follows
$q \mapsto \sigma_w^2\,\mathbb E\,\phi(\sqrt q z)^2 + \sigma_b^2$ to $q^*$, and there the correlation of two inputs
follows $c \mapsto (\sigma_w^2\,\mathbb E[\phi(u)\phi(v)] + \sigma_b^2)/q^*$ to $c^*$. Perturbations of $c$ shrink by
$\chi(c) = \sigma_w^2\,\mathbb E[\phi'(u)\phi'(v)]$ a layer: $\chi_1 = \chi(1) < 1$ is the ordered phase ($c^* = 1$),
$\chi_1 > 1$ the chaotic one. The depth scale of correlations is $\xi_c = -1/\ln\chi(c^*)$, which is $-1/\ln\chi_1$ in
the ordered phase alone; that of variance is $\xi_q = -1/\ln(\chi_1 + \sigma_w^2\,\mathbb E[\phi\phi''])$. Sources:
Poole et al. 2016; Schoenholz et al. 2016.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch

from checkers.theory.dual_kernels import ActivationName, dual_kernel, own_kernel

Phase = Literal["ordered", "critical", "chaotic"]

_CRITICAL = 1e-9  # |χ₁ − 1| below this is the line itself, where decay is algebraic and depth scales are infinite
_BISECTIONS = 200


@dataclass(frozen=True)
class SignalPropagation:
    """Fixed points and depth scales, in layers; `inf` where the decay is not exponential.

    variance: q*. correlation: c*, the stable one. chi_1: χ(1). chi: χ(c*).
    """

    variance: float
    correlation: float
    chi_1: float
    chi: float
    correlation_depth: float
    variance_depth: float
    phase: Phase


def signal_propagation(activation: ActivationName, weight_scale: float, bias_scale: float = 0.0) -> SignalPropagation:
    """The fixed points of a wide network with weight variance σ_w²/n and bias variance σ_b².

    weight_scale, bias_scale: σ_w > 0 and σ_b ≥ 0. Raises ValueError where the variance has no single finite fixed point
    (ReLU or linear at or above its critical σ_w: √2 and 1).
    """
    variance = fixed_variance(activation, weight_scale, bias_scale)
    chi_1 = susceptibility(activation, weight_scale, variance, 1.0)
    phase: Phase = "critical" if abs(chi_1 - 1) < _CRITICAL else "ordered" if chi_1 < 1 else "chaotic"
    correlation = 1.0
    if phase == "chaotic":
        correlation = _root(
            lambda c: correlation_map(activation, weight_scale, bias_scale, variance, c) - c, 0.0, 1.0 - 1e-9
        )
    chi = susceptibility(activation, weight_scale, variance, correlation)
    step = 1e-5 * max(variance, 1e-3)
    ahead, behind = (
        variance_map(activation, weight_scale, bias_scale, max(q, 0.0)) for q in (variance + step, variance - step)
    )
    width = step + min(step, variance)
    return SignalPropagation(
        variance=variance,
        correlation=correlation,
        chi_1=chi_1,
        chi=chi,
        correlation_depth=_depth_scale(chi),
        variance_depth=_depth_scale((ahead - behind) / width),
        phase=phase,
    )


def variance_map(activation: ActivationName, weight_scale: float, bias_scale: float, variance: float) -> float:
    """The next layer's preactivation variance."""
    q = torch.tensor(variance, dtype=torch.float64)
    return weight_scale**2 * float(own_kernel(activation, q).value) + bias_scale**2


def correlation_map(
    activation: ActivationName, weight_scale: float, bias_scale: float, variance: float, correlation: float
) -> float:
    """The next layer's correlation of two inputs, both at the fixed variance."""
    q = torch.tensor(variance, dtype=torch.float64)
    return (weight_scale**2 * float(dual_kernel(activation, q, q, correlation * q).value) + bias_scale**2) / variance


def correlation_path(
    activation: ActivationName,
    weight_scale: float,
    bias_scale: float,
    variance: float,
    correlation: float,
    layers: int,
) -> list[float]:
    """The correlations of layers 0 to `layers`, from `correlation` on, at the fixed variance."""
    path = [correlation]
    for _ in range(layers):
        path.append(correlation_map(activation, weight_scale, bias_scale, variance, path[-1]))
    return path


def susceptibility(activation: ActivationName, weight_scale: float, variance: float, correlation: float) -> float:
    """χ(c) at a variance: the slope of the correlation map, and the growth of gradients' squares where c = 1."""
    q = torch.tensor(variance, dtype=torch.float64)
    dual = own_kernel(activation, q) if correlation == 1 else dual_kernel(activation, q, q, correlation * q)
    return weight_scale**2 * float(dual.derivative)


def critical_growth(activation: ActivationName, weight_scale: float, variance: float) -> float:
    r"""Growth of 1/(1 − c) a layer close to c = 1 on the critical line: χ'(1)/2 = ½ σ_w² q E[φ''(√q z)²].

    The correlation map expands as 1 − c ↦ χ₁(1 − c) − ½ χ'(1)(1 − c)², so where χ₁ = 1 the reciprocal grows by
    half of χ'(1), here a one-sided difference of second order, good to five digits. (Hayou et al. 2019.)
    """
    step = 1e-3
    here, near, far = (susceptibility(activation, weight_scale, variance, c) for c in (1.0, 1 - step, 1 - 2 * step))
    return (3 * here - 4 * near + far) / (4 * step)


def fixed_variance(activation: ActivationName, weight_scale: float, bias_scale: float) -> float:
    """The variance q* that layers tend to; 0 for a saturating activation with σ_b = 0 and σ_w² φ'(0)² ≤ 1."""
    if activation in ("relu", "linear"):
        gain = weight_scale**2 * (0.5 if activation == "relu" else 1.0)
        if gain >= 1:
            raise ValueError(
                f"'{activation}' with σ_w = {weight_scale:g} has no single finite fixed variance; it needs σ_w below "
                f"{math.sqrt(2) if activation == 'relu' else 1:.4g}"
            )
        return bias_scale**2 / (1 - gain)
    gain_at_zero = susceptibility(activation, weight_scale, 0.0, 1.0)
    if bias_scale == 0 and gain_at_zero <= 1:
        return 0.0
    most = weight_scale**2 + bias_scale**2  # both activations stay below 1
    return _root(lambda q: variance_map(activation, weight_scale, bias_scale, q) - q, 1e-12 * most, most)


def critical_weight_scale(activation: ActivationName, bias_scale: float) -> float:
    """The σ_w at which χ₁ = 1 for tanh or erf at a given σ_b: the edge of chaos."""
    if activation not in ("tanh", "erf"):
        raise ValueError(f"'{activation}' has no chaotic phase, so no edge; take tanh or erf")

    def excess(weight_scale: float) -> float:
        variance = fixed_variance(activation, weight_scale, bias_scale)
        return 1 - susceptibility(activation, weight_scale, variance, 1.0)

    return _root(excess, 0.5, 20.0)


def _depth_scale(contraction: float) -> float:
    """-1/ln of a contraction a layer: 0 where all is gone after one, infinite on the critical line and beyond."""
    if contraction <= 0:
        return 0.0
    return math.inf if contraction >= 1 - _CRITICAL else -1 / math.log(contraction)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that is positive at `low` and not at `high` changes sign, by bisection to the last digit."""
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if function(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
