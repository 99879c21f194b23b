r"""How well a continuous piecewise linear function of one variable can follow a smooth one.

With the knots placed best, the mean squared error of m pieces on an interval of length $\ell$ tends to

$$\frac{1}{720\,\ell\,m^4} \Bigl(\int |f''(x)|^{2/5}\,dx\Bigr)^5 .$$

A piece of width h leaves $f''^2 h^5/720$ at best, which continuity does not raise at this order, and equal errors on
all pieces make knots as dense as $|f''|^{2/5}$.
"""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


def free_knot_error(
    curvature: Float[Tensor, "runs grid"], length: float, pieces: Float[Tensor, " sizes"]
) -> Float[Tensor, "runs sizes"]:
    """The least mean squared error for every number of pieces, to leading order in them.

    curvature: f'' at the midpoints of equal cells over the interval.
    """
    integral = curvature.abs().pow(0.4).mean(1, keepdim=True) * length
    return integral**5 / (720 * length * pieces**4)
