"""Piecewise linear interpolation on a regular mesh of the cube [−1, 1]^d: the textbook rival of a ReLU network.

Every small cube is cut into d! simplices by the order of a point's fractional coordinates (Kuhn 1960). For a smooth
function the squared error falls as h⁴ with the mesh width h, so as N^(−4/d) with the number N of nodal values.
"""

from __future__ import annotations

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor


def interpolate(
    function: Callable[[Tensor], Tensor], cells: int, points: Float[Tensor, "n d"]
) -> Float[Tensor, "runs n"]:
    """The interpolant, with `cells` cells an axis, of every run's function [n d] → [runs n], at points of the cube."""
    scaled = (points + 1) / 2 * cells
    corner = scaled.floor().clamp(0, cells - 1)
    fraction, order = (scaled - corner).sort(1, descending=True)
    weight = 1 - fraction[:, 0]
    total = weight * function(2 * corner / cells - 1)
    for step in range(points.shape[1]):
        corner = corner.scatter_add(1, order[:, step : step + 1], corner.new_ones(len(corner), 1))
        following = fraction[:, step + 1] if step + 1 < points.shape[1] else 0.0
        total = total + (fraction[:, step] - following) * function(2 * corner / cells - 1)
    return total
