"""When the modes of a linear network are learned: dates seen along a path, and how far they are from predicted ones."""

from __future__ import annotations

import torch
from torch import Tensor

LARGEST_ERROR = 1.0
TIME = "time = step size × steps"


def crossing_times(history: Tensor, levels: Tensor, step_size: float) -> Tensor:
    """First time at which each run's mode crosses its level, linear between steps; inf where it never does.

    history: `[steps, runs, modes]`; levels broadcasts against `[runs, modes]`. Zero where it starts above.
    """
    above = history >= levels
    after = above.to(torch.int8).argmax(0)
    before = (after - 1).clamp_min(0)
    low, high = (history.gather(0, index[None])[0] for index in (before, after))
    rise = torch.where(high > low, high - low, torch.ones_like(low))
    fraction = torch.where(after > 0, (levels - low) / rise, torch.zeros_like(low))
    time = (before + fraction) * step_size
    return torch.where(above.any(0), time, torch.full_like(time, torch.inf))


def capped_relative_error(measured: Tensor, predicted: Tensor) -> Tensor:
    """|measured / predicted − 1|, at most 1; 1 also where the prediction does not exist or is not positive."""
    error = (measured / predicted - 1).abs()
    meaningful = torch.isfinite(predicted) & (predicted > 0) & torch.isfinite(error)
    return torch.where(meaningful, error, torch.full_like(error, LARGEST_ERROR)).clamp_max(LARGEST_ERROR)
