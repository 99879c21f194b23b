r"""Slopes by least squares, run by run: $\sum_i (x_i - \bar x) y_i / \sum_i (x_i - \bar x)^2$.

`power_law` has the same slope of logarithms with an interval and a test of its straightness.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

Places = Sequence[int] | Sequence[float] | Float[Tensor, " points"]


def slope(x: Places, y: Float[Tensor, "*runs points"]) -> Float[Tensor, "*runs"]:
    """Of y over x, in float64. Infinite or NaN where some y of the run is."""
    places = torch.as_tensor(x, dtype=torch.float64, device=y.device)
    centred = places - places.mean()
    return (centred * y.double()).sum(-1) / centred.square().sum()


def log_log_slope(x: Places, y: Float[Tensor, "*runs points"]) -> Float[Tensor, "*runs"]:
    """Of ln y over ln x: the exponent of a power law."""
    return slope(torch.as_tensor(x, dtype=torch.float64, device=y.device).log(), y.double().log())
