r"""Learning curves of a learner that memorises tasks of Zipf-like frequency, $\theta_i \propto i^{-(1+a)}$.

A task is solved once it has been seen (Hutter 2021), or if capacity is left for it (Michaud et al. 2023). The
expected error after n samples is $\sum_i \theta_i (1 - \theta_i)^n$, and with room for the N most frequent tasks
$\sum_{i > N} \theta_i$.
"""

from __future__ import annotations

from typing import Literal

import torch
from scipy.special import zeta
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.randomness import uniform
from lawbook import Measurement, Panel, Trials

Frequencies = Literal["zipf", "geometric"]
Told = Literal["finite sum", "infinite sum"]


def sample_exponent_ratio(
    trials: Trials,
    *,
    exponent: float,
    samples: list[int],
    tasks: int = 1_000_000,
    frequencies: Frequencies = "zipf",
    told: Told = "finite sum",
    repeats: int = 8,
) -> Measurement:
    """Log–log slope over samples of the unseen tasks' share, over that of theory for Zipf frequencies of `exponent`.

    The share is averaged over `repeats` streams of samples a seed. told: the slope of the exact finite sum, or the
    infinite sum's limit −a/(1 + a). geometric: frequencies 2^{−i} instead.
    """
    zipf = _zipf(exponent, tasks)
    drawn = zipf if frequencies == "zipf" else 0.5 ** torch.arange(1, 53, dtype=torch.float64)
    bounds = drawn.cumsum(0)
    draws = uniform(trials.seeds, (repeats, max(samples)), stream="samples", dtype=torch.float64)
    seen = torch.searchsorted(bounds, draws * bounds[-1]).clamp_max(len(drawn) - 1)
    errors = []
    for count in trials.track(samples, "samples"):
        ordered = seen[..., :count].sort(-1).values
        first = torch.ones_like(ordered, dtype=torch.bool)
        first[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
        errors.append(1 - (drawn[ordered] * first).sum(-1).mean(-1))
    error = torch.stack(errors, -1)
    exact = torch.stack([(zipf * torch.exp(count * torch.log1p(-zipf))).sum() for count in samples])
    slope = -exponent / (1 + exponent) if told == "infinite sum" else log_log_slope(samples, exact[None])
    return Measurement(
        values=log_log_slope(samples, error) / slope,
        panels=Panel("Error against samples", x="samples", y="share of tasks unseen", log="xy")
        .over_seeds("measured", samples, error)
        .line("exact finite sum", samples, exact, role="predicted"),
    )


def capacity_exponent(
    trials: Trials, *, exponent: float, capacities: list[int], frequencies: Frequencies = "zipf"
) -> Measurement:
    """Log–log slope over N of the error with room for the N most frequent of infinitely many tasks; no seed matters."""
    if frequencies == "zipf":
        tails = [float(zeta(1 + exponent, capacity + 1) / zeta(1 + exponent)) for capacity in capacities]
    else:
        tails = [0.5**capacity for capacity in capacities]
    error = torch.tensor(tails, dtype=torch.float64)
    line = [tails[-1] * (capacity / capacities[-1]) ** -exponent for capacity in capacities]
    return Measurement(
        values=log_log_slope(capacities, error[None]).expand(len(trials)),
        panels=Panel("Error against capacity", x="capacity, tasks", y="share of tasks unsolved", log="xy")
        .line("exact", capacities, error)
        .line("−a", capacities, line, role="predicted"),
    )


def _zipf(exponent: float, tasks: int) -> Tensor:
    weights = torch.arange(1, tasks + 1, dtype=torch.float64).pow(-1 - exponent)
    return weights / weights.sum()
