"""Linear systems of many runs whose matrices are positive definite: Gram matrices, kernels, covariances."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor
from torch.linalg import LinAlgError  # type: ignore[attr-defined]

from checkers.instruments.arguments import check_float


def solve_positive_definite(
    matrices: Float[Tensor, "*runs size size"], targets: Float[Tensor, "*runs size columns"]
) -> Float[Tensor, "*runs size columns"]:
    """A⁻¹B for symmetric positive definite A, by Cholesky's factors.

    Equivalent to `torch.linalg.solve(matrices, targets)` at half its arithmetic. On CPUs that call, whose factors are
    LU, may fail, err or never return for batches of 150 rows or more on several threads (pytorch#142815). A run that is
    not finite gives NaN. Raises torch.linalg.LinAlgError where a finite matrix is not positive definite, ValueError for
    shapes that do not match.
    """
    for name, tensor in (("matrices", matrices), ("targets", targets)):
        check_float(name, tensor.dtype)
    size = matrices.shape[-1]
    if (
        matrices.ndim < 2
        or matrices.shape[:-2] != targets.shape[:-2]
        or {*matrices.shape[-2:], targets.shape[-2]} != {size}
    ):
        shapes = f"{tuple(matrices.shape)} and {tuple(targets.shape)}"
        raise ValueError(f"matrices [runs, size, size] and targets [runs, size, columns] are needed, not {shapes}")
    factors, failed = torch.linalg.cholesky_ex(matrices)
    solution = torch.cholesky_solve(targets, factors)
    finite, known = (tensor.flatten(-2).sum(-1).isfinite() for tensor in (matrices, targets))
    if bool(((failed > 0) & finite).any()):
        raise LinAlgError("a matrix is not positive definite, so it has no Cholesky factors")
    return solution.masked_fill_(~(finite & known)[..., None, None], torch.nan)
