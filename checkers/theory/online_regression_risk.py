r"""Expected risk of one-pass stochastic gradient descent on the N leading Gaussian features, exactly.

Features $x_k\sim\mathcal N(0,\lambda_k)$ are independent, the target is $\sum_kw_kx_k$, a model of width $N$ fits the
first $N$ of them from zero, and every step takes $B$ fresh samples: $e\leftarrow e-\frac\eta B\sum x(x^\top e-\xi)$,
where $\xi$ is the rest of the target. By Isserlis' theorem the second moments $m_k=\mathbb E\,e_k^2$ close:

$$m_k\leftarrow\Bigl[(1-\eta\lambda_k)^2+\tfrac{\eta^2\lambda_k^2}B\Bigr]m_k+\tfrac{\eta^2\lambda_k}BR,\qquad
R=\sum_{j\le N}\lambda_jm_j+\sum_{j>N}\lambda_jw_j^2 .$$

(The truncated-feature case of the solvable models of Bordelon, Atanasov & Pehlevan 2024, arXiv:2402.01092, and
Paquette et al. 2024, arXiv:2405.15074.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def expected_risk(
    spectrum: ArrayLike,
    power: ArrayLike,
    widths: list[int],
    *,
    steps: int,
    step_size: float,
    batch_size: int,
    unseen: float = 0.0,
) -> Array:
    """R = E(f̂ − f)² before step 0, 1, …, `steps`, shape `[len(widths), steps + 1]`.

    spectrum: λ_k; power: λ_k·w_k², the variance that feature k contributes to the target; unseen: the variance of
    whatever no width sees, features beyond the spectrum's end or the irreducible part.
    """
    eigenvalues, contribution = np.asarray(spectrum, dtype=float), np.asarray(power, dtype=float)
    seen = np.arange(len(eigenvalues)) < np.asarray(widths)[:, None]
    missing = np.where(seen, 0.0, contribution).sum(1) + unseen
    error = np.where(seen, contribution, 0.0)  # λ_k·m_k
    kept = (1 - step_size * eigenvalues) ** 2 + (step_size * eigenvalues) ** 2 / batch_size
    gain = np.where(seen, (step_size * eigenvalues) ** 2 / batch_size, 0.0)
    risk = [error.sum(1) + missing]
    for _ in range(steps):
        error = kept * error + gain * risk[-1][:, None]
        risk.append(error.sum(1) + missing)
    return np.stack(risk, 1)
