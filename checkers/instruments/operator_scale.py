"""Operators brought to a size at which squares of their images stay in range."""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import largest_entry

Product = Callable[[Tensor], Tensor]


def in_range(
    product: Product, probe: Float[Tensor, "runs ..."], image: Float[Tensor, "runs ..."]
) -> tuple[Product, Float[Tensor, " runs"]]:
    """`product`, divided by a power of two a run where its image of a probe is very large or small, and those powers.

    Where all images are of ordinary size the operator is `product` itself and the powers are 1. Raises ValueError for
    an image of another shape or dtype than the probe's.
    """
    if image.shape != probe.shape or image.dtype != probe.dtype:
        raise ValueError(
            f"the product of vectors {tuple(probe.shape)}, {probe.dtype}, must be like them; "
            f"it is {tuple(image.shape)}, {image.dtype}"
        )
    sizes = largest_entry(image.detach())
    ordinary = torch.finfo(probe.dtype).max ** 0.25
    if all(1 / ordinary < size < ordinary for size in sizes.tolist()):
        return product, torch.ones_like(sizes)
    moderate = ~(sizes > 0) | (sizes > 1 / ordinary) & (sizes < ordinary)  # zero and NaN stay as they are
    exponent = torch.where(moderate, 1.0, sizes).log2().round()
    units = torch.exp2(exponent)

    def scaled(vectors: Tensor) -> Tensor:
        return product(vectors) / units.unsqueeze(1)

    return scaled, units
