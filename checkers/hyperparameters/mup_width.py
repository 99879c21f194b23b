"""What a step does to activations, and which step size trains, as width grows: μP and standard parameterisation."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.instruments.minima import bracketed_minimum, read_curve
from checkers.instruments.slopes import log_log_slope
from checkers.settings.growing_width import Setting, width_task
from lawbook import Measurement, Panel, Trials

LARGEST_RATIO = 100.0


def activation_change_slope(
    trials: Trials,
    *,
    layer: Literal[1, 2, 3],
    widths: list[int],
    setting: Setting = Setting(),
    steps: int = 3,
    step_size: float = 0.01,
) -> Measurement:
    """Slope over log width of the log rms change of a layer's pre-activations; layer 3 is the output.

    Networks are trained minus their initial function: under μP that shrinks with the width, and with it its share in
    the error signal. (Yang et al. 2022, arXiv:2203.03466, appendix D.1.)
    """
    task = width_task(trials, setting, base_width=widths[0])
    changes = []
    for width in trials.track(widths, "width"):
        network, initial = task.network(width), task.initialise(width)
        before = network.preactivations(initial, task.inputs)
        trained = task.train(width, initial, step_size, steps, task.targets + before[-1])
        after = network.preactivations(trained.parameters, task.inputs)
        moved = [(late - early).square().mean((1, 2)).sqrt() for early, late in zip(before, after, strict=True)]
        changes.append(torch.stack(moved, dim=1))
    sizes = torch.stack(changes, dim=2).double().cpu()
    panel = Panel(f"Change of pre-activations after {steps} steps", x="width", y="rms change", log="xy")
    for place, name in enumerate(("layer 1", "layer 2", "output")):
        panel = panel.over_seeds(name, widths, sizes[:, place])
    return Measurement(values=log_log_slope(widths, sizes[:, layer - 1]), panels=panel)


def step_size_drift(
    trials: Trials,
    *,
    widths: list[int],
    smallest: float,
    largest: float,
    setting: Setting = Setting(),
    grid: int = 13,
    steps: int = 40,
    remaining: float = 0.5,
) -> Measurement:
    """Slope over log width of the log step size at which `remaining` of the initial loss is left after training.

    The crossing from below, interpolated in log step size between `grid` sizes. A seed that does not cross between two
    of them at every width is out of regime. (Yang et al. 2022, arXiv:2203.03466, figure 1.)
    """
    candidates = _step_sizes(smallest, largest, grid)
    losses = _losses(trials, setting, widths, candidates, steps)
    crossing = first_fall(candidates.log(), losses, remaining)
    found = crossing.place.exp()
    drift = (
        Panel(f"Step size that leaves {remaining:g} of the loss", x="width", y="step size", log="xy")
        .over_seeds(f"{setting.parameterisation}, {setting.optimiser}", widths, found)
        .line("no drift", widths, found.log().mean().exp(), role="reference")
    )
    return Measurement(
        values=log_log_slope(widths, found),
        in_regime=crossing.between.all(dim=1),
        panels=[drift, _loss_panel(widths, candidates, losses)],
    )


def transfer_regret(
    trials: Trials,
    *,
    widths: list[int],
    smallest: float,
    largest: float,
    setting: Setting = Setting(),
    grid: int = 13,
    steps: int = 40,
    repeats: int = 1,
) -> Measurement:
    """Excess log loss of the widest network at the narrowest one's best step size, over its own best, zero-shot.

    A loss is the geometric mean over the last quarter of the steps, in which Adam's ripple averages out, and over
    initialisations, `repeats` of the narrowest network and of wider ones, which vary less, what costs as much: an error
    of the best step size raises the regret by its square, whatever its sign. Best step sizes are vertices of parabolas
    in log loss and log step size through the least loss of the grid and its neighbours; the transferred one is read off
    the widest network's curve likewise. A seed whose least loss lies at an end of the grid, at any width, is out of
    regime. Losses count up to 100 times the initial one.
    """
    candidates = _step_sizes(smallest, largest, grid)
    losses = _losses(trials, setting, widths, candidates, steps, averaged=steps // 4, repeats=repeats)
    curves = losses.log()
    best = bracketed_minimum(candidates.log(), curves)
    transferred = read_curve(candidates.log(), curves[:, -1], best.place[:, 0])
    drift = log_log_slope(widths, best.place.exp())
    places = Panel("Best step size", x="width", y="step size", log="xy").over_seeds(
        f"{setting.parameterisation}, {setting.optimiser}", widths, best.place.exp()
    )
    return Measurement(
        values=transferred - best.height[:, -1],
        in_regime=best.bracketed.all(dim=1),
        panels=[_loss_panel(widths, candidates, losses), places],
        notes=f"the best step size drifts by {float(drift.mean()):.3f} in log a unit of log width",
    )


def _step_sizes(smallest: float, largest: float, grid: int) -> Tensor:
    return torch.logspace(math.log10(smallest), math.log10(largest), grid, dtype=torch.float64)


def _losses(
    trials: Trials,
    setting: Setting,
    widths: list[int],
    candidates: Tensor,
    steps: int,
    *,
    averaged: int = 1,
    repeats: int = 1,
) -> Tensor:
    """Losses over the initial one, [seeds, widths, step sizes]; 100 counts for whatever is larger.

    Geometric means over the last `averaged` points of the path and over initialisations, `repeats` at the least width.
    """
    task = width_task(trials, setting, base_width=widths[0], copies=len(candidates))
    step_sizes = candidates.to(task.inputs).repeat(len(trials))
    rows = []
    for width in trials.track(widths, "width"):
        logs = []
        for repeat in range(max(1, repeats * widths[0] ** 2 // width**2)):
            initial = task.initialise(width, f"weights {repeat}" if repeat else "weights")
            trained = task.train(width, initial, step_sizes, steps)
            end = task.loss(width, trained.parameters, task.targets)
            path = torch.cat([trained.losses, end[None]]).double()
            left = (path[-averaged:] / path[0]).nan_to_num(LARGEST_RATIO).clamp(max=LARGEST_RATIO)
            logs.append(left.log().mean(dim=0))
        rows.append(torch.stack(logs).mean(dim=0).exp().cpu().reshape(len(trials), -1))
    return torch.stack(rows, dim=1)


def _loss_panel(widths: list[int], candidates: Tensor, losses: Tensor) -> Panel:
    panel = Panel("Loss over step size, median over seeds", x="step size", y="loss over initial loss", log="xy")
    for place, width in enumerate(widths):
        panel = panel.line(f"width {width}", candidates, losses[:, place].median(dim=0).values.clamp_max(2.0))
    return panel
