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

from checkers.instruments.accurate_sums import finite_runs, unit_scale
from checkers.instruments.arguments import check_tensors
from checkers.instruments.centring import centred

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
    change). Returns one number a run, in the features' dtype. Closeness is a matrix product; inputs whose last
    neighbour and the next it cannot tell apart are measured anew, by differences in float64. Ties left are broken
    arbitrarily; where no input's neighbours are told from the rest (constant features, one-hot ones, classes
    collapsed to points), or a run is not finite, NaN. Memory is that of a few blocks of 16 million distances,
    whatever the number of inputs. Raises ValueError unless 1 ≤ neighbours < inputs.
    """
    check_tensors(features=(features, "runs inputs width"), others=(others, "runs inputs other_width"))
    inputs = features.shape[1]
    if not 1 <= neighbours < inputs:
        raise ValueError(f"neighbours is {neighbours}; with {inputs} inputs it must be between 1 and {inputs - 1}")
    prepare = _directions if nearness == "cosine" else centred
    points, other_points = prepare(features), prepare(others)
    rows = max(1, BLOCK_ENTRIES // (features.shape[0] * inputs))
    shared = torch.zeros(features.shape[0], dtype=torch.int64, device=features.device)
    told, other_told = shared.clone(), shared.clone()
    for start in range(0, inputs, rows):
        block = slice(start, min(start + rows, inputs))
        nearest, apart = _nearest(points, features, block, neighbours, nearness)
        other_nearest, other_apart = _nearest(other_points, others, block, neighbours, nearness)
        member = torch.zeros(*nearest.shape[:2], inputs, dtype=torch.bool, device=features.device)
        member.scatter_(2, nearest, True)
        shared += member.gather(2, other_nearest).sum((1, 2))
        told += apart
        other_told += other_apart
    defined = (told > 0) & (other_told > 0) & finite_runs(features) & finite_runs(others)
    return torch.where(defined, shared.double() / (inputs * neighbours), torch.nan).to(features.dtype)


def neighbour_purity(
    features: Float[Tensor, "runs inputs width"],
    labels: Int[Tensor, " inputs"],
    *,
    neighbours: int = 10,
    nearness: Nearness = "cosine",
) -> Float[Tensor, " runs"]:
    """Mean fraction of an input's nearest inputs that have its label; the rest as in `mutual_nearest_neighbours`."""
    check_tensors(features=(features, "runs inputs width"))
    inputs = features.shape[1]
    if not 1 <= neighbours < inputs:
        raise ValueError(f"neighbours is {neighbours}; with {inputs} inputs it must be between 1 and {inputs - 1}")
    points = (_directions if nearness == "cosine" else centred)(features)
    rows = max(1, BLOCK_ENTRIES // (features.shape[0] * inputs))
    same = torch.zeros(features.shape[0], dtype=torch.int64, device=features.device)
    told = same.clone()
    for start in range(0, inputs, rows):
        block = slice(start, min(start + rows, inputs))
        nearest, apart = _nearest(points, features, block, neighbours, nearness)
        same += (labels[nearest] == labels[block, None]).sum((1, 2))
        told += apart
    defined = (told > 0) & finite_runs(features)
    return torch.where(defined, same.double() / (inputs * neighbours), torch.nan).to(features.dtype)


def _directions(features: Tensor) -> Tensor:
    scaled = unit_scale(features)
    lengths = torch.linalg.vector_norm(scaled, dim=-1, keepdim=True)
    return scaled / torch.where(lengths > 0, lengths, torch.ones_like(lengths))


def _nearest(
    points: Tensor, features: Tensor, block: slice, neighbours: int, nearness: Nearness
) -> tuple[Tensor, Tensor]:
    """Indices [runs, rows, neighbours] of the points nearest to each of a block's, and how many rows are told apart."""
    closeness = points[:, block] @ points.mT
    squares = points.square().sum(-1)
    if nearness == "euclidean":
        closeness -= 0.5 * squares.unsqueeze(1)
    rows = torch.arange(block.start, block.stop, device=points.device)
    closeness[:, rows - block.start, rows] = -torch.inf
    found = closeness.topk(min(neighbours + 1, points.shape[1] - 1), dim=-1)
    nearest = found.indices[:, :, :neighbours]
    rounding = 4 * torch.finfo(points.dtype).eps * squares.amax(1).reshape(-1, 1)
    if found.values.shape[2] > neighbours:
        gap = found.values[:, :, neighbours - 1] - found.values[:, :, neighbours]
    else:  # all inputs but itself: its neighbours are told from the rest unless there is nothing but ties
        gap = found.values[:, :, 0] - found.values[:, :, -1]
    unsure = gap <= rounding
    told = (~unsure).sum(1)
    if bool(unsure.any()):
        for run in unsure.any(1).nonzero().flatten().tolist():
            unsure_rows = unsure[run].nonzero().flatten()
            nearest[run, unsure_rows], apart = _measured_anew(
                features[run], unsure_rows + block.start, neighbours, nearness
            )
            told[run] += apart
    return nearest, told


def _measured_anew(features: Tensor, rows: Tensor, neighbours: int, nearness: Nearness) -> tuple[Tensor, Tensor]:
    """Indices [rows, neighbours] by distances without cancellation, and how many rows are told apart."""
    prepare = _directions if nearness == "cosine" else centred
    points = prepare(features.double().unsqueeze(0))[0]
    distances = torch.cdist(points[rows], points, compute_mode="donot_use_mm_for_euclid_dist")
    distances[torch.arange(len(rows), device=rows.device), rows] = torch.inf
    found = distances.topk(min(neighbours + 1, len(points) - 1), dim=-1, largest=False)
    last, following = (neighbours - 1, neighbours) if found.values.shape[1] > neighbours else (0, -1)
    apart = found.values[:, following] - found.values[:, last] > 4 * torch.finfo(features.dtype).eps
    return found.indices[:, :neighbours], apart.sum()
