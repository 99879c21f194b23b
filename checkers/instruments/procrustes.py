r"""Orthogonal Procrustes: how well a rotation turns one representation into another.

For centred features $X \in \mathbb R^{n\times d}$ and $Y \in \mathbb R^{n\times e}$ of unit Frobenius norm
(the narrower filled up with zero units) and $Q$ over the orthogonal matrices,
$$\min_Q \lVert XQ - Y\rVert_F^2 = 2 - 2\,\lVert X^\top Y\rVert_*,$$
with the nuclear norm $\lVert\cdot\rVert_*$. Sources: Schönemann 1966; Williams et al. 2021; Ding et al. 2021.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import finite_runs, squared_norm
from checkers.instruments.arguments import check_tensors
from checkers.instruments.centring import centred


def procrustes_similarity(
    features: Float[Tensor, "runs inputs width"], others: Float[Tensor, "runs inputs other_width"]
) -> Float[Tensor, " runs"]:
    r"""The nuclear norm $\lVert X^\top Y\rVert_*$ in [0, 1]: 1 where they agree up to rotation.

    The squared Procrustes distance is 2 - 2·similarity, the angular one its arccosine. Invariant to rotation
    of each representation's units, shift and scale. One number a run, in the features' dtype; NaN where a
    representation does not vary over inputs or is not finite. Unrelated Gaussian features are not at 0 (0.75
    for width = inputs): compare with a shuffle.
    """
    check_tensors(features=(features, "runs inputs width"), others=(others, "runs inputs other_width"))
    left, right = _normalised(features), _normalised(others)
    if max(left.shape[2], right.shape[2]) > left.shape[1]:
        left, right = _compressed(left), _compressed(right)
    cross = (left.mT @ right).double()
    undefined = cross.isnan().any(-1).any(-1)
    nuclear = torch.linalg.svdvals(cross.nan_to_num()).sum(-1)
    return torch.where(undefined, torch.nan, nuclear).to(features.dtype)


def procrustes_rotation(
    features: Float[Tensor, "runs inputs width"], others: Float[Tensor, "runs inputs width"]
) -> Float[Tensor, "runs width width"]:
    """The orthogonal Q (reflections allowed) that brings centred `features @ Q` nearest to centred `others`.

    In the features' dtype. Where inputs vary in fewer directions than there are units, Q is free in the
    others and one choice is returned; NaN where a representation does not vary or is not finite.
    """
    check_tensors(features=(features, "runs inputs width"), others=(others, "runs inputs width"))
    left, right = _normalised(features), _normalised(others)
    cross = (left.mT @ right).double()
    defined = finite_runs(cross).reshape(-1, 1, 1)
    left_vectors, _, right_vectors = torch.linalg.svd(torch.where(defined, cross, 0.0))
    rotation: Tensor = (left_vectors @ right_vectors).to(features.dtype)
    return torch.where(defined, rotation, torch.nan)


def _normalised(features: Tensor) -> Tensor:
    moved = centred(features)
    norm = squared_norm(moved).sqrt().to(features.dtype)
    normalised: Tensor = moved / norm.reshape(-1, 1, 1)
    return normalised


def _compressed(features: Tensor) -> Tensor:
    """Features with the same Gram matrix and no more units than inputs."""
    if features.shape[2] <= features.shape[1]:
        return features
    triangle: Tensor = torch.linalg.qr(features.mT, mode="r").R
    return triangle.mT
