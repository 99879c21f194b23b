r"""Excess risk of minimum-norm least squares with isotropic Gaussian features, exactly, at finite size.

$n$ samples of $y=x^\top\beta+\varepsilon$, $x\sim\mathcal N(0,I_p)$, noise variance $\sigma^2$; the excess risk is
$\mathbb E\lVert\hat\beta-\beta\rVert^2$ (the noise of a test label is left out):

$$\frac{\sigma^2p}{n-p-1}\ (p\le n-2),\qquad
\lVert\beta\rVert^2\Bigl(1-\frac np\Bigr)+\frac{\sigma^2n}{p-n-1}\ (p\ge n+2),$$

and infinite for $|p-n|\le1$. (Belkin, Hsu & Xu 2019, arXiv:1903.07571; as $n,p\to\infty$ Hastie et al. 2019,
arXiv:1903.08560.)
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def mean_risk(features: int, samples: int, *, signal: float, noise: float) -> float:
    """Mean excess risk, exact; signal is ‖β‖², noise is σ². Infinite for |p − n| ≤ 1 where there is noise."""
    gap = abs(features - samples) - 1
    variance = noise * min(features, samples) / gap if gap > 0 else (math.inf if noise > 0 else 0.0)
    return signal * max(0.0, 1 - samples / features) + variance


def asymptotic_risk(features: int, samples: int, *, signal: float, noise: float) -> float:
    """The limit n, p → ∞ at fixed p/n = γ: σ²γ/(1−γ), or ‖β‖²(1−1/γ) + σ²/(γ−1)."""
    ratio = features / samples
    if ratio == 1:
        return math.inf
    variance = noise * min(ratio, 1.0) / abs(1 - ratio)
    return signal * max(0.0, 1 - 1 / ratio) + variance


def optimal_ridge(features: int, *, signal: float, noise: float) -> float:
    """δ = pσ²/‖β‖² in (XᵀX + δI)⁻¹Xᵀy: the best ridge for a target of random direction, at every n."""
    return features * noise / signal


def risk_draws(
    features: int, samples: int, *, signal: float, noise: float, draws: int, seed: int
) -> NDArray[np.float64]:
    """Draws of the risk given the inputs (averaged over label noise), without drawing any inputs.

    The singular values of a Gaussian matrix are those of a bidiagonal matrix of independent chi variables (Dumitriu &
    Edelman 2002, math-ph/0206043), whose inverse has a Frobenius norm that obeys a recursion; the lost share of ‖β‖² is
    an independent beta variable.
    """
    short, long = sorted((features, samples))
    source = np.random.default_rng(seed)
    row = np.zeros(draws)
    trace = np.zeros(draws)
    for index in range(short):
        below = source.chisquare(short - index, draws) if index else np.zeros(draws)
        row = (1 + below * row) / source.chisquare(long - index, draws)
        trace += row
    lost = 0.0
    if features > samples:
        lost = source.beta((features - samples) / 2, samples / 2, draws)
    return np.asarray(noise * trace + signal * lost)
