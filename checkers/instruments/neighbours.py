r"""Mutual nearest neighbours of two representations of the same inputs.

With $N_k(i)$ the $k$ inputs nearest to input $i$ in the first representation (itself left out) and $M_k(i)$
in the second,
$$m_k = \frac1{nk}\sum_i \lvert N_k(i)\cap M_k(i)\rvert,$$
which is $k/(n-1)$ in expectation for unrelated representations. Source: Huh et al. 2024, appendix A.
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from checkers.instruments.accurate_sums import unit_scale

Nearness = Literal["cosine", "euclidean"]
BLOCK_ENTRIES = 2**24


def mutual_nearest_neighbours(
    features: Float[Tensor, "runs inputs width"],
    others: Float[Tensor, "runs inputs other_width"],
    *,
    neighbours: int = 10,
    nearness: Nearness = "cosine",
) -> Float[Tensor, " runs"]:
    """Mean fraction of the `neighbours` nearest inputs that two representations share, in [0, 1].

    nearness: "cosine" (of the features as they are, as Huh et al. do) or "euclidean" (which a shift does not
    change). Returns one number a run, in the features' dtype. Ties are broken arbitrarily. Memory is that of
    a few blocks of 16 million distances, whatever the number of inputs. Raises ValueError unless 1 ≤
    neighbours < inputs.
    """
    inputs = features.shape[1]
    if not 1 <= neighbours < inputs:
        raise ValueError(
            f"neighbours is {neighbours}; with {inputs} inputs it must be between 1 and {inputs - 1}"
        )
    prepare = _directions if nearness == "cosine" else _positions
    points, other_points = prepare(features), prepare(others)
    rows = max(1, BLOCK_ENTRIES // (features.shape[0] * inputs))
    shared = torch.zeros(features.shape[0], dtype=torch.int64, device=features.device)
    for start in range(0, inputs, rows):
        block = slice(start, min(start + rows, inputs))
        nearest = _nearest(points, block, neighbours, nearness)
        other_nearest = _nearest(other_points, block, neighbours, nearness)
        member = torch.zeros(*nearest.shape[:2], inputs, dtype=torch.bool, device=features.device)
        member.scatter_(2, nearest, True)
        shared += member.gather(2, other_nearest).sum((1, 2))
    return (shared.double() / (inputs * neighbours)).to(features.dtype)


def neighbour_purity(
    features: Float[Tensor, "runs inputs width"],
    labels: Int[Tensor, " inputs"],
    *,
    neighbours: int = 10,
    nearness: Nearness = "cosine",
) -> Float[Tensor, " runs"]:
    """Mean fraction of an input's nearest inputs that have its label; the rest as in `mutual_nearest_neighbours`."""
    points = (_directions if nearness == "cosine" else _positions)(features)
    rows = max(1, BLOCK_ENTRIES // (features.shape[0] * len(labels)))
    same = torch.zeros(features.shape[0], dtype=torch.int64, device=features.device)
    for start in range(0, len(labels), rows):
        block = slice(start, min(start + rows, len(labels)))
        nearest = _nearest(points, block, neighbours, nearness)
        same += (labels[nearest] == labels[block, None]).sum((1, 2))
    return (same.double() / (len(labels) * neighbours)).to(features.dtype)


def _directions(features: Tensor) -> Tensor:
    scaled = unit_scale(features)
    lengths = torch.linalg.vector_norm(scaled, dim=-1, keepdim=True)
    return scaled / torch.where(lengths > 0, lengths, torch.ones_like(lengths))


def _positions(features: Tensor) -> Tensor:
    scaled = unit_scale(features)
    return scaled - scaled.mean(1, keepdim=True)


def _nearest(points: Tensor, block: slice, neighbours: int, nearness: Nearness) -> Tensor:
    """Indices [runs, rows, neighbours] of the points nearest to each of a block's."""
    closeness = points[:, block] @ points.mT
    if nearness == "euclidean":
        closeness -= 0.5 * points.square().sum(-1).unsqueeze(1)
    rows = torch.arange(block.start, block.stop, device=points.device)
    closeness[:, rows - block.start, rows] = -torch.inf
    return closeness.topk(neighbours, dim=-1, sorted=False).indices
