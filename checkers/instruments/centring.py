"""Features less their mean over inputs, at a scale where squares and fourth powers are safe."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import unit_scale


def centred(features: Float[Tensor, "runs inputs width"]) -> Float[Tensor, "runs inputs width"]:
    """Each run's features with zero mean over inputs and largest absolute entry 1.

    A run whose features are constant over inputs up to rounding gives exact zeros, so that what divides by
    its norm says NaN rather than measuring rounding.
    """
    scaled = unit_scale(features)
    moved = scaled - scaled.mean(1, keepdim=True)
    largest = torch.linalg.vector_norm(moved.flatten(1), ord=float("inf"), dim=1)
    varies = (largest > 8 * torch.finfo(features.dtype).eps).reshape(-1, 1, 1)
    return unit_scale(torch.where(varies, moved, 0.0))
