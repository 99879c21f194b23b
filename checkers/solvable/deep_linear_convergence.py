"""Do deep linear networks reach the global minimum, by gradient descent and by stochastic gradient descent?"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.settings.aligned_layers import aligned_layers
from checkers.settings.linear_networks import descend, outputs_and_gradients, product
from checkers.settings.mode_dates import TIME, crossing_times
from checkers.testbeds.randomness import integers, normal
from lawbook import Measurement, Panel, Trials

Start = Literal["random", "saddle", "aligned"]
POINTS_DRAWN = 160
SEEDS_DRAWN = 4


def relative_excess_loss(
    trials: Trials,
    *,
    modes: list[float],
    width: int,
    init_scale: float,
    step_size: float,
    horizon: float,
    start: Start = "random",
) -> Measurement:
    """‖W_L⋯W_1 − S‖²_F / ‖S‖²_F after gradient descent for a time `horizon` (step size × steps), S = diag(modes).

    start: "random" (two layers, Gaussian weights of standard deviation init_scale), "saddle" (the same with the
    weakest mode's weights set to zero) or "aligned" (three layers, mode strengths near init_scale³, 5 % noise).
    """
    layers = _layers(trials, start, modes, width, init_scale)
    target = torch.diag(torch.tensor(modes, dtype=torch.float64, device=trials.device))
    losses: list[Tensor] = []

    def excess(outputs: Tensor) -> Tensor:
        return (outputs - target).square().sum((1, 2)) / target.square().sum()

    trained = descend(
        layers,
        torch.eye(len(modes), dtype=torch.float64, device=trials.device),
        target,
        step_size=step_size,
        steps=trials.track(range(round(horizon / step_size)), "gradient descent"),
        observe=lambda _, outputs: losses.append(excess(outputs)),
    )
    return Measurement(
        values=excess(product(trained)),
        panels=_loss_panel(torch.stack(losses).cpu(), step_size, "Gradient descent"),
    )


def stochastic_relative_excess_loss(
    trials: Trials,
    *,
    modes: list[float],
    width: int,
    init_scale: float,
    step_size: float,
    steps: int,
    points: int,
    batch_size: int,
    label_noise: float,
) -> Measurement:
    """Training loss above its minimum over all matrices, relative to the start, after stochastic gradient descent.

    Two layers; targets diag(modes)·x + label_noise·N(0, I) for `points` Gaussian inputs x; loss ½‖·‖² averaged over a
    batch drawn with replacement. Without label noise the data are interpolated.
    """
    draw = {"device": trials.device, "dtype": torch.float64}
    count = len(modes)
    inputs = normal(trials.seeds, (count, points), stream="inputs", **draw)
    noise = normal(trials.seeds, (count, points), stream="label noise", **draw)
    signal = torch.diag(torch.tensor(modes, dtype=torch.float64, device=trials.device))
    targets = signal @ inputs + label_noise * noise
    best = torch.linalg.solve(inputs @ inputs.mT, inputs @ targets.mT).mT
    layers = _layers(trials, "random", modes, width, init_scale)
    indices = integers(trials.seeds, (steps, batch_size), stream="batches", high=points, device=trials.device)

    def excess() -> Tensor:
        return ((product(layers) - best) @ inputs).square().sum((1, 2))

    initial = excess()
    losses = []
    for step in trials.track(range(steps), "stochastic gradient descent"):
        if step % max(1, steps // POINTS_DRAWN) == 0:
            losses.append(excess() / initial)
        chosen = indices[:, step, None, :].expand(-1, count, -1)
        _, gradients = outputs_and_gradients(layers, inputs.gather(2, chosen), targets.gather(2, chosen))
        for layer, gradient in zip(layers, gradients, strict=True):
            layer.sub_(gradient, alpha=step_size / batch_size)
    every = max(1, steps // POINTS_DRAWN) * step_size
    return Measurement(
        values=excess() / initial,
        panels=_loss_panel(torch.stack(losses).cpu(), every, "Stochastic gradient descent"),
    )


def escape_exponent(
    trials: Trials,
    *,
    modes: list[float],
    width: int,
    init_scales: list[float],
    depth: int,
    step_size: float,
    horizon: float,
) -> Measurement:
    """Slope of log(time at which the loss has halved) against log(standard deviation of the initial weights).

    The same Gaussian draw is scaled by every entry of init_scales. A run that never halves counts `horizon`, and its
    seed is out of regime.
    """
    count, runs = len(modes), len(trials)
    draw = {"device": trials.device, "dtype": torch.float64}
    sizes = [count, *[width] * (depth - 1), count]
    scales = torch.tensor(init_scales, dtype=torch.float64, device=trials.device)
    layers = [
        (
            scales[:, None, None]
            * normal(trials.seeds, (1, fan_out, fan_in), stream=f"weights {index}", **draw)
        ).flatten(0, 1)
        for index, (fan_in, fan_out) in enumerate(pairwise(sizes))
    ]
    target = torch.diag(torch.tensor(modes, dtype=torch.float64, device=trials.device))
    halved: list[Tensor] = []
    descend(
        layers,
        torch.eye(count, dtype=torch.float64, device=trials.device),
        target,
        step_size=step_size,
        steps=trials.track(range(round(horizon / step_size)), "gradient descent"),
        observe=lambda _, outputs: halved.append(-(outputs - target).square().sum((1, 2))),
    )
    history = torch.stack(halved).cpu().reshape(-1, runs, len(init_scales))
    times = crossing_times(history, history[0] / 2, step_size)
    halved_all = times.isfinite().all(1)
    times = times.clamp_max(horizon)
    line = times[:, 0].mean() * (scales.cpu() / scales.cpu()[0]) ** (2 - depth)
    start = "standard deviation of the initial weights"
    return Measurement(
        values=log_log_slope(init_scales, times),
        in_regime=halved_all,
        panels=Panel("Time to halve the loss", x=start, y=TIME, log="xy")
        .over_seeds("measured, mean and range over seeds", init_scales, times)
        .line(f"power {2 - depth}", init_scales, line, role="predicted"),
    )


def _layers(trials: Trials, start: Start, modes: list[float], width: int, init_scale: float) -> list[Tensor]:
    if start == "aligned":
        return aligned_layers(trials, modes, width, init_scale**3 / 1.5, init_scale**3 * 1.5, 0.05)
    draw = init_scale * normal(
        trials.seeds, (2, width, len(modes)), stream="weights", device=trials.device, dtype=torch.float64
    )
    if start == "saddle":
        draw[..., -1] = 0
    return [draw[:, 0].contiguous(), draw[:, 1].mT.contiguous()]


def _loss_panel(losses: Tensor, spacing: float, title: str) -> Panel:
    """Relative loss of the first runs, `[times, runs]`, the times `spacing` apart."""
    every = max(1, len(losses) // POINTS_DRAWN)
    times = spacing * torch.arange(len(losses), dtype=torch.float64)[::every]
    panel = Panel(title, x=TIME, y="excess loss relative to the start", log="y")
    for run in range(min(SEEDS_DRAWN, losses.shape[1])):
        panel = panel.line(f"run {run + 1}", times, losses[::every, run])
    return panel
