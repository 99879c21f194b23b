r"""How strongly a linear network implements each mode of a teacher.

For the network's product of weights $P \in \mathbb R^{o\times i}$ and the teacher's singular vectors $u_k, v_k$ the
strengths are $a_k = u_k^\top P v_k$; what else the product holds is leakage. Source: Saxe, McClelland & Ganguli 2013.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import largest_entry, squared_norm, unit_scale
from checkers.instruments.arguments import check_float, check_tensors


def end_to_end(weights: Sequence[Tensor]) -> Float[Tensor, "runs outputs inputs"]:
    """The product W_L ⋯ W_1 of weights [runs, fan out, fan in], given from the first layer to the last.

    NaN for a run whose product leaves its dtype's range, or of which a weight is not finite. Raises ValueError for no
    weights.
    """
    if not weights:
        raise ValueError("no weights, so no product; give one tensor a layer")
    shapes = [tuple(weight.shape) for weight in weights]
    if any(len(shape) != 3 or shape[0] != shapes[0][0] for shape in shapes) or any(
        first[1] != second[2] for first, second in pairwise(shapes)
    ):
        raise ValueError(f"weights must be [runs, fan out, fan in], each fan out the next one's fan in, not {shapes}")
    for layer, weight in enumerate(weights, 1):
        check_float(f"weight {layer}", weight.dtype)
    product = reduce(_times, weights)
    least = torch.finfo(product.dtype).tiny ** 0.75
    sizes = largest_entry(product)
    if all(least < size < 1 / least for size in sizes.tolist()):
        return product
    safe = ((sizes > least) & (sizes < 1 / least)).reshape(-1, 1, 1)
    return torch.where(safe, product, _product_by_units(weights))


def mode_strengths(
    product: Float[Tensor, "runs outputs inputs"],
    left: Float[Tensor, "outputs modes"],
    right: Float[Tensor, "inputs modes"],
) -> Float[Tensor, "runs modes"]:
    """u_kᵀ P v_k of each mode, for orthonormal columns u_k of `left` and v_k of `right`."""
    _check(product, left, right)
    spoiled = 0 * largest_entry(product)  # NaN where the product is not finite, and 0 elsewhere
    return torch.einsum("ok,roi,ik->rk", left, product, right) + spoiled.unsqueeze(1)


def mode_leakage(
    product: Float[Tensor, "runs outputs inputs"],
    left: Float[Tensor, "outputs modes"],
    right: Float[Tensor, "inputs modes"],
) -> Float[Tensor, " runs"]:
    r"""$\lVert P - \sum_k a_k u_k v_k^\top\rVert_F / \lVert P\rVert_F$: 0 for a product diagonal in those modes.

    NaN where P is 0 or not finite.
    """
    _check(product, left, right)
    product = unit_scale(product)
    strengths = mode_strengths(product, left, right)
    explained = torch.einsum("ok,rk,ik->roi", left, strengths, right)
    return (squared_norm(product - explained) / squared_norm(product)).sqrt().to(product.dtype)


def _check(product: Tensor, left: Tensor, right: Tensor) -> None:
    check_tensors(product=(product, "runs outputs inputs"), left=(left, "outputs modes"), right=(right, "inputs modes"))


def _times(product: Tensor, weight: Tensor) -> Tensor:
    return weight @ product


def _product_by_units(weights: Sequence[Tensor]) -> Tensor:
    """The product in float64 from weights of unit size, their sizes multiplied apart; NaN where it leaves the range."""
    logarithm = torch.stack([largest_entry(weight).double().log() for weight in weights]).sum(0)
    unit = reduce(_times, (unit_scale(weight.double()) for weight in weights))
    result = (unit * logarithm.nan_to_num(neginf=0.0, nan=torch.nan).exp().reshape(-1, 1, 1)).to(weights[0].dtype)
    size = largest_entry(result)
    vanished = (size < torch.finfo(result.dtype).tiny) & (largest_entry(unit) > 0)
    return torch.where((size.isnan() | vanished).reshape(-1, 1, 1), torch.nan, result)
