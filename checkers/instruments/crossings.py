"""Where sampled curves cross a level, run by run."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.arguments import check_float


@dataclass(frozen=True, eq=False)
class Crossing:
    """Where each run first comes down to its level, all [runs].

    place: linear between the two points around it; the first point where the run starts there, the last where it never
    comes there. reached: whether it does. between: whether it does between two points, so that `place` is measured.
    """

    place: Float[Tensor, "*runs"]
    reached: Bool[Tensor, "*runs"]
    between: Bool[Tensor, "*runs"]


def first_fall(
    places: Float[Tensor, " points"],
    heights: Float[Tensor, "*runs points"],
    level: float | Float[Tensor, "*#runs"],
) -> Crossing:
    """The first place where heights are at or below the level; negate both for the first rise to it.

    Give logarithms of places or heights where the curve is straight in them. Infinite heights are taken as steps, and a
    NaN is not at or below any level. Raises ValueError where heights are not one a place.
    """
    check_float("places", places.dtype)
    check_float("heights", heights.dtype)
    if places.shape != heights.shape[-1:] or not len(places):
        raise ValueError(
            f"heights must be one a place, {tuple(places.shape)}, along their last axis, not {tuple(heights.shape)}"
        )
    below = torch.as_tensor(level, dtype=heights.dtype, device=heights.device).unsqueeze(-1)
    fallen = heights <= below
    index = fallen.to(torch.int8).argmax(-1, keepdim=True)
    before = (index - 1).clamp_min(0)
    high, low = heights.gather(-1, before), heights.gather(-1, index)
    # 0/0 where a run starts at its level, inf/inf after an infinite height.
    share = ((high - below) / (high - low)).nan_to_num(0.0).clamp(0, 1)
    place = (places[before] + share * (places[index] - places[before])).squeeze(-1)
    reached = fallen.any(-1)
    return Crossing(torch.where(reached, place, places[-1]), reached, index.squeeze(-1) > 0)
