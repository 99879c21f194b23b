"""The mean square of the smallest singular value of Gaussian matrices over its limit."""

from __future__ import annotations

from typing import Literal

import torch

from lawbook import Measurement, Panel, Trials


def ratio_to_theory(
    trials: Trials,
    *,
    side: int = 32,
    matrices: int = 1000,
    extra_rows: int = 0,
    theory: Literal["real", "complex"] = "real",
) -> Measurement:
    """Mean of n σ_min² over its limit, a seed. (Edelman 1988.)

    The limit is an integral, which no formula of a claim file can say, so the checker returns the ratio. It is of order
    one whatever the sizes are, and 8 % of it means the same in every arm.
    """
    generators = [torch.Generator().manual_seed(seed) for seed in trials.seeds]
    shape = (matrices, side + extra_rows, side)
    drawn = torch.stack([torch.randn(shape, generator=own, dtype=torch.float64) for own in generators])
    smallest = torch.linalg.svdvals(drawn.to(trials.device))[..., -1]
    ratios = side * smallest.square().mean(1) / (mean_of_the_law() if theory == "real" else 1.0)
    panel = Panel("Ratio to theory", x="seed", y="ratio").line("measured", range(len(trials)), ratios)
    return Measurement(ratios, panels=panel.line("theory", range(len(trials)), 1.0, role="predicted"))


def mean_of_the_law() -> float:
    """∫ exp(−t/2 − √t) dt over t > 0, with t = u²: ∫ 2u exp(−u²/2 − u) du, by the trapezoid rule."""
    roots = torch.linspace(0, 12, 12_001, dtype=torch.float64)
    return float(torch.trapezoid(2 * roots * (-(roots.square() / 2 + roots)).exp(), roots))
