"""Features less their mean over inputs, at a scale where squares and fourth powers are safe."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import largest_entry


def centred(features: Float[Tensor, "runs inputs width"]) -> Float[Tensor, "runs inputs width"]:
    """Each run's features with zero mean over inputs and largest absolute entry 1.

    A run whose features are constant over inputs up to rounding gives exact zeros, so that what divides by
    its norm says NaN rather than measuring rounding.
    """
    mean = features.mean(1, keepdim=True)
    moved = features - mean
    largest = largest_entry(moved)
    varies = largest > 8 * torch.finfo(features.dtype).eps * largest_entry(mean)
    return moved.mul_(torch.where(varies, 1 / largest, 0.0).reshape(-1, 1, 1))
