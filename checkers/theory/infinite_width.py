r"""Kernels of infinitely wide fully connected networks in the NTK parameterisation.

With $h_1 = \frac{\sigma_1}{\sqrt{n_0}} W_1 x + \sigma_b b_1$, $h_{l+1} = \frac{\sigma_{l+1}}{\sqrt{n_l}}
W_{l+1}\phi(h_l) + \sigma_b b_{l+1}$ and all entries standard normal, each unit of $h_l$ tends to a Gaussian process of
covariance $K_l$ and the tangent kernel of $h_l$ to $\Theta_l$:
$$K_1 = \Theta_1 = \tfrac{\sigma_1^2}{n_0}x\cdot x' + \sigma_b^2,\qquad K_{l+1} = \sigma_{l+1}^2\,\mathbb E[\phi\phi] +
\sigma_b^2,\qquad \Theta_{l+1} = K_{l+1} + \sigma_{l+1}^2\,\mathbb E[\phi'\phi']\,\Theta_l,$$ averages over $(h_l(x),
h_l(x')) \sim \mathcal N(0, K_l)$. These are the conventions of `MultilayerPerceptron(…, "ntk")`. Sources: Lee et al.
2017; Matthews et al. 2018 (NNGP); Jacot et al. 2018 (NTK).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.theory.dual_kernels import ActivationName, dual_kernel, own_kernel


@dataclass(frozen=True, eq=False)
class InfiniteWidthKernels:
    """K_l and Θ_l for l = 1 … depth, [depth, inputs, others] in float64; the last is the output's."""

    nngp: Float[Tensor, "depth inputs others"]
    ntk: Float[Tensor, "depth inputs others"]


def infinite_width_kernels(
    inputs: Float[Tensor, "inputs dimension"],
    others: Float[Tensor, "others dimension"] | None = None,
    *,
    depth: int,
    activation: ActivationName,
    weight_scale: float | Sequence[float] = 1.0,
    bias_scale: float | None = None,
) -> InfiniteWidthKernels:
    r"""The kernels between `inputs` and `others` (if None, `inputs`) of a network of `depth` weight matrices.

    weight_scale: σ_l of every layer or one for each ($\sqrt2$ keeps ReLU's variance). bias_scale: σ_b; None: no biases.
    An input that is not finite gives NaN in its rows and columns. Raises ValueError for a depth below 1 or scales that
    do not match it, or inputs of different dimensions, and TypeError for inputs that are not floating point.
    """
    compared = inputs if others is None else others
    if not (inputs.is_floating_point() and compared.is_floating_point()):
        raise TypeError(f"inputs must be floating point, not {inputs.dtype} and {compared.dtype}")
    if inputs.ndim != 2 or compared.ndim != 2 or inputs.shape[1] != compared.shape[1] or not inputs.shape[1]:
        raise ValueError(f"inputs must be [inputs, dimension], not {tuple(inputs.shape)} and {tuple(compared.shape)}")
    scales = [float(weight_scale)] * depth if isinstance(weight_scale, int | float) else list(weight_scale)
    if depth < 1 or len(scales) != depth:
        raise ValueError(f"a network of depth {depth} with {len(scales)} weight scales; give one for each of 1 or more")
    left, right = inputs.double(), compared.double()
    bias = 0.0 if bias_scale is None else bias_scale**2
    dimension = left.shape[1]

    def first(products: Tensor) -> Tensor:
        return scales[0] ** 2 * products / dimension + bias

    kernel = first(left @ right.T)
    finite = left.isfinite().all(1, keepdim=True) & right.isfinite().all(1)
    kernel = torch.where(finite, kernel, torch.nan)
    variance, other_variance = first(left.square().sum(1)), first(right.square().sum(1))
    tangent = kernel
    nngp, ntk = [kernel], [tangent]
    for scale in scales[1:]:
        dual = dual_kernel(activation, variance[:, None], other_variance, kernel)
        kernel = scale**2 * dual.value + bias
        tangent = kernel + scale**2 * dual.derivative * tangent
        variance, other_variance = (
            scale**2 * own_kernel(activation, own).value + bias for own in (variance, other_variance)
        )
        nngp.append(kernel)
        ntk.append(tangent)
    return InfiniteWidthKernels(torch.stack(nngp), torch.stack(ntk))
