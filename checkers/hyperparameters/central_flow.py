"""Gradient descent at the edge of stability, averaged over its oscillation, follows the central flow.

From a point just below the edge three paths start: gradient descent, kicked a little along the top eigenvector so that
its oscillation need not grow out of rounding errors; gradient flow; and the central flow. Gradient descent's are
averaged over windows of 41 steps. (Cohen et al. 2024, sections 3 and 4.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import gradient, hessian_eigenpairs
from checkers.instruments.lanczos import Eigenpairs
from checkers.instruments.parameters import flatten, unflatten
from checkers.settings.edge_of_stability import Setting, Task, classification_task
from checkers.testbeds.minibatches import without_replacement
from checkers.theory.central_flow import FlowPoint, central_flow_step
from lawbook import Measurement, Panel, Trials

Loss = Callable[[Mapping[str, Tensor]], Tensor]
HALF_WINDOW = 20
JUDGED_FROM = 75
START_AT = 0.99
FLOW_SUBSTEPS = 4
APPROACH_FRACTION = 0.75
CHECK_EVERY = 10
TIME = "step after the start near the edge"
Observable = Literal["distance", "variance", "loss"]
Prediction = Literal["central flow", "gradient flow"]


@dataclass(frozen=True)
class Paths:
    """Paths from one start, each [steps + 1, runs, parameters], and the predicted variance.

    variance: tr Σ, [steps + 1, runs]. constrained: whether it is positive at every judged step, [runs].
    """

    descent: Tensor
    gradient_flow: Tensor
    predicted: Tensor
    variance: Tensor
    constrained: Tensor


def averaged_descent(
    trials: Trials,
    *,
    observable: Observable,
    prediction: Prediction = "central flow",
    step_size: float = 0.25,
    steps: int = 125,
    approach_steps: int = 4000,
    setting: Setting = Setting(labels="random", hidden=(24,)),
    directions: int = 3,
    kick: float = 0.02,
    batch_size: int = 0,
) -> Measurement:
    """How far averaged gradient descent is from a prediction, over the steps that are judged (those from 75 on).

    observable: "distance" is the mean distance of averaged gradient descent from the predicted path over that from
    gradient flow; "variance" is predicted tr Σ over the oscillation's measured variance; "loss" is the mean loss of
    gradient descent over the predicted L + tr Σ/η.
    batch_size: of the descent that is averaged, batches without replacement; 0 for all examples, as everywhere else.
    In regime are runs whose sharpness comes to 0.99 · 2/η within `approach_steps` at three quarters of the step
    size, and, where central flow is computed, with tr Σ > 0 at every judged step.
    """
    if steps < JUDGED_FROM + HALF_WINDOW:
        raise ValueError(f"steps must be at least {JUDGED_FROM + HALF_WINDOW}, not {steps}")
    task = classification_task(trials, setting)
    start, reached = _approach(trials, task, step_size, approach_steps)
    if not bool(reached.any()):
        return Measurement(
            [1.0] * len(trials),
            in_regime=[False] * len(trials),
            notes="no run's sharpness came to its edge; the values stand for nothing",
        )
    held = task.of_runs(reached)
    pairs = hessian_eigenpairs(held.loss, unflatten(start[reached], held.initial), directions)
    kicked = start[reached] + kick * pairs.vectors[:, 0]
    if batch_size:
        seeds = [seed for seed, kept in zip(trials.seeds, reached.tolist(), strict=True) if kept]
        orders = without_replacement(seeds, setting.examples, batch_size, device=trials.device)
        losses = (partial(held.batch_loss, indices=order) for order in orders)
        descent = _repeat(held, kicked, step_size, steps, 1, losses)
    else:
        descent = _repeat(held, kicked, step_size, steps, 1)
    paths = _paths(trials, held, start[reached], pairs, descent, step_size, prediction)
    ratio, panel = _OBSERVABLES[observable](held, paths, step_size)
    values = torch.ones(len(trials), dtype=ratio.dtype, device=ratio.device)
    values[reached] = ratio
    in_regime = reached.clone()
    in_regime[reached] = paths.constrained
    notes = f"{int(in_regime.sum())} of {len(trials)} runs are held at the edge at every judged step"
    return Measurement(values, in_regime=in_regime, panels=panel, notes=notes)


def _distance(task: Task, paths: Paths, step_size: float) -> tuple[Tensor, Panel]:
    averaged = paths.descent.unfold(0, 2 * HALF_WINDOW + 1, 1).mean(dim=-1)
    inner = slice(HALF_WINDOW, len(paths.descent) - HALF_WINDOW)
    from_prediction = (averaged - paths.predicted[inner]).norm(dim=2)
    from_flow = (averaged - paths.gradient_flow[inner]).norm(dim=2)
    late = slice(JUDGED_FROM - HALF_WINDOW, None)
    ratio = from_prediction[late].mean(dim=0) / from_flow[late].mean(dim=0)
    times = range(HALF_WINDOW, len(paths.descent) - HALF_WINDOW)
    return ratio, (
        Panel("distance of averaged gradient descent", x=TIME, y="distance in parameters")
        .over_seeds("from the prediction", times, from_prediction.T)
        .over_seeds("from gradient flow", times, from_flow.T, role="reference")
    )


def _variance(task: Task, paths: Paths, step_size: float) -> tuple[Tensor, Panel]:
    """The oscillation has period two: its displacement (2 w_t − w_{t−1} − w_{t+1})/4 is free of the path's drift."""
    moved = 2 * paths.descent[1:-1] - paths.descent[:-2] - paths.descent[2:]
    measured, predicted = (moved / 4).square().sum(dim=2), paths.variance[1:-1]
    times = range(1, len(paths.descent) - 1)
    return predicted[JUDGED_FROM:].mean(dim=0) / measured[JUDGED_FROM:].mean(dim=0), (
        Panel("variance of the oscillation", x=TIME, y="squared distance")
        .over_seeds("gradient descent", times, measured.T)
        .over_seeds("tr Σ", times, predicted.T, role="predicted")
    )


