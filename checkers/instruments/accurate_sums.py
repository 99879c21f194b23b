"""Sums over whole matrices that keep their digits in float32.

A norm's single float32 accumulator over 16 million squares is off by 1e-3. Here products are formed block by block,
summed pairwise, as `torch.sum` does, and the blocks in float64.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

BLOCK = 2**20  # products at a time


def squared_norm(values: Float[Tensor, "runs ..."]) -> Float[Tensor, " runs"]:
    """Squared Frobenius norm of each run's tensor, in float64.

    Equivalent to `values.double().square().flatten(1).sum(1)`, without the float64 copy.
    """
    return inner_product(values, values)


def inner_product(
    values: Float[Tensor, "runs ..."], others: Float[Tensor, "runs ..."]
) -> Float[Tensor, " runs"]:
    """Frobenius inner product of each run's pair of tensors, in float64.

    Equivalent to `(values.double() * others.double()).flatten(1).sum(1)`, without the float64 copies.
    """
    left, right = values.flatten(1), others.flatten(1)
    block = max(1, BLOCK // len(left))
    if left.shape[1] <= block:
        return (left * right).sum(1).double()
    pairs = zip(torch.split(left, block, 1), torch.split(right, block, 1), strict=True)
    return torch.stack([(mine * theirs).sum(1).double() for mine, theirs in pairs]).sum(0)


def unit_scale(values: Float[Tensor, "runs ..."]) -> Float[Tensor, "runs ..."]:
    """Each run's tensor divided by its largest absolute entry, so that fourth powers stay in range.

    A run of zeros stays zero.
    """
    largest = largest_entry(values)
    return values / torch.where(largest > 0, largest, 1.0).reshape(-1, *[1] * (values.ndim - 1))


def largest_entry(values: Float[Tensor, "runs ..."]) -> Float[Tensor, " runs"]:
    """The largest absolute entry of each run's tensor, without a copy of it."""
    flat = values.flatten(1)
    return torch.maximum(flat.amax(1), -flat.amin(1))
