"""Three-layer linear networks from nearly aligned, nearly balanced weights: the half-time of every mode.

Small random weights do not align three layers (their gradient is of second order), hence the start: orthogonal frames
shared by neighbouring layers, a random strength for every mode, and a little noise that breaks alignment and balance.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.settings.aligned_layers import DEPTH, aligned_layers
from checkers.settings.linear_networks import Activation, descend, product
from checkers.settings.mode_dates import TIME, capped_relative_error, crossing_times
from checkers.theory.saxe_modes import euler_lag, half_time, time_to_reach
from lawbook import Measurement, Panel, Trials

POINTS_DRAWN = 160


def half_time_error(
    trials: Trials,
    *,
    modes: list[float],
    width: int,
    smallest_start: float,
    largest_start: float,
    misalignment: float,
    step_size: float,
    activation: Activation = "linear",
    formula_depth: Literal[2, 3] = 3,
) -> Measurement:
    """Largest over modes of |measured half-time / predicted − 1|, capped at 1; flow plus the first-order Euler lag.

    smallest_start, largest_start: initial mode strengths are drawn log-uniformly between them, one a mode and seed.
    misalignment: Frobenius norm of the noise on every weight matrix relative to that of the aligned weights.
    formula_depth: the depth that the prediction believes in. (Saxe et al. 2013, section on deeper networks.)
    """
    layers = aligned_layers(trials, modes, width, smallest_start, largest_start, misalignment)
    strengths = torch.tensor(modes, dtype=torch.float64)
    initial = product(layers).diagonal(dim1=1, dim2=2).cpu()
    slowest = float(half_time(modes[-1], smallest_start / 1.5, depth=DEPTH))
    steps = int(1.3 * slowest / step_size)
    history: list[Tensor] = []
    descend(
        layers,
        torch.eye(len(modes), dtype=torch.float64, device=trials.device),
        torch.diag(strengths).to(trials.device),
        step_size=step_size,
        steps=trials.track(range(steps), "gradient descent"),
        activation=activation,
        observe=lambda _, outputs: history.append(outputs.diagonal(dim1=1, dim2=2).clone()),
    )
    strength_history = torch.stack(history).cpu()
    measured = crossing_times(strength_history, strengths / 2, step_size)
    predicted = torch.as_tensor(
        half_time(strengths, initial, depth=formula_depth)
        + euler_lag(strengths / 2, strengths, initial, step_size=step_size, depth=formula_depth)
    )
    error = capped_relative_error(measured, predicted)
    diagonal = predicted.flatten().sort().values
    return Measurement(
        values=error.amax(1),
        panels=[
            _strengths_panel(strength_history[:, 0], initial[0], modes, step_size),
            Panel("Half-time of every mode and seed", x="predicted half-time", y="measured half-time")
            .line("measured", predicted.flatten(), measured.flatten())
            .line("equal", diagonal, diagonal, role="predicted"),
        ],
    )


def _strengths_panel(history: Tensor, initial: Tensor, modes: list[float], step_size: float) -> Panel:
    """Measured strengths of one run `[steps, modes]` over the flow's exact curves."""
    panel = Panel("Mode strengths, first seed", x=TIME, y="mode strength u")
    every = max(1, len(history) // POINTS_DRAWN)
    times = step_size * torch.arange(len(history), dtype=torch.float64)[::every]
    for k, mode in enumerate(modes):
        start = initial[k].item()
        levels = torch.linspace(start, 0.9999 * mode, POINTS_DRAWN, dtype=torch.float64)[1:]
        reached = torch.as_tensor(time_to_reach(levels, mode, start, depth=DEPTH))
        shown = reached <= times[-1]
        panel = panel.line(f"s = {mode:g}", times, history[::every, k])
        panel = panel.line(f"predicted, s = {mode:g}", reached[shown], levels[shown], role="predicted")
    return panel
