"""Do deep linear networks reach the global minimum, by gradient descent and by stochastic gradient descent?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.instruments.slopes import log_log_slope
from checkers.settings.linear_modes import (
    TIME,
    LinearModes,
    aligned_layers,
    gaussian_layers,
    learn,
    relative_excess,
    thinned,
)
from checkers.settings.linear_networks import outputs_and_gradients, product
from checkers.settings.power_panel import power_panel
from checkers.testbeds.randomness import integers, normal
from lawbook import Measurement, Panel, Trials

Start = Literal["random", "random, weakest mode dead", "aligned", "aligned, weakest mode reversed"]
POINTS_RECORDED = 160
RUNS_DRAWN = 4


@dataclass(frozen=True)
class Data:
    """Gaussian inputs, as many as `points`, with targets diag(modes)·x + label_noise·N(0, I), in random batches."""

    points: int
    batch_size: int
    label_noise: float = 0.0


def relative_excess_loss(
    trials: Trials,
    *,
    setting: LinearModes,
    init_scale: float,
    horizon: float,
    start: Start = "random",
    misalignment: float = 0.0,
) -> Measurement:
    """‖W_L⋯W_1 − S‖²_F / ‖S‖²_F after gradient descent for a time `horizon` (step size × steps), S = diag(modes).

    start: two layers of Gaussian weights of standard deviation init_scale ("random"), or three layers aligned and
    balanced up to relative noise of size `misalignment`, mode strengths near init_scale³. Dead: the mode's weights are
    exactly zero. Reversed: its strength is negative.
    """
    if start.startswith("aligned"):
        layers = aligned_layers(trials, setting, init_scale**3 / 1.5, init_scale**3 * 1.5, misalignment)
    else:
        layers = gaussian_layers(trials, setting, init_scale)
    if start.endswith("dead"):
        layers[0][:, :, -1] = 0
        layers[1][:, -1] = 0
    if start.endswith("reversed"):
        layers[-1][:, -1] *= -1
    losses: list[Tensor] = []
    trained = learn(trials, setting, layers, horizon, lambda outputs: losses.append(relative_excess(outputs, setting)))
    return Measurement(
        values=relative_excess(product(trained), setting),
        panels=_loss_panel(torch.stack(losses).cpu(), setting.step_size, "Gradient descent"),
    )


def stochastic_relative_excess_loss(
    trials: Trials, *, setting: LinearModes, init_scale: float, horizon: float, data: Data
) -> Measurement:
    """Training loss above its minimum over all matrices, relative to the start, after stochastic gradient descent.

    Two layers; loss ½‖·‖² averaged over a batch drawn with replacement. Without label noise the data are interpolated.
    """
    spacing, losses = _stochastic_excess(trials, setting, init_scale, horizon, data)
    relative = losses / losses[0]
    return Measurement(values=relative[-1], panels=_loss_panel(relative, spacing, "Stochastic gradient descent"))


def label_noise_floor(
    trials: Trials, *, setting: LinearModes, init_scale: float, horizon: float, data: Data
) -> Measurement:
    r"""4/tr H times the excess training loss, mean over the second half of stochastic gradient descent.

    H is the Hessian of the mean loss at the balanced minimum, tr H = 2·outputs·Σ modes for white inputs. Noise of
    covariance (label noise)²·H/batch in every gradient leaves the excess η·(label noise)²·tr H/(4·batch), to first
    order in η. (Mandt, Hoffman & Blei 2017, section 3, with the noise of a well-specified regression.)
    """
    spacing, losses = _stochastic_excess(trials, setting, init_scale, horizon, data)
    curvature = 2 * len(setting.modes) * sum(setting.modes)
    scaled = 4 * losses / curvature
    return Measurement(
        values=scaled[len(scaled) // 2 :].mean(0),
        panels=_loss_panel(scaled, spacing, "Stochastic gradient descent", "4 · excess loss / tr H"),
    )


def escape_exponent(
    trials: Trials, *, setting: LinearModes, init_scales: list[float], depth: int, horizon: float
) -> Measurement:
    """Slope of log(time at which the loss has halved) against log(standard deviation of the initial weights).

    The same Gaussian draw is scaled by every entry of init_scales. A run that never halves counts `horizon`, and its
    seed is out of regime.
    """
    scales = torch.tensor(init_scales, dtype=torch.float64, device=trials.device)[:, None, None]
    drawn = gaussian_layers(trials, setting, 1.0, depth)
    layers = [(scales * layer[:, None]).flatten(0, 1) for layer in drawn]
    losses: list[Tensor] = []
    learn(trials, setting, layers, horizon, lambda outputs: losses.append(relative_excess(outputs, setting)))
    history = torch.stack(losses, -1).cpu().reshape(len(trials), len(init_scales), -1)
    times = setting.step_size * torch.arange(history.shape[-1], dtype=torch.float64)
    halved = first_fall(times, history, history[:, :, 0] / 2)
    start = "standard deviation of the initial weights"
    return Measurement(
        values=log_log_slope(init_scales, halved.place),
        in_regime=halved.reached.all(1),
        panels=power_panel("Time to halve the loss", start, TIME, init_scales, halved.place, 2 - depth),
    )


def _stochastic_excess(
    trials: Trials, setting: LinearModes, init_scale: float, horizon: float, data: Data
) -> tuple[float, Tensor]:
    """Time between records, and the excess training loss ½‖·‖² a point at each, `[records, runs]`."""
    draw = {"device": trials.device, "dtype": torch.float64}
    count, steps = len(setting.modes), round(horizon / setting.step_size)
    inputs = normal(trials.seeds, (count, data.points), stream="inputs", **draw)
    noise = normal(trials.seeds, (count, data.points), stream="label noise", **draw)
    targets = torch.diag(setting.strengths(trials.device)) @ inputs + data.label_noise * noise
    best = torch.linalg.solve(inputs @ inputs.mT, inputs @ targets.mT).mT
    layers = gaussian_layers(trials, setting, init_scale)
    shape = (steps, data.batch_size)
    indices = integers(trials.seeds, shape, stream="batches", high=data.points, device=trials.device)
    every, losses = max(1, steps // POINTS_RECORDED), []
    for step in trials.track(range(steps + 1), "stochastic gradient descent"):
        if step % every == 0 or step == steps:
            losses.append(((product(layers) - best) @ inputs).square().sum((1, 2)) / (2 * data.points))
        if step == steps:
            break
        chosen = indices[:, step, None, :].expand(-1, count, -1)
        _, gradients = outputs_and_gradients(layers, inputs.gather(2, chosen), targets.gather(2, chosen))
        for layer, gradient in zip(layers, gradients, strict=True):
            layer.sub_(gradient, alpha=setting.step_size / data.batch_size)
    return every * setting.step_size, torch.stack(losses).cpu()


def _loss_panel(losses: Tensor, spacing: float, title: str, y: str = "excess loss relative to the start") -> Panel:
    """The first runs' losses, `[times, runs]`, the times `spacing` apart."""
    times = spacing * torch.arange(len(losses), dtype=torch.float64)
    panel = Panel(title, x=TIME, y=y, log="y")
    for run in range(min(RUNS_DRAWN, losses.shape[1])):
        panel = panel.line(f"run {run + 1}", *thinned(times, losses[:, run]))
    return panel
