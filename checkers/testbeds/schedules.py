"""Step-size schedules: functions from the step (from 0) to a factor on the step size."""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def warmup(steps: int, then: Schedule | None = None) -> Schedule:
    """Rises linearly, (t+1)/steps, to 1 at step steps−1; afterwards `then(t)` if given, else 1."""
    return lambda step: (step + 1) / steps if step < steps else (1.0 if then is None else then(step))


def cosine(steps: int, floor: float = 0.0) -> Schedule:
    """Half a cosine from 1 at step 0 to `floor` at `steps` and after. (Loshchilov & Hutter 2016, 1608.03983.)"""
    return lambda step: floor + (1 - floor) * (1 + math.cos(math.pi * min(step / steps, 1.0))) / 2


def linear_decay(steps: int) -> Schedule:
    """Falls linearly from 1 at step 0 to 0 at `steps`."""
    return lambda step: max(0.0, 1 - step / steps)


def drop(at: int, factor: float) -> Schedule:
    """1 before step `at`, `factor` from then on."""
    return lambda step: 1.0 if step < at else factor