def _loss(task: Task, paths: Paths, step_size: float) -> tuple[Tensor, Panel]:
    measured = _losses(task, paths.descent)
    predicted = _losses(task, paths.predicted) + paths.variance / step_size
    times = range(len(measured))
    return measured[JUDGED_FROM:].mean(dim=0) / predicted[JUDGED_FROM:].mean(dim=0), (
        Panel("training loss", x=TIME, y="loss")
        .over_seeds("gradient descent", times, measured.T)
        .over_seeds("L + tr Σ/η", times, predicted.T, role="predicted")
        .over_seeds("gradient flow", times, _losses(task, paths.gradient_flow).T, role="reference")
    )


_OBSERVABLES: dict[str, Callable[[Task, Paths, float], tuple[Tensor, Panel]]] = {
    "distance": _distance,
    "variance": _variance,
    "loss": _loss,
}


def _paths(
    trials: Trials,
    task: Task,
    start: Tensor,
    pairs: Eigenpairs,
    descent: Tensor,
    step_size: float,
    prediction: Prediction,
) -> Paths:
    steps = len(descent) - 1
    flow = _repeat(task, start, step_size, steps, FLOW_SUBSTEPS)
    if prediction == "gradient flow":
        still = torch.zeros_like(flow[:, :, 0])
        return Paths(descent, flow, flow, still, torch.ones_like(still[0], dtype=torch.bool))
    central, variance = _central(trials, task, start, pairs, step_size, steps)
    constrained = (variance[JUDGED_FROM:] > 0).all(dim=0)
    return Paths(descent, flow, central, variance, constrained)


def _approach(trials: Trials, task: Task, step_size: float, steps: int) -> tuple[Tensor, Tensor]:
    """Each run's point where its sharpness first exceeds 0.99 · 2/η, by gradient descent at three quarters of η."""
    flat = flatten(task.initial)
    reached = torch.zeros(len(trials), dtype=torch.bool, device=flat.device)
    pairs: Eigenpairs | None = None
    for step in trials.track(range(steps), "approaching the edge"):
        if step % CHECK_EVERY == 0:
            pairs = hessian_eigenpairs(task.loss, unflatten(flat, task.initial), warm_start=pairs, tolerance=1e-2)
            reached |= pairs.values[:, 0] > START_AT * 2 / step_size
            if bool(reached.all()):
                break
        slope = gradient(task.loss, unflatten(flat, task.initial))
        flat = torch.where(reached[:, None], flat, flat - APPROACH_FRACTION * step_size * slope)
    return flat, reached


def _repeat(
    task: Task,
    start: Tensor,
    step_size: float,
    steps: int,
    substeps: int,
    losses: Iterable[Loss] | None = None,
) -> Tensor:
    """Gradient descent at step size η/substeps, seen every `substeps` steps: gradient flow where there are several.

    losses: what each of the `steps` descends on; the loss of all examples where they are not given.
    """
    path = [start]
    for loss, _ in zip(losses or repeat(task.loss), range(steps), strict=False):
        flat = path[-1]
        for _ in range(substeps):
            flat = flat - step_size / substeps * gradient(loss, unflatten(flat, task.initial))
        path.append(flat)
    return torch.stack(path)


def _central(
    trials: Trials, task: Task, start: Tensor, pairs: Eigenpairs, step_size: float, steps: int
) -> tuple[Tensor, Tensor]:
    point = FlowPoint(start, torch.zeros_like(start[:, 0]), pairs)
    points = [point]
    for _ in trials.track(range(steps), "central flow"):
        point = central_flow_step(task.loss, task.initial, point, step_size=step_size, duration=step_size)
        points.append(point)
    return torch.stack([point.flat for point in points]), torch.stack([point.variance for point in points])


def _losses(task: Task, path: Tensor) -> Tensor:
    loss: Loss = task.loss
    with torch.no_grad():
        return torch.stack([loss(unflatten(flat, task.initial)) for flat in path])
