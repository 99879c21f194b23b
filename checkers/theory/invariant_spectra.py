r"""Spectra of dot-product kernels on the sphere, plain and averaged over cyclic shifts.

Let $x, y$ be uniform on the sphere of radius $\sqrt d$ in $\mathbb{R}^d$ and $k(\langle x, y\rangle/d)$ a kernel. Its
eigenfunctions are the spherical harmonics: degree $\ell$ has one eigenvalue $\lambda_\ell$ and multiplicity $M_\ell$.
Averaging the kernel over the $d$ cyclic shifts keeps $\lambda_\ell$ and leaves only the invariant harmonics. For prime
$d$ their number follows from Burnside's lemma: a shift other than the identity has the characters $\chi_\ell$ with
$\sum_\ell \chi_\ell t^\ell = (1-t^2)/(1-t^d)$, so

    M_ℓ^inv = (M_ℓ + (d − 1) χ_ℓ) / d .

Sources: Mei, Misiakiewicz & Montanari 2021 (2102.13219); Bietti, Venturi & Bruna 2021 (2106.07148).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy import special


def harmonic_count(dimension: int, degree: int) -> int:
    """The number of independent spherical harmonics of a degree in `dimension` ≥ 2 variables."""
    if degree == 0:
        return 1
    below = math.comb(dimension + degree - 3, dimension - 1) if degree >= 2 else 0
    return math.comb(dimension + degree - 1, dimension - 1) - below


def shift_invariant_count(dimension: int, degree: int) -> int:
    """How many of them are invariant under all cyclic shifts; `dimension` must be an odd prime.

    Raises ValueError where it is not.
    """
    if dimension < 3 or any(dimension % divisor == 0 for divisor in range(2, math.isqrt(dimension) + 1)):
        raise ValueError(f"the count is exact for odd prime dimensions only, not {dimension}")
    character = {0: 1, 2: -1}.get(degree % dimension, 0)
    return (harmonic_count(dimension, degree) + (dimension - 1) * character) // dimension


def degree_eigenvalues(kernel: Callable[[np.ndarray], np.ndarray], dimension: int, degrees: int) -> np.ndarray:
    """λ_0 … λ_{degrees−1} of k(⟨x, y⟩/d), by Gauss–Gegenbauer quadrature; float64.

    kernel: the profile k on [−1, 1]. λ_ℓ = E[k(t) P_ℓ(t)] with P_ℓ(1) = 1 and t the cosine of two independent
    uniform points.
    """
    order = (dimension - 2) / 2
    nodes, weights = special.roots_gegenbauer(4 * degrees + 40, order)
    weights = weights / weights.sum()
    values = []
    for degree in range(degrees):
        polynomial = special.eval_gegenbauer(degree, order, nodes) / special.eval_gegenbauer(degree, order, 1.0)
        values.append(float(np.sum(weights * kernel(nodes) * polynomial)))
    return np.array(values)
