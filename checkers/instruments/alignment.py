r"""How alike kernels are, how many directions they have, how far they moved.

Kernels are $K \in \mathbb R^{n\times n}$, one a run. Sources: alignment: Cristianini et al. 2001, centred:
Cortes et al. 2012; entropy rank: Roy & Vetterli 2007.
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import (
    finite_runs,
    inner_product,
    largest_entry,
    squared_norm,
    unit_scale,
)
from checkers.instruments.arguments import check_tensors

Norm = Literal["frobenius", "operator", "trace"]
RankDefinition = Literal["entropy", "participation"]
_LITTLE_LEFT = 0.1  # of the largest entry: where centring leaves less, float32 would lose a digit in it


def kernel_alignment(
    kernel: Float[Tensor, "runs rows columns"],
    other: Float[Tensor, "runs rows columns"],
    *,
    centred: bool = False,
) -> Float[Tensor, " runs"]:
    r"""$\langle K, L\rangle_F / (\lVert K\rVert_F \lVert L\rVert_F)$: 1 for proportional kernels, in [-1, 1].

    centred: of the kernels whose rows and columns are made to sum to 0 first (then it is the biased CKA).
    With $L = yy^\top$ it is the alignment with a target. In the kernels' dtype; NaN where a kernel is 0 (once centred)
    or not finite.
    """
    check_tensors(kernel=(kernel, "runs rows columns"), other=(other, "runs rows columns"))
    left, right = (unit_scale(doubly_centred(one) if centred else one) for one in (kernel, other))
    norms = (squared_norm(left) * squared_norm(right)).sqrt()
    return (inner_product(left, right) / norms).to(kernel.dtype)


def doubly_centred(kernel: Float[Tensor, "runs rows columns"]) -> Float[Tensor, "runs rows columns"]:
    """The kernel of features less their mean: rows and columns sum to 0.

    One that is 0 but for rounding, as for features that do not vary, is exactly 0.
    """
    check_tensors(kernel=(kernel, "runs rows columns"))
    centred, before = _less_means(kernel), largest_entry(kernel)
    after = largest_entry(centred)
    if not all(left >= _LITTLE_LEFT * whole for left, whole in zip(after.tolist(), before.tolist(), strict=True)):
        little = (after < _LITTLE_LEFT * before).reshape(-1, 1, 1)
        centred = torch.where(little, _less_means(_less_means(kernel.double())).to(kernel.dtype), centred)
        rounding = 8 * torch.finfo(kernel.dtype).eps * before
        left = largest_entry(centred)
        centred = centred * torch.where(left > rounding, 1.0, 0 * left).reshape(-1, 1, 1)
    return centred


def _less_means(kernel: Tensor) -> Tensor:
    by_row = kernel - kernel.mean(2, keepdim=True)
    return by_row - by_row.mean(1, keepdim=True)


def relative_change(
    kernel: Float[Tensor, "runs rows columns"],
    reference: Float[Tensor, "runs rows columns"],
    *,
    norm: Norm = "frobenius",
) -> Float[Tensor, " runs"]:
    r"""$\lVert K - K_0\rVert / \lVert K_0\rVert$ in the Frobenius, operator or trace norm.

    The operator norm is the largest singular value, the trace norm the sum of all. In the kernels' dtype;
    NaN where the reference is 0 or a kernel is not finite.
    """
    check_tensors(kernel=(kernel, "runs rows columns"), reference=(reference, "runs rows columns"))
    largest = largest_entry(reference).reshape(-1, 1, 1)
    moved, start = (kernel - reference) / largest, reference / largest
    return (_norm(moved, norm) / _norm(start, norm)).to(kernel.dtype)


def effective_rank(
    spectrum: Float[Tensor, "runs values"], *, definition: RankDefinition = "entropy"
) -> Float[Tensor, " runs"]:
    r"""How many values of a spectrum count, between 1 and their number; m for m equal values and zeros.

    spectrum: eigenvalues of a kernel, or singular values; those below 0 (rounding) count as 0. With
    $p_i = \lambda_i/\sum_j\lambda_j$, "entropy" is $\exp(-\sum_i p_i\ln p_i)$ and "participation" $1/\sum_i
    p_i^2$. In the spectrum's dtype; NaN where no value is above 0 or one is not finite.
    """
    check_tensors(spectrum=(spectrum, "runs values"))
    positive = unit_scale(spectrum.double()).clamp(min=0)
    shares = positive / positive.sum(1, keepdim=True)
    if definition == "entropy":
        rank = torch.exp(-torch.special.xlogy(shares, shares).sum(1))
    else:
        rank = 1 / shares.square().sum(1)
    return rank.to(spectrum.dtype)


def participation_ratio(kernel: Float[Tensor, "runs size size"]) -> Float[Tensor, " runs"]:
    r"""$(\operatorname{tr} K)^2 / \lVert K\rVert_F^2$: a symmetric kernel's participation rank, no spectrum needed."""
    check_tensors(kernel=(kernel, "runs size size"))
    scaled = unit_scale(kernel)
    trace = scaled.diagonal(dim1=1, dim2=2).double().sum(1)
    return (trace.square() / squared_norm(scaled)).to(kernel.dtype)


def _norm(matrix: Tensor, norm: Norm) -> Tensor:
    if norm == "frobenius":
        return squared_norm(matrix).sqrt()
    healthy = finite_runs(matrix)
    # one NaN would stop the decomposition of every run
    values: Tensor = torch.linalg.svdvals(torch.where(healthy.reshape(-1, 1, 1), matrix, 0.0).double())
    size = values.amax(1) if norm == "operator" else values.sum(1)
    return torch.where(healthy, size, torch.nan)
