"""The share of Gaussian matrices that are nearly singular."""

from __future__ import annotations

import torch

from lawbook import Measurement, Panel, Trials


def share_below(
    trials: Trials, *, side: int = 32, matrices: int = 1000, threshold: float = 1.0, extra_rows: int = 0
) -> Measurement:
    """Share of matrices with n σ_min² ≤ threshold, a seed. (Edelman 1988.)

    A share is a mean of zeros and ones: many draws within a seed, so that a seed has a number, and several seeds, so
    that the interval asks the draws how far it is to be believed.
    """
    generators = [torch.Generator().manual_seed(seed) for seed in trials.seeds]
    shape = (matrices, side + extra_rows, side)
    drawn = torch.stack([torch.randn(shape, generator=own, dtype=torch.float64) for own in generators])
    smallest = torch.linalg.svdvals(drawn.to(trials.device))[..., -1]
    scaled = side * smallest.square()
    levels = torch.linspace(0, 4 * threshold, 50, dtype=torch.float64, device=trials.device)
    shares = (scaled[..., None] <= levels).double().mean(1)
    panel = Panel("Share below t", x="t", y="share")
    return Measurement(
        (scaled <= threshold).double().mean(1),
        panels=panel.over_seeds("measured", levels, shares).line(
            "theory", levels, 1 - (-(levels / 2 + levels.sqrt())).exp(), role="predicted"
        ),
    )
