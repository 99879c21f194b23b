r"""How strongly a linear network implements each mode of a teacher.

For the network's product of weights $P \in \mathbb R^{o\times i}$ and the teacher's singular vectors $u_k, v_k$ the
strengths are $a_k = u_k^\top P v_k$; what else the product holds is leakage. Source: Saxe, McClelland & Ganguli 2013.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import squared_norm


def end_to_end(weights: Sequence[Tensor]) -> Float[Tensor, "runs outputs inputs"]:
    """The product W_L ⋯ W_1 of weights [runs, fan out, fan in], given from the first layer to the last."""
    return reduce(lambda product, weight: weight @ product, weights)


def mode_strengths(
    product: Float[Tensor, "runs outputs inputs"],
    left: Float[Tensor, "outputs modes"],
    right: Float[Tensor, "inputs modes"],
) -> Float[Tensor, "runs modes"]:
    """u_kᵀ P v_k of each mode, for orthonormal columns u_k of `left` and v_k of `right`."""
    return torch.einsum("ok,roi,ik->rk", left, product, right)


def mode_leakage(
    product: Float[Tensor, "runs outputs inputs"],
    left: Float[Tensor, "outputs modes"],
    right: Float[Tensor, "inputs modes"],
) -> Float[Tensor, " runs"]:
    r"""$\lVert P - \sum_k a_k u_k v_k^\top\rVert_F / \lVert P\rVert_F$: 0 for a product diagonal in those modes."""
    strengths = mode_strengths(product, left, right)
    explained = torch.einsum("ok,rk,ik->roi", left, strengths, right)
    return (squared_norm(product - explained) / squared_norm(product)).sqrt().to(product.dtype)
