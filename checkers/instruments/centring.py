"""Features less their mean over inputs, at a scale where squares and fourth powers are safe."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.arguments import check_tensors

_LARGE_OFFSET = 1 / 16  # spread over mean below which the mean's rounding is felt


def centred(features: Float[Tensor, "runs inputs width"]) -> Float[Tensor, "runs inputs width"]:
    """Each run's features with zero mean over inputs and largest absolute entry 1.

    A unit that is constant over inputs up to rounding gives exact zeros, and so does a run of such units, so that what
    divides by its norm says NaN rather than measuring rounding. A run that is not finite gives NaN.
    """
    return deviations(features)[0]


def deviations(
    features: Float[Tensor, "runs inputs width"],
) -> tuple[Float[Tensor, "runs inputs width"], Float[Tensor, "runs 1"]]:
    """`centred` features, and what they were divided by: 0 where they are constant, NaN where not finite."""
    check_tensors(features=(features, "runs inputs width"))
    mean = features.mean(1, keepdim=True)
    moved = features - mean
    reach, offset = _reach(moved), mean.abs()
    ratios = reach.amax(2) - _LARGE_OFFSET * offset.amax(2)
    if not all(ratio > 0 for (ratio,) in ratios.tolist()):
        moved.sub_(moved.mean(1, keepdim=True))  # the mean's own rounding, much of a small spread
        reach = _reach(moved)
    varies = reach > 8 * torch.finfo(features.dtype).eps * offset
    largest = (reach * varies).amax(2, keepdim=True)  # NaN times False is NaN
    moved.mul_(torch.where(varies, 1 / largest, 0 * largest))
    return moved, largest.squeeze(2)


def _reach(moved: Tensor) -> Tensor:
    return torch.maximum(moved.amax(1, keepdim=True), -moved.amin(1, keepdim=True))
