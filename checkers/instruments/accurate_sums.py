"""Sums over whole matrices that keep their digits in float32.

A single float32 accumulator over 16 million squares is off by 1e-3. Here short stretches are summed in the
input's own precision, where the error is of the order of its rounding, and the stretches in float64.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

STRETCH = 1024
BLOCK = 2**20


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
    runs, entries = left.shape
    if entries <= STRETCH:
        return (left * right).sum(1).double()
    total = torch.zeros(runs, dtype=torch.float64, device=values.device)
    block = max(STRETCH, BLOCK // runs // STRETCH * STRETCH)
    for start in range(0, entries, block):
        products = left[:, start : start + block] * right[:, start : start + block]
        whole = products.shape[1] // STRETCH * STRETCH
        total += products[:, :whole].reshape(runs, -1, STRETCH).sum(2).double().sum(1)
        if whole < products.shape[1]:
            total += products[:, whole:].sum(1)
    return total


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
