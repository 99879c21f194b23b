r"""Test risk of kernel ridge regression from the kernel's spectrum, the target, the sample size and the ridge.

The predictor is $\hat f(x)=k(x,X)(K+\delta I)^{-1}y$ (the ridge $\delta$ is not divided by $n$), the eigenfunctions
are orthonormal under the inputs' law, $f=\sum_i v_i\phi_i$, and labels carry noise of variance $\sigma^2$. With
$\kappa$ from $n=\sum_i\frac{\lambda_i}{\lambda_i+\kappa}+\frac{\delta}{\kappa}$ and learnabilities
$\mathcal L_i=\lambda_i/(\lambda_i+\kappa)$,

$$E_{\rm test}=\mathcal E_0\Bigl(\sum_i(1-\mathcal L_i)^2v_i^2+\sigma^2\Bigr),\qquad
\mathcal E_0=\frac{n}{n-\sum_i\mathcal L_i^2},$$

which counts the noise of the test label. (Bordelon, Canatar & Pehlevan 2020, arXiv:2002.02561; in this form Simon et
al. 2021, arXiv:2110.03922.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

Array = NDArray[np.float64]


def effective_ridge(eigenvalues: ArrayLike, samples: int, ridge: float = 0.0) -> float:
    """κ, the only positive solution of n = Σ λ/(λ+κ) + δ/κ; needs more than n positive eigenvalues, or a ridge."""
    spectrum = np.asarray(eigenvalues, dtype=float)
    if ridge == 0 and np.count_nonzero(spectrum > 0) <= samples:
        raise ValueError(
            f"without a ridge, {samples} samples need more than {samples} positive eigenvalues; "
            f"here: {np.count_nonzero(spectrum > 0)}"
        )

    def surplus(log_kappa: float) -> float:
        kappa = np.exp(log_kappa)
        return float(np.sum(spectrum / (spectrum + kappa)) + ridge / kappa - samples)

    highest = np.log((spectrum.sum() + ridge) / samples)
    lowest = highest - 1.0
    while surplus(lowest) <= 0:
        lowest -= 2.0
    return float(np.exp(brentq(surplus, lowest, highest + 1e-9, xtol=1e-14, rtol=1e-14)))


def learnabilities(eigenvalues: ArrayLike, samples: int, ridge: float = 0.0) -> Array:
    """λ/(λ+κ): the expected share of every eigenfunction that is learned, between 0 and 1."""
    spectrum = np.asarray(eigenvalues, dtype=float)
    return np.asarray(spectrum / (spectrum + effective_ridge(spectrum, samples, ridge)))


def predicted_risk(
    eigenvalues: ArrayLike, power: ArrayLike, samples: int, *, ridge: float = 0.0, noise: float = 0.0
) -> float:
    """Expected squared error on a fresh noisy label; power: v_i², one an eigenvalue; noise: variance σ²."""
    learned = learnabilities(eigenvalues, samples, ridge)
    seen = np.sum((1 - learned) ** 2 * np.asarray(power)) + noise
    return float(overfitting_factor(eigenvalues, samples, ridge) * seen)


def overfitting_factor(eigenvalues: ArrayLike, samples: int, ridge: float = 0.0) -> float:
    """𝓔₀ = n/(n − Σ𝓛²) ≥ 1; the theory errs by a relative O(𝓔₀²/n)."""
    return float(samples / (samples - np.sum(learnabilities(eigenvalues, samples, ridge) ** 2)))
