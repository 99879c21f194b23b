"""Where sampled curves have their least value, run by run."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.arguments import check_float


@dataclass(frozen=True, eq=False)
class Minimum:
    """The vertex of the parabola through each run's lowest point and its two neighbours, all [runs].

    place, height: of the vertex, or of the lowest point where that is the first or last one or the curve has no
    parabola there. bracketed: whether there is one.
    """

    place: Float[Tensor, "*runs"]
    height: Float[Tensor, "*runs"]
    bracketed: Bool[Tensor, "*runs"]


def bracketed_minimum(places: Float[Tensor, " points"], heights: Float[Tensor, "*runs points"]) -> Minimum:
    """The interpolated minimum of each run; `places` are evenly spaced, at least three.

    Give logarithms of places or heights where the curve is a parabola in them. Infinite heights never bracket; a run
    with a NaN has no minimum, and place and height are NaN. Raises ValueError where heights are not one a place.
    """
    _check(places, heights)
    lowest = heights.argmin(-1, keepdim=True)
    middle = lowest.clamp(1, len(places) - 2)
    left, centre, right = (heights.gather(-1, middle + shift) for shift in (-1, 0, 1))
    bend = left - 2 * centre + right
    shift = (left - right) / (2 * bend)
    bracketed = (lowest == middle) & (bend > 0) & bend.isfinite()
    place = torch.where(bracketed, places[middle] + shift * (places[1] - places[0]), places[lowest])
    height = torch.where(bracketed, centre - bend * shift**2 / 2, heights.gather(-1, lowest))
    # The NaN itself counts as the lowest point, so the height is NaN already.
    place = torch.where(height.isnan(), torch.nan, place)
    return Minimum(place.squeeze(-1), height.squeeze(-1), bracketed.squeeze(-1))


def read_curve(
    places: Float[Tensor, " points"], heights: Float[Tensor, "*runs points"], at: Float[Tensor, "*runs"]
) -> Float[Tensor, "*runs"]:
    """Each run's height at a place of its own: on the parabola through the three points nearest to it.

    `places` are evenly spaced, at least three; beyond them the height is that of the nearer end. NaN where `at` is, or
    a height nearby. Raises ValueError where heights are not one a place.
    """
    _check(places, heights)
    spacing = places[1] - places[0]
    share = ((at - places[0]) / spacing).clamp(0, len(places) - 1).unsqueeze(-1)
    middle = share.nan_to_num().round().long().clamp(1, len(places) - 2)
    left, centre, right = (heights.gather(-1, middle + shift) for shift in (-1, 0, 1))
    off = share - middle
    return (centre + off * (right - left) / 2 + off**2 * (left - 2 * centre + right) / 2).squeeze(-1)


def _check(places: Tensor, heights: Tensor) -> None:
    check_float("places", places.dtype)
    check_float("heights", heights.dtype)
    if places.shape != heights.shape[-1:] or len(places) < 3:
        raise ValueError(
            f"heights must be one a place along their last axis, three places at least, not {tuple(heights.shape)} "
            f"for {tuple(places.shape)}"
        )
