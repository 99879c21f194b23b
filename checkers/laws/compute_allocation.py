"""The exponent of the compute-optimal model size, from published fits of the loss law: a calculation, no training."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.randomness import normal
from checkers.theory.loss_law_allocation import LossLawFactors, optimal_compute, total_parameters
from lawbook import Measurement, Panel, Trials

# A, B, α, β and the standard error of both exponents.
FITS = {
    "besiroglu": (482.01, 2085.43, 0.3478, 0.3658, 0.02),
    "hoffmann": (406.4, 410.7, 0.3392, 0.2849, 0.02),
}
CENTRE = (1e9, 2e10)  # parameters and tokens about which the fitted runs lie
SIZES = 400


def size_exponent(
    trials: Trials,
    *,
    counting: Literal["all", "non-embedding"],
    sizes: list[float] = [768.0, 1.5e9],  # noqa: B006 - read by the linter of claims, never changed
    fit: Literal["besiroglu", "hoffmann"] = "besiroglu",
) -> Measurement:
    """Least-squares slope of log best size on log compute, over `sizes` (smallest, largest; non-embedding parameters).

    Every seed is one draw of the fit's exponents within their standard errors, factors moved so that both terms of the
    loss stay as they are at the centre of the fitted runs. counting: of parameters, in size and compute alike.
    (Pearce & Song 2024.)
    """
    law = _draws(trials, fit)
    small = torch.logspace(math.log10(sizes[0]), math.log10(sizes[1]), SIZES, dtype=torch.float64)
    counts_all = counting == "all"
    log_compute = optimal_compute(law, small, count_embeddings=counts_all)
    log_size = (total_parameters(small) if counts_all else small).log()
    slopes = _slope_over_even_compute(log_compute, log_size)
    compute, best = log_compute.mean(0)[::10], log_size[::10]
    anchor = compute[len(compute) // 2], best[len(best) // 2]
    axes = Panel(f"best size, counting {counting} parameters", x="compute (FLOP)", y="parameters", log="xy")
    panel = axes.line("implied by the loss law", compute.exp(), best.exp())
    for power in (0.5, 0.73):
        law = (anchor[1] + power * (compute - anchor[0])).exp()
        panel = panel.line(f"slope {power}", compute.exp(), law, role="reference")
    return Measurement(
        slopes,
        panels=panel,
        notes="no network is trained: the loss law's published fit is taken as given",
    )


def _draws(trials: Trials, fit: str) -> LossLawFactors:
    size_factor, data_factor, alpha, beta, error = FITS[fit]
    drawn = error * normal(trials.seeds, (2,), stream="exponents", dtype=torch.float64)
    return LossLawFactors(
        size_factor * CENTRE[0] ** drawn[:, 0],
        data_factor * CENTRE[1] ** drawn[:, 1],
        alpha + drawn[:, 0],
        beta + drawn[:, 1],
    )


def _slope_over_even_compute(log_compute: Tensor, log_size: Tensor) -> Tensor:
    """Slope of log_size [sizes] on log_compute [runs, sizes], each interval weighing by the compute it spans."""
    middle = (log_compute[:, 1:] + log_compute[:, :-1]) / 2
    size = ((log_size[1:] + log_size[:-1]) / 2).expand_as(middle)
    weight = log_compute.diff(dim=1)
    weight = weight / weight.sum(1, keepdim=True)
    x = middle - (weight * middle).sum(1, keepdim=True)
    y = size - (weight * size).sum(1, keepdim=True)
    return (weight * x * y).sum(1) / (weight * x.square()).sum(1)
