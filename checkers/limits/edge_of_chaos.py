r"""How the correlation of two signals decays over the layers of a wide random tanh network.

$h_{l+1} = W\tanh(h_l) + b$, where in each layer $W_{ij} \sim \mathcal N(0, \sigma_w^2/n)$ and
$b_i \sim \mathcal N(0, \sigma_b^2)$ are fresh. The first preactivations are drawn with variance q* and mutual
correlation $c_0$, so that variance stays where it is and correlation alone relaxes to c*: exponentially in both
phases, and as the inverse of depth on the critical line between them. (Poole et al. 2016,
arXiv:1606.05340; Schoenholz et al. 2016, arXiv:1611.01232.)

Given a layer, the n units of the next are independent Gaussians over inputs, of covariance
$\sigma_w^2\,\tfrac1n\sum_i\phi(h_i)\phi(h_i)^\top + \sigma_b^2$. They are drawn from that law, not
through a weight matrix: the same networks of finite width, at n numbers an input instead of n².
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from checkers.testbeds.randomness import normal
from checkers.theory.signal_propagation import (
    correlation_path,
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
    detuning: float = 1.0,
    width: int = 512,
    inputs: int = 12,
) -> Measurement:
    r"""Measured over predicted decay a layer of ln|c_l − c*| between two layers.

    correlation: c₀, of every pair of `inputs`; c_l is the mean over pairs. window: first and last layer, counting the
    first preactivations as 0. detuning: the networks' σ_w over the one that the prediction, −ln χ(c*), is told. In the
    chaotic phase a seed whose |c_l − c*| falls below 1/n^½ in the window is out of regime.
    (Schoenholz et al. 2016, eqs. 8–10.)
    """
    predicted = 1 / signal_propagation("tanh", weight_scale, bias_scale).correlation_depth
    first, last = window
    network = _Network(detuning * weight_scale, bias_scale, width, inputs)
    theory = signal_propagation("tanh", network.weight_scale, bias_scale)
    gaps = (network.correlations(trials, correlation, last) - theory.correlation).abs()
    ideal = [abs(value - theory.correlation) for value in network.limit(correlation, last)]
    finite = math.log(ideal[first] / ideal[last]) / (last - first) / predicted
    floor = width**-0.5 if theory.phase == "chaotic" else 0.0
    layers = list(range(last + 1))
    line = [ideal[first] * math.exp(-predicted * (layer - first)) for layer in layers]
    return Measurement(
        values=(gaps[:, first] / gaps[:, last]).log() / (last - first) / predicted,
        in_regime=gaps[:, first : last + 1].amin(dim=1) > floor,
        panels=Panel("Distance to the fixed point", x="layer", y="|c − c*|", log="y")
        .over_seeds("measured", layers, gaps)
        .line("recursion of infinite width", layers, ideal, role="reference")
        .line("exponential law", layers, line, role="predicted"),
        notes=[
            f"{theory.phase} phase: χ(1) = {theory.chi_1:.3f}, χ(c*) = {theory.chi:.3f}, c* = {theory.correlation:.3f}",
            f"the recursion itself gives {finite:.3f} of the predicted rate in this window",
        ],
    )


def critical_growth_ratio(
    trials: Trials,
    *,
    bias_scale: float,
    correlation: float,
    layers: int,
    detuning: float = 1.0,
    width: int = 16384,
    inputs: int = 4,
) -> Measurement:
    r"""Growth a layer of 1/(1 − c_l) on the critical line, over ½χ'(1) = ½ σ_w² q* E[φ''²].

    correlation: c₀, of every pair of `inputs`; c_l is the mean over pairs. detuning: the networks' σ_w over the
    critical one at this σ_b; variance starts at its own fixed point.
    (Hayou et al. 2019, arXiv:1902.06853; the expansion is in `critical_growth`.)
    """
    critical = critical_weight_scale("tanh", bias_scale)
    variance = fixed_variance("tanh", critical, bias_scale)
    predicted = critical_growth("tanh", critical, variance)
    network = _Network(detuning * critical, bias_scale, width, inputs)
    measured = 1 / (1 - network.correlations(trials, correlation, layers))
    ideal = [1 / (1 - c) for c in network.limit(correlation, layers)]
    places = list(range(layers + 1))
    finite = (ideal[-1] - ideal[0]) / layers / predicted
    return Measurement(
        values=(measured[:, -1] - measured[:, 0]) / layers / predicted,
        panels=Panel("Growth of the reciprocal distance from correlation one", x="layer", y="1/(1 − c)")
        .over_seeds("measured", places, measured - measured[:, :1] + ideal[0])
        .line("recursion of infinite width", places, ideal, role="reference")
        .line("law", places, [ideal[0] + predicted * layer for layer in places], role="predicted"),
        notes=[
            f"critical σ_w = {critical:.4f}, q* = {variance:.4f}; predicted growth {predicted:.4f} a layer",
            f"the recursion at infinite width gives {finite:.3f} of it over these layers",
        ],
    )


@dataclass(frozen=True)
class _Network:
    """A random tanh network of some width, whose variance starts at its fixed point."""

    weight_scale: float
    bias_scale: float
    width: int
    inputs: int

    @property
    def variance(self) -> float:
        return fixed_variance("tanh", self.weight_scale, self.bias_scale)

    def limit(self, correlation: float, layers: int) -> list[float]:
        """The correlations of the infinitely wide network, from layer 0 on."""
        return correlation_path("tanh", self.weight_scale, self.bias_scale, self.variance, correlation, layers)

    def correlations(self, trials: Trials, correlation: float, layers: int) -> Tensor:
        """The mean correlation over pairs of inputs, [runs, layers + 1], in float64 on the CPU."""
        variance = self.variance
        covariance = torch.full((self.inputs, self.inputs), correlation * variance, dtype=torch.float64)
        covariance.fill_diagonal_(variance)
        # Run by run: the layers of one fit into the processor's cache.
        return torch.stack(
            [self._path(seed, covariance, layers, trials.device) for seed in trials.track(trials.seeds, "run")]
        )

    def _path(self, seed: int, covariance: Tensor, layers: int, device: str) -> Tensor:
        """One run's correlations. Units of a layer are independent draws of a Gaussian law over inputs."""
        shape = (self.width, self.inputs)
        found = []
        for layer in range(layers + 1):
            units = normal((seed,), shape, stream=f"layer {layer}", device=device, dtype=torch.float64)[0]
            signals = units @ torch.linalg.cholesky(covariance.to(device)).mT
            found.append(_mean_correlation(signals))
            features = signals.tanh_()
            covariance = self.weight_scale**2 / self.width * features.mT @ features + self.bias_scale**2
        return torch.stack(found).cpu()


def _mean_correlation(signals: Tensor) -> Tensor:
    """Of signals [units, inputs], over pairs of inputs."""
    products = signals.mT @ signals
    lengths = products.diagonal().sqrt()
    count = len(lengths)
    return ((products / torch.outer(lengths, lengths)).sum() - count) / (count * (count - 1))
