"""Sums over whole matrices that keep their digits in float32.

A single float32 accumulator over 16 million squares is off by 1e-3. Here short stretches are summed in the
input's own precision, where the error is of the order of its rounding, and the stretches in float64.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

STRETCH = 1024


def squared_norm(values: Float[Tensor, "runs ..."]) -> Float[Tensor, " runs"]:
    """Squared Frobenius norm of each run's tensor, in float64.

    Equivalent to `values.double().square().flatten(1).sum(1)`, without the float64 copy.
    """
    total = torch.zeros(values.shape[0], dtype=torch.float64, device=values.device)
    for stretches in _stretches(values):
        total += torch.linalg.vector_norm(stretches, dim=-1).double().square().sum(-1)
    return total


def inner_product(
    values: Float[Tensor, "runs ..."], others: Float[Tensor, "runs ..."]
) -> Float[Tensor, " runs"]:
    """Frobenius inner product of each run's pair of tensors, in float64.

    Equivalent to `(values.double() * others.double()).flatten(1).sum(1)`, without the float64 copies.
    """
    total = torch.zeros(values.shape[0], dtype=torch.float64, device=values.device)
    for left, right in zip(_stretches(values), _stretches(others), strict=True):
        products = torch.matmul(left.unsqueeze(-2), right.unsqueeze(-1))
        total += products.double().sum((-3, -2, -1))
    return total


def unit_scale(values: Float[Tensor, "runs ..."]) -> Float[Tensor, "runs ..."]:
    """Each run's tensor divided by its largest absolute entry, so that fourth powers stay in range.

    A run of zeros stays zero.
    """
    largest = torch.linalg.vector_norm(values.flatten(1), ord=float("inf"), dim=1)
    largest = torch.where(largest > 0, largest, torch.ones_like(largest))
    return values / largest.reshape(-1, *[1] * (values.ndim - 1))


def _stretches(values: Tensor) -> list[Tensor]:
    """Views of shape [runs, stretches, length] that together hold every entry once."""
    flat = values.flatten(1)
    whole = flat.shape[1] // STRETCH * STRETCH
    pieces = []
    if whole:
        pieces.append(flat[:, :whole].reshape(flat.shape[0], -1, STRETCH))
    if whole < flat.shape[1]:
        pieces.append(flat[:, whole:].unsqueeze(1))
    return pieces
