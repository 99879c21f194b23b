"""When the modes of a linear network are learned: dates seen along a path, and how far they are from predicted ones."""

from __future__ import annotations

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall

LARGEST_ERROR = 1.0
TIME = "time = step size × steps"


def crossing_times(history: Tensor, levels: Tensor, step_size: float) -> Tensor:
    """First time at which each run's mode crosses its level, linear between steps; inf where it never does.

    history: `[steps, runs, modes]`; levels broadcasts against `[runs, modes]`. Zero where it starts above.
    """
    steps = torch.arange(len(history), dtype=history.dtype, device=history.device)
    risen = first_fall(steps, -history.movedim(0, -1), -levels)
    return torch.where(risen.reached, risen.place * step_size, torch.inf)


def capped_relative_error(measured: Tensor, predicted: Tensor) -> Tensor:
    """|measured / predicted − 1|, at most 1; 1 also where the prediction does not exist or is not positive."""
    error = (measured / predicted - 1).abs()
    meaningful = torch.isfinite(predicted) & (predicted > 0) & torch.isfinite(error)
    return torch.where(meaningful, error, torch.full_like(error, LARGEST_ERROR)).clamp_max(LARGEST_ERROR)
