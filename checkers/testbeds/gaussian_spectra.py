"""Gaussian inputs with a given covariance spectrum, and targets spread over its eigenvectors.

Kernel and linear regression depend on data through the eigenvalues λ_k and the target's coefficients in the
eigenbasis alone, so inputs are drawn in the eigenbasis: independent coordinates, x_k ~ N(0, λ_k).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from scipy.special import zeta
from torch import Tensor

from checkers.testbeds import randomness


def power_law_spectrum(
    count: int, exponent: float, *, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float64
) -> Float[Tensor, " count"]:
    r"""$\lambda_k = k^{-a}$ for k = 1 … count (capacity exponent a)."""
    return torch.arange(1, count + 1, device=device, dtype=dtype) ** -exponent


def power_law_tail(count: int, exponent: float) -> float:
    """The sum of k^{−exponent} over all k > count, exactly; needs an exponent above 1, ValueError otherwise."""
    if exponent <= 1:
        raise ValueError(f"the sum of k^-{exponent:g} over all k is infinite; the exponent must exceed 1")
    return float(zeta(exponent, count + 1))


def gaussian_inputs(
    seeds: Sequence[int], count: int, spectrum: Float[Tensor, " d"], *, stream: str = "inputs"
) -> Float[Tensor, "runs count d"]:
    """`count` independent inputs for every seed, coordinate k of variance `spectrum[k]`."""
    shape = (count, len(spectrum))
    drawn = randomness.normal(seeds, shape, stream=stream, device=spectrum.device, dtype=spectrum.dtype)
    return drawn * spectrum.sqrt()


def power_law_target(
    seeds: Sequence[int], spectrum: Float[Tensor, " d"], source: float, *, stream: str = "target"
) -> Float[Tensor, "runs d"]:
    r"""Linear coefficients w with $w_k^2 \lambda_k = \lambda_k^{2r}/k$ and random signs; r = `source`.

    So $\sum_k \lambda_k^{1-2s} w_k^2$ converges exactly for s < r: the source exponent is r.
    (Caponnetto & De Vito 2007; Cui et al. 2021, 2105.15004.)
    """
    index = torch.arange(1, len(spectrum) + 1, device=spectrum.device, dtype=spectrum.dtype)
    size = spectrum ** (source - 0.5) * index**-0.5
    signs = randomness.signs(seeds, size.shape, stream=stream, device=size.device, dtype=size.dtype)
    return signs * size
