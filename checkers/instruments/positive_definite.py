"""Linear systems of many runs whose matrices are positive definite: Gram matrices, kernels, covariances."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def solve_positive_definite(
    matrices: Float[Tensor, "*runs size size"], targets: Float[Tensor, "*runs size columns"]
) -> Float[Tensor, "*runs size columns"]:
    """A⁻¹B for symmetric positive definite A, by Cholesky's factors.

    Equivalent to `torch.linalg.solve(matrices, targets)` at half its arithmetic. On CPUs that call, whose factors are
    LU, may fail, err or never return for batches of 150 rows or more on several threads (pytorch#142815). Raises
    torch.linalg.LinAlgError where a matrix is not positive definite.
    """
    return torch.cholesky_solve(targets, torch.linalg.cholesky(matrices))
