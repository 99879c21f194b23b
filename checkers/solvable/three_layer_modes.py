"""Three-layer linear networks from nearly aligned, nearly balanced weights: the half-time of every mode.

Small random weights do not align three layers (their gradient is of second order), hence the start.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.settings.linear_modes import (
    ALIGNED_DEPTH,
    LinearModes,
    aligned_layers,
    capped_relative_error,
    follow_modes,
)
from checkers.settings.linear_networks import product
from checkers.theory.saxe_modes import euler_lag, half_time, time_to_reach
from lawbook import Measurement, Panel, Trials

POINTS_DRAWN = 160


def half_time_error(
    trials: Trials,
    *,
    setting: LinearModes,
    smallest_start: float,
    largest_start: float,
    misalignment: float,
    formula: Literal["three layers", "two layers", "without lag"] = "three layers",
) -> Measurement:
    """Largest over modes of |measured half-time / predicted − 1|, capped at 1; flow plus the first-order Euler lag.

    Initial mode strengths are drawn log-uniformly between smallest_start and largest_start; misalignment is the size of
    the noise on every weight matrix, relative. formula: the depth that the prediction believes in, or the flow of
    three layers without the lag of descent. (Saxe et al. 2013, section on deeper networks.)
    """
    layers = aligned_layers(trials, setting, smallest_start, largest_start, misalignment)
    initial = product(layers).diagonal(dim1=1, dim2=2).cpu()
    slowest = float(half_time(setting.modes[-1], smallest_start / 1.5, depth=ALIGNED_DEPTH))
    paths = follow_modes(trials, setting, layers, 1.3 * slowest)
    measured = paths.half_times(setting)
    strengths, depth = setting.strengths(), 2 if formula == "two layers" else ALIGNED_DEPTH
    predicted = torch.as_tensor(half_time(strengths, initial, depth=depth))
    if formula != "without lag":
        lag = euler_lag(strengths / 2, strengths, initial, step_size=setting.step_size, depth=depth)
        predicted = predicted + torch.as_tensor(lag)
    flow = [
        _flow(mode, start.item(), paths.times[-1].item()) for mode, start in zip(setting.modes, initial[0], strict=True)
    ]
    diagonal = predicted.flatten().sort().values
    return Measurement(
        values=capped_relative_error(measured, predicted).amax(1),
        panels=[
            paths.panel(setting, flow),
            Panel("Half-time of every mode and seed", x="predicted half-time", y="measured half-time")
            .line("measured", predicted.flatten(), measured.flatten())
            .line("equal", diagonal, diagonal, role="predicted"),
        ],
    )


def _flow(mode: float, start: float, until: float) -> tuple[Tensor, Tensor]:
    """The flow's exact curve of a mode: times, and the strengths reached then."""
    levels = torch.linspace(start, 0.9999 * mode, POINTS_DRAWN, dtype=torch.float64)[1:]
    reached = torch.as_tensor(time_to_reach(levels, mode, start, depth=ALIGNED_DEPTH))
    return reached[reached <= until], levels[reached <= until]
