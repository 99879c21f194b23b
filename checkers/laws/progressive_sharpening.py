"""Below the edge of stability, training raises the sharpness, until the edge stops it."""

from __future__ import annotations

from dataclasses import replace

from checkers.settings.edge_of_stability import Setting, Task, classification_task
from checkers.settings.edge_of_stability_paths import path_panels, sharpness_path
from checkers.testbeds.optimisers import GradientDescent
from lawbook import Measurement, Panel, Trials

BELOW_EDGE = 0.8
LOSS_FALLS_TO = 0.25
MEASUREMENTS = 16


def sharpness_growth(
    trials: Trials,
    *,
    step_size: float,
    steps: int,
    lazy_scale: float | None = None,
    setting: Setting = Setting(),
) -> Measurement:
    """Sharpness at the end of training over sharpness at its start. (Cohen et al. 2021, section 3.1.)

    lazy_scale: α trains α·(f(w) − f(w₀)) with the step size η/α², which keeps the speed of the outputs, and is the
    lazier the larger α (Chizat et al. 2018); None trains the network f itself.
    In regime are runs whose sharpness stays below 0.8 · 2/η all along, so that the step size plays no part, and whose
    loss falls to a quarter, so that there was learning.
    """
    task = classification_task(trials, setting)
    if lazy_scale is not None:
        task, step_size = _made_lazy(task, lazy_scale), step_size / lazy_scale**2
    path = sharpness_path(trials, task, GradientDescent(step_size), steps=steps, measurements=MEASUREMENTS)
    below = (path.sharpness < BELOW_EDGE * 2 / step_size).all(dim=0)
    learned = path.losses[-1] < LOSS_FALLS_TO * path.losses[0]
    since_lowest = path.sharpness[-1] / path.sharpness.amin(dim=0)
    return Measurement(
        path.sharpness[-1] / path.sharpness[0],
        in_regime=path.sound & below & learned,
        panels=path_panels(path, 2 / step_size),
        notes=(
            f"{int(below.sum())} of {len(trials)} runs stay below 0.8 of the edge",
            f"{int(learned.sum())} bring the loss to a quarter",
            f"sharpness at the end over its lowest on the way, mean over seeds: {since_lowest.mean().item():.2f}",
        ),
    )


def where_the_rise_stops(
    trials: Trials,
    *,
    step_size: float,
    divisor: float,
    time: float,
    setting: Setting = Setting(),
) -> Measurement:
    """The sharpness in the end at step size η/divisor over that at η, both trained for the same time ηt.

    In the end: the mean over the last 40 % of the steps. A rise that the step size stops gives `divisor`; one that ends
    with learning, or none, gives 1. In regime are runs that stay finite and start below 2/η. (Cohen et al. 2021,
    figures 2 and 3.)
    """
    task = classification_task(trials, setting)
    large, small = (
        sharpness_path(
            trials,
            task,
            GradientDescent(size),
            steps=round(time / size),
            measurements=MEASUREMENTS,
            label=f"step size {size:g}",
        )
        for size in (step_size, step_size / divisor)
    )
    below = large.sharpness[0] < 2 / step_size
    panel = Panel("where the rise stops", x="time ηt", y="λ_max")
    for size, path in ((step_size, large), (step_size / divisor, small)):
        times = [size * step for step in path.times]
        panel = panel.over_seeds(f"step size {size:.3g}", times, path.sharpness.T)
        panel = panel.line(f"edge of {size:.3g}", (times[0], times[-1]), 2 / size, role="predicted")
    return Measurement(
        small.plateau() / large.plateau(),
        in_regime=small.sound & large.sound & below,
        panels=panel,
        notes=(f"{int(below.sum())} of {len(trials)} runs start below the edge of the larger step size",),
    )


def _made_lazy(task: Task, scale: float) -> Task:
    """The task of scale · (f − f at the start): the network times the scale, its start added to the targets."""
    scaled = replace(task.network, output_scale=scale)
    return replace(task, network=scaled, targets=task.targets + scaled.forward(task.initial, task.inputs))
