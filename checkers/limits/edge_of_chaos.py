r"""How the correlation of two signals decays over the layers of a wide random tanh network.

$h_{l+1} = W\tanh(h_l) + b$, where in each layer $W_{ij} \sim \mathcal N(0, \sigma_w^2/n)$ and
$b_i \sim \mathcal N(0, \sigma_b^2)$ are fresh. The first preactivations are drawn with variance q* and mutual
correlation $c_0$, so that variance stays where it is and correlation alone relaxes to c*: exponentially in both
phases, and as the inverse of depth on the critical line between them. (Poole et al. 2016,
arXiv:1606.05340; Schoenholz et al. 2016, arXiv:1611.01232.)
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.randomness import normal
from checkers.theory.signal_propagation import (
    correlation_map,
    critical_growth,
    critical_weight_scale,
    fixed_variance,
    signal_propagation,
)
from lawbook import Measurement, Panel, Trials


def decay_rate_ratio(
    trials: Trials,
    *,
    weight_scale: float,
    bias_scale: float,
    correlation: float,
    window: list[int],
    formula: Literal["fixed-point", "ordered", "variance"] = "fixed-point",
    width: int = 512,
    inputs: int = 12,
) -> Measurement:
    r"""Measured over predicted decay a layer of ln|c_l − c*| between two layers.

    correlation: c₀, of every pair of `inputs`; c_l is the mean over pairs. window: first and last layer, counting the
    first preactivations as 0. formula: what the decay is predicted by: −ln χ(c*) ("fixed-point"), −ln χ(1)
    ("ordered") or that of the variance ("variance"). In the chaotic phase a seed whose |c_l − c*| falls below
    1/n^½ in the window is out of regime. (Schoenholz et al. 2016, eqs. 8–10.)
    """
    theory = signal_propagation("tanh", weight_scale, bias_scale)
    first, last = window
    measured = _correlations(
        trials, theory.variance, weight_scale, bias_scale, correlation, last, width, inputs
    )
    recursion = _recursion(weight_scale, bias_scale, theory.variance, correlation, last)
    predicted = {
        "fixed-point": 1 / theory.correlation_depth,
        "ordered": -math.log(theory.chi_1),
        "variance": 1 / theory.variance_depth,
    }[formula]
    gaps = (measured - theory.correlation).abs()
    rates = (gaps[:, first] / gaps[:, last]).log() / (last - first)
    ideal = [abs(value - theory.correlation) for value in recursion]
    finite = math.log(ideal[first] / ideal[last]) / (last - first) * theory.correlation_depth
    floor = width**-0.5 if theory.phase == "chaotic" else 0.0
    layers = list(range(last + 1))
    line = [ideal[first] * math.exp(-predicted * (layer - first)) for layer in layers]
    return Measurement(
        values=rates / predicted,
        in_regime=gaps[:, first : last + 1].amin(dim=1) > floor,
        panels=Panel("Distance to the fixed point", x="layer", y="|c − c*|", log="y")
        .over_seeds("measured", layers, gaps)
        .line("recursion of infinite width", layers, ideal, role="reference")
        .line("exponential of the formula", layers, line, role="predicted"),
        notes=[
            f"{theory.phase} phase: χ(1) = {theory.chi_1:.3f}, χ(c*) = {theory.chi:.3f}, c* = {theory.correlation:.3f}",
            f"the recursion itself gives {finite:.3f} of the asymptotic rate in this window",
        ],
    )


def critical_growth_ratio(
    trials: Trials,
    *,
    bias_scale: float,
    correlation: float,
    window: list[int],
    detuning: float = 1.0,
    width: int = 512,
    inputs: int = 12,
) -> Measurement:
    r"""Growth of 1/(1 − c_l) between two layers, over that of the infinitely wide recursion on the critical line.

    correlation: c₀, of every pair of `inputs`; c_l is the mean over pairs. window: first and last layer, counting the
    first preactivations as 0. detuning: the networks' σ_w over the critical one at this σ_b; variance starts at its
    own fixed point. (Hayou et al. 2019, arXiv:1902.06853; the expansion is in `critical_growth`.)
    """
    critical = critical_weight_scale("tanh", bias_scale)
    variance = fixed_variance("tanh", critical, bias_scale)
    first, last = window
    weight_scale = detuning * critical
    start = fixed_variance("tanh", weight_scale, bias_scale)
    measured = 1 / (
        1 - _correlations(trials, start, weight_scale, bias_scale, correlation, last, width, inputs)
    )
    ideal = [1 / (1 - c) for c in _recursion(critical, bias_scale, variance, correlation, last)]
    predicted = (ideal[last] - ideal[first]) / (last - first)
    asymptotic = critical_growth("tanh", critical, variance)
    layers = list(range(last + 1))
    line = [ideal[last] + asymptotic * (layer - last) for layer in layers]
    return Measurement(
        values=(measured[:, last] - measured[:, first]) / (last - first) / predicted,
        panels=Panel("Reciprocal distance from perfect correlation", x="layer", y="1/(1 − c)")
        .over_seeds("measured", layers, measured)
        .line("recursion of infinite width, critical", layers, ideal, role="predicted")
        .line("slope in the limit of depth", layers, line, role="reference"),
        notes=[
            f"critical σ_w = {critical:.4f}; 1/(1 − c) grows by {predicted:.4f} a layer in this window, "
            f"{predicted / asymptotic:.3f} of its limit {asymptotic:.4f}"
        ],
    )


def _recursion(
    weight_scale: float, bias_scale: float, variance: float, correlation: float, layers: int
) -> list[float]:
    """The correlation of infinitely wide networks, from layer 0 on."""
    correlations = [correlation]
    for _ in range(layers):
        correlations.append(correlation_map("tanh", weight_scale, bias_scale, variance, correlations[-1]))
    return correlations


def _correlations(
    trials: Trials,
    variance: float,
    weight_scale: float,
    bias_scale: float,
    correlation: float,
    layers: int,
    width: int,
    inputs: int,
) -> Tensor:
    """The mean correlation over pairs of inputs, [runs, layers + 1], in float64 on the CPU."""
    draws = normal(
        trials.seeds, (width, inputs + 1), stream="signals", device=trials.device, dtype=torch.float64
    )
    mixed = math.sqrt(correlation) * draws[:, :, :1] + math.sqrt(1 - correlation) * draws[:, :, 1:]
    signals = math.sqrt(variance) * mixed
    means = [_mean_correlation(signals)]
    for layer in trials.track(range(1, layers + 1), "layer"):
        weights = normal(
            trials.seeds, (width, width), stream=f"weights {layer}", device=trials.device, dtype=torch.float64
        )
        biases = normal(
            trials.seeds, (width, 1), stream=f"biases {layer}", device=trials.device, dtype=torch.float64
        )
        signals = weights @ signals.tanh() * (weight_scale / width**0.5) + bias_scale * biases
        means.append(_mean_correlation(signals))
    return torch.stack(means, dim=1).cpu()


def _mean_correlation(signals: Tensor) -> Tensor:
    scaled = signals / signals.norm(dim=1, keepdim=True)
    count = signals.shape[2]
    return (scaled.sum(dim=2).square().sum(dim=1) - count) / (count * (count - 1))
