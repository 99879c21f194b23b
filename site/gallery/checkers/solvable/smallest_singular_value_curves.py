"""How far the law of the smallest singular value of Gaussian matrices is from its limit, as a whole curve."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from lawbook import Measurement, Panel, Trials


def distance_to_the_law(
    trials: Trials,
    *,
    side: int = 32,
    matrices: int = 1000,
    complex_entries: bool = False,
    law: Literal["real", "complex"] = "real",
) -> Measurement:
    """Largest |share of n σ_min² ≤ t − theory| over t, a seed: the distance of Kolmogorov. (Edelman 1988.)

    A distance is positive even where the law is true; the region must leave room for that, and not much more.
    """
    generators = [torch.Generator().manual_seed(seed) for seed in trials.seeds]
    dtype = torch.complex128 if complex_entries else torch.float64
    shape = (matrices, side, side)
    drawn = torch.stack([torch.randn(shape, generator=own, dtype=dtype) for own in generators])
    smallest = torch.linalg.svdvals(drawn.to(trials.device))[..., -1]
    places = (side * smallest.square()).sort(1).values
    predicted = _law(places, law)
    # The measured share jumps at each draw, from (k − 1)/m to k/m: both ends count.
    upper = torch.arange(1, matrices + 1, dtype=torch.float64, device=trials.device) / matrices
    gaps = torch.maximum((upper - predicted).abs(), (predicted - upper + 1 / matrices).abs())
    levels = torch.linspace(0, 6, 60, dtype=torch.float64, device=trials.device)
    shares = (places[..., None] <= levels).double().mean(1)
    panel = Panel("Share below t", x="t", y="share").over_seeds("measured", levels, shares)
    return Measurement(gaps.amax(1), panels=panel.line("theory", levels, _law(levels, law), role="predicted"))


def _law(levels: Tensor, law: str) -> Tensor:
    return 1 - (-(levels / 2 + levels.sqrt() if law == "real" else levels)).exp()
