r"""The compute-optimal model size that $L = E + A N^{-\alpha} + B D^{-\beta}$ implies, by how parameters are counted.

N counts all parameters, of which n are not embeddings: $N = n + \omega n^{1/3}$, with $\omega = 47491$ from the shapes
of the models of Hoffmann et al. 2022. Counting all, compute is $C = 6ND$; as Kaplan et al. 2020 counted, it is
$6nD$. The best n at a given compute is where the derivative vanishes, which gives C as a function of n in closed
form. (Pearce & Song 2024, arXiv:2406.12907.)
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

EMBEDDING_FACTOR = 47491.0


@dataclass(frozen=True, eq=False)
class LossLawFactors:
    """A, B, α and β of a loss law in nats; float64 tensors of one shape [runs]."""

    size_factor: Tensor
    data_factor: Tensor
    size_exponent: Tensor
    data_exponent: Tensor


def total_parameters(non_embedding: Tensor) -> Tensor:
    """N of n non-embedding parameters."""
    return non_embedding + EMBEDDING_FACTOR * non_embedding ** (1 / 3)


def optimal_compute(law: LossLawFactors, non_embedding: Tensor, *, count_embeddings: bool) -> Tensor:
    """The log of the compute [runs, sizes], in floating-point operations, at which each n [sizes] is the best size."""
    total = total_parameters(non_embedding)
    slope = 1 + EMBEDDING_FACTOR / 3 * non_embedding ** (-2 / 3)
    counted, counted_slope = (total, slope) if count_embeddings else (non_embedding, torch.ones_like(slope))
    alpha, beta = law.size_exponent[:, None], law.data_exponent[:, None]
    # α A N^(−α−1) N' = β B (6/C)^β c^(β−1) c' with c the counted size.
    log_power = (
        torch.log(beta * law.data_factor[:, None] / (alpha * law.size_factor[:, None]))
        + (beta - 1) * counted.log()
        + counted_slope.log()
        + (alpha + 1) * total.log()
        - slope.log()
    )
    return log_power / beta + torch.log(torch.tensor(6.0, dtype=torch.float64))
