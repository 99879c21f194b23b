"""The exponent of the compute-optimal model size, from published fits of the loss law: a calculation, no training."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.settings.published_loss_law import PublishedLossLaw
from checkers.theory.loss_law_allocation import optimal_compute, total_parameters
from lawbook import Measurement, Panel, Trials

SIZES = 400


def size_exponent(
    trials: Trials,
    *,
    law: PublishedLossLaw,
    counting: Literal["all", "non-embedding"],
    sizes: list[float] = [768.0, 1.5e9],  # noqa: B006 - read by the linter of claims, never changed
) -> Measurement:
    """Least-squares slope of log best size on log compute, over `sizes` (smallest, largest; non-embedding parameters).

    Every seed is one draw of the law within its errors. counting: of parameters, in size and compute alike.
    (Pearce & Song 2024, arXiv:2406.12907.)
    """
    small = torch.logspace(math.log10(sizes[0]), math.log10(sizes[1]), SIZES, dtype=torch.float64)
    counts_all = counting == "all"
    log_compute = optimal_compute(law.draws(trials), small, count_embeddings=counts_all)
    log_size = (total_parameters(small) if counts_all else small).log()
    compute, best = log_compute.mean(0)[::10], log_size[::10]
    middle = len(compute) // 2
    panel = Panel(f"best size, counting {counting} parameters", x="compute (FLOP)", y="parameters", log="xy").line(
        "implied by the loss law", compute.exp(), best.exp()
    )
    for power in (0.5, 0.73):
        reference = best[middle] + power * (compute - compute[middle])
        panel = panel.line(f"slope {power}", compute.exp(), reference.exp(), role="reference")
    return Measurement(_slope_over_even_compute(log_compute, log_size), panels=panel)


def _slope_over_even_compute(log_compute: Tensor, log_size: Tensor) -> Tensor:
    """Slope of log_size [sizes] on log_compute [runs, sizes], each interval weighing by the compute it spans."""
    middle = (log_compute[:, 1:] + log_compute[:, :-1]) / 2
    size = ((log_size[1:] + log_size[:-1]) / 2).expand_as(middle)
    weight = log_compute.diff(dim=1)
    weight = weight / weight.sum(1, keepdim=True)
    x = middle - (weight * middle).sum(1, keepdim=True)
    y = size - (weight * size).sum(1, keepdim=True)
    return (weight * x * y).sum(1) / (weight * x.square()).sum(1)
