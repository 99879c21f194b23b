r"""Matching the units of one network to those of another, the best over all permutations.

For a table $S_{ij}$ of how alike unit $i$ of the first and unit $j$ of the second are, the permutation $\pi$
that maximises $\sum_i S_{i\pi(i)}$ is a linear assignment problem, solved exactly. Sources: Li et al. 2016;
Ainsworth et al. 2023 (activation matching).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from checkers.instruments.accurate_sums import finite_runs, unit_scale
from checkers.instruments.arguments import check_tensors

Likeness = Literal["correlation", "inner-product"]


@dataclass(frozen=True)
class UnitMatching:
    """Which unit of the second network plays the part of each unit of the first.

    permutation: [runs, units]; `others[..., permutation]` lines up with `features` (one run at a time), and
    so do `weights[permutation]` of the layer's rows. likeness: [runs, units], how alike each pair is. A run that is not
    finite has NaN likeness and the identity for a permutation.
    """

    permutation: Int[Tensor, "runs units"]
    likeness: Float[Tensor, "runs units"]


def match_units(
    features: Float[Tensor, "runs inputs units"],
    others: Float[Tensor, "runs inputs units"],
    *,
    likeness: Likeness = "correlation",
) -> UnitMatching:
    """The permutation of the second network's units that is most like the first network's, run by run.

    likeness: "correlation" over inputs (deaf to a unit's scale and shift; 0 for a unit that does not vary) or
    "inner-product" (the least-squares matching of activations, each network's at unit scale). Likeness is NaN where
    none of a network's units varies, or not all are finite. The assignment is solved on the CPU. Raises ValueError for
    networks of unlike shapes.
    """
    check_tensors(features=(features, "runs inputs units"), others=(others, "runs inputs units"))
    return assign(_likeness_table(features, others, likeness))


def assign(table: Float[Tensor, "runs units units"]) -> UnitMatching:
    """The matching that maximises the sum of `table[run, i, permutation[i]]`."""
    check_tensors(table=(table, "runs units units"))
    finite = finite_runs(table).reshape(-1, 1, 1)
    preferred = torch.where(finite, table.detach(), torch.eye(table.shape[1], dtype=table.dtype, device=table.device))
    on_cpu = preferred.double().cpu().numpy()
    chosen = [torch.from_numpy(linear_sum_assignment(one_run, maximize=True)[1]) for one_run in on_cpu]
    permutation = torch.stack(chosen).to(table.device)
    likeness = torch.where(finite, table, torch.nan).gather(2, permutation.unsqueeze(2)).squeeze(2)
    return UnitMatching(permutation, likeness)


def permute_units(
    features: Float[Tensor, "runs inputs units"], matching: UnitMatching
) -> Float[Tensor, "runs inputs units"]:
    """The second network's features with their units in the first one's order; NaN for a run without a matching."""
    check_tensors(features=(features, "runs inputs units"), likeness=(matching.likeness, "runs units"), one_dtype=False)
    order = matching.permutation.unsqueeze(1).expand(-1, features.shape[1], -1)
    found = ~matching.likeness.isnan().all(1)
    return torch.where(found.reshape(-1, 1, 1), features.gather(2, order), torch.nan)


def _likeness_table(features: Tensor, others: Tensor, likeness: Likeness) -> Tensor:
    if likeness == "inner-product":
        table = unit_scale(features).mT @ unit_scale(others)
        dead = (features == 0).flatten(1).all(1) | (others == 0).flatten(1).all(1)
        return torch.where(dead.reshape(-1, 1, 1), torch.nan, table)
    return _standardised(features).mT @ _standardised(others)


def _standardised(features: Tensor) -> Tensor:
    """Units with zero mean and unit length over inputs; one constant up to rounding becomes zero, a run of such NaN."""
    mean = features.mean(1, keepdim=True)
    moved = features - mean
    moved.sub_(moved.mean(1, keepdim=True))  # the mean's own rounding
    reach = moved.abs().amax(1, keepdim=True)
    varies = reach > 8 * torch.finfo(features.dtype).eps * mean.abs()
    moved.div_(torch.where(varies, reach, 1.0))
    lengths = torch.linalg.vector_norm(moved, dim=1, keepdim=True)
    moved = torch.where(varies, moved / torch.where(varies, lengths, 1.0), 0.0)
    defined = varies.any(2, keepdim=True) & reach.isfinite().all(2, keepdim=True)
    return torch.where(defined, moved, torch.nan)
