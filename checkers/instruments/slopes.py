r"""Slopes by least squares, run by run: $\sum_i (x_i - \bar x) y_i / \sum_i (x_i - \bar x)^2$.

`power_law` has the same slope of logarithms with an interval and a test of its straightness.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.arguments import check_float

Places = Sequence[int] | Sequence[float] | Float[Tensor, " points"]


def slope(x: Places, y: Float[Tensor, "*runs points"]) -> Float[Tensor, "*runs"]:
    """Of y over x, in float64. NaN where some y of the run is not finite, and everywhere for x all the same.

    Places may be whole numbers, y not. Raises ValueError where y has not one number a place.
    """
    check_float("y", y.dtype)
    places = torch.as_tensor(x, dtype=torch.float64, device=y.device)
    if places.shape != y.shape[-1:] or not len(places):
        raise ValueError(
            f"y must have one number a place, {tuple(places.shape)}, along its last axis, not {tuple(y.shape)}"
        )
    centred = places - places.mean()
    reach = centred.abs().amax()
    unit = torch.where(reach > 8 * torch.finfo(places.dtype).eps * places.abs().amax(), reach, torch.nan)
    steps = centred / unit
    found = (steps * y.double()).sum(-1) / steps.square().sum() / unit
    return torch.where(found.isfinite(), found, torch.nan)


def log_log_slope(x: Places, y: Float[Tensor, "*runs points"]) -> Float[Tensor, "*runs"]:
    """Of ln y over ln x: the exponent of a power law; NaN and errors as for `slope`."""
    check_float("y", y.dtype)
    return slope(torch.as_tensor(x, dtype=torch.float64, device=y.device).log(), y.double().log())
