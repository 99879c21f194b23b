"""The exponent with which the smallest singular value of Gaussian matrices falls with their size."""

from __future__ import annotations

import torch
from torch import Tensor

from lawbook import Measurement, Panel, Trials


def exponent(
    trials: Trials,
    *,
    sides: tuple[int, ...] = (8, 16, 32, 64),
    matrices: int = 400,
    rows_per_column: int = 1,
) -> Measurement:
    """Slope of ln median σ_min over ln n by least squares, a seed. (Edelman 1988.)

    The median, not the mean, so that a few odd draws do not tilt the line. In the book the slope and the test of its
    straightness are instruments: checkers.instruments.slopes and power_law.
    """
    generators = [torch.Generator().manual_seed(seed) for seed in trials.seeds]
    medians = torch.stack([_medians(trials, generators, n, matrices, rows_per_column) for n in sides], dim=1)
    steps = torch.tensor(sides, dtype=torch.float64, device=trials.device).log()
    steps = steps - steps.mean()
    panel = Panel("Smallest singular value", x="n", y="median σ_min", log="xy")
    return Measurement(
        (medians.log() * steps).sum(1) / steps.square().sum(),
        panels=panel.over_seeds("measured", sides, medians, middle="geometric mean"),
    )


def _medians(
    trials: Trials, generators: list[torch.Generator], side: int, matrices: int, rows_per_column: int
) -> Tensor:
    """Median of σ_min over matrices, [seeds]."""
    shape = (matrices, rows_per_column * side, side)
    drawn = torch.stack([torch.randn(shape, generator=own, dtype=torch.float64) for own in generators])
    return torch.linalg.svdvals(drawn.to(trials.device))[..., -1].median(1).values
