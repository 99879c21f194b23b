r"""The smallest loss of a two-layer linear network with N hidden units on a power-law spectrum.

By the Eckart–Young theorem the best product of rank N keeps the N strongest modes $s_k=k^{-g}$ of the target, so

$$L(N)=\tfrac12\sum_{k>N}k^{-2g}\approx\frac{(N+\tfrac12)^{-(2g-1)}}{2(2g-1)}.$$

(The spectrum-limited width law of Maloney, Roberts & Sully 2022, arXiv:2210.16859, and Bahri et al. 2021,
arXiv:2102.06701, in the linear network of Saxe, McClelland & Ganguli 2013, arXiv:1312.6120.)
"""

from __future__ import annotations

from typing import SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import zeta


def bottleneck_loss(width: SupportsFloat | ArrayLike, spectrum_exponent: float) -> NDArray[np.float64]:
    """½ Σ_{k>width} k^{−2g} over infinitely many modes, exactly; needs g > ½."""
    if spectrum_exponent <= 0.5:
        raise ValueError(f"the loss is infinite unless the spectrum exponent exceeds 1/2, not {spectrum_exponent}")
    return np.asarray(zeta(2 * spectrum_exponent, np.asarray(width, dtype=float) + 1) / 2)
