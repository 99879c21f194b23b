"""Sums over whole matrices that keep their digits in float32, and the scale of each run.

A norm's single float32 accumulator over 16 million squares is off by 1e-3. Here products are formed block by block,
summed pairwise, as `torch.sum` does, and the blocks in float64. A run with an entry that is not finite gives NaN.
"""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.arguments import check_float

BLOCK = 2**20  # products at a time
_SAFE = 1e-24, 1e34  # of a sum of float32 products: within, no product that matters over- or underflowed


def squared_norm(values: Float[Tensor, "runs ..."]) -> Float[Tensor, " runs"]:
    """Squared Frobenius norm of each run's tensor, in float64.

    Equivalent to `values.double().square().flatten(1).sum(1)`, without the float64 copy.
    """
    return inner_product(values, values)


def inner_product(values: Float[Tensor, "runs ..."], others: Float[Tensor, "runs ..."]) -> Float[Tensor, " runs"]:
    """Frobenius inner product of each run's pair of tensors, in float64.

    Equivalent to `(values.double() * others.double()).flatten(1).sum(1)`, without the float64 copies unless float32
    products leave their range. Raises ValueError for shapes that differ.
    """
    _check(values, "values")
    _check(others, "others")
    if values.shape != others.shape:
        raise ValueError(f"values and others must have one shape, not {tuple(values.shape)} and {tuple(others.shape)}")
    left, right = values.flatten(1), others.flatten(1)
    total = _blockwise(left, right)
    if all(_SAFE[0] < abs(sum_) < _SAFE[1] for sum_ in total.tolist()):
        return total
    if values.dtype == others.dtype == torch.float32:
        size = total.abs()
        total = torch.where((size > _SAFE[0]) & (size < _SAFE[1]), total, _blockwise(left, right, torch.float64))
    return torch.where(total.isfinite(), total, torch.nan)


def unit_scale(values: Float[Tensor, "runs ..."]) -> Float[Tensor, "runs ..."]:
    """Each run's tensor divided by its largest absolute entry, so that fourth powers stay in range.

    A run of zeros stays zero.
    """
    largest = largest_entry(values)
    return values / torch.where(largest == 0, 1.0, largest).reshape(-1, *[1] * (values.ndim - 1))


def largest_entry(values: Float[Tensor, "runs ..."]) -> Float[Tensor, " runs"]:
    """The largest absolute entry of each run's tensor, without a copy of it."""
    _check(values, "values")
    flat = values.flatten(1)
    largest = torch.maximum(flat.amax(1), -flat.amin(1))
    return torch.addcmul(largest, largest, largest.new_zeros(1))  # ∞·0 is NaN


def finite_runs(values: Float[Tensor, "runs ..."]) -> Bool[Tensor, " runs"]:
    """Whether all entries of a run are finite, without a copy of it."""
    return ~largest_entry(values).isnan()


def _check(values: Tensor, name: str) -> None:
    check_float(name, values.dtype)
    if values.ndim < 2 or values.numel() == 0:
        raise ValueError(
            f"{name} must have a runs axis, entries behind it and be of some length, not shape {tuple(values.shape)}"
        )


def _blockwise(left: Tensor, right: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    block = max(1, BLOCK // len(left))
    if left.shape[1] <= block:
        return (left.to(dtype or left.dtype) * right).sum(1).double()
    pairs = zip(torch.split(left, block, 1), torch.split(right, block, 1), strict=True)
    return torch.stack([(mine.to(dtype or mine.dtype) * theirs).sum(1).double() for mine, theirs in pairs]).sum(0)
