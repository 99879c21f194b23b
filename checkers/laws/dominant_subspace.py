r"""How much of the gradient lies along the leading Hessian eigenvectors, and whether learning happens there.

K leading eigenvectors for K classes; the whole sample's gradient and Hessian. (Gur-Ari, Roberts & Dyer 2018,
1812.04754; against it Song, Ahn & Yun 2024, 2405.16002.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import gradient, hessian_eigenpairs
from checkers.instruments.lanczos import Eigenpairs
from checkers.instruments.parameters import flatten
from checkers.instruments.subspaces import captured_fraction
from checkers.settings.edge_of_stability import Setting, Task, classification_task
from checkers.settings.edge_of_stability_paths import PLATEAU, batches_of
from checkers.testbeds import minibatches
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import normal
from checkers.testbeds.training import Snapshot, Trajectory, train
from lawbook import Measurement, Panel, Trials

CLASSES = 10
TOLERANCE = 2e-2
EARLY_LOOKS = 3  # one in so many, before what is judged
RENEWED_EVERY = 5  # steps; the leading eigenvectors turn slowly

Part = Literal["whole", "dominant", "bulk", "outside random"]


def share_along_leading_eigenvectors(
    trials: Trials,
    *,
    step_size: float,
    steps: int,
    batch_size: int | None = 10,
    other_seed: bool = False,
    measurements: int = 12,
    setting: Setting = Setting(),
) -> Measurement:
    """Share of the whole gradient's squared norm in the span of the ten leading eigenvectors, mean over the last 40 %.

    measurements: how many would be spread evenly over training; before the last 40 % every third of them is made.
    batch_size: None for full batch. other_seed: the span is that of the next run. In regime are runs that stay finite
    with every eigenvalue converged, and whose loss falls to half or less.
    """
    task = classification_task(trials, setting)
    known: Eigenpairs | None = None

    def observe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        nonlocal known
        known = _leading(task, snapshot.parameters, known)
        slope = gradient(task.loss, snapshot.parameters)
        span = known.vectors.roll(1, 0) if other_seed else known.vectors
        with torch.no_grad():
            loss = task.loss(snapshot.parameters)
        return {
            "share": captured_fraction(slope, span),
            "first": captured_fraction(slope, span[:, :1]),
            "converged": known.converged,
            "loss": loss,
            "sharpness": known.values[:, 0],
        }

    every = max(1, steps // measurements)
    every += 1 - every % 2
    spaced = enumerate(range(0, steps + 1, every))
    looks = [time for index, time in spaced if index % EARLY_LOOKS == 0 or time > (1 - PLATEAU) * steps]
    path = train(
        task.initial,
        task.loss if batch_size is None else task.batch_loss,
        GradientDescent(step_size),
        steps=steps,
        batches=batches_of(trials, task, batch_size),
        observe=observe,
        observe_at=looks,
        track=trials.track,
    )
    seen, times = path.observed, path.observed_at
    late = [index for index, time in enumerate(times) if time > (1 - PLATEAU) * steps]
    learned = seen["loss"][late].mean(0) < 0.5 * seen["loss"][0]
    return Measurement(
        seen["share"][late].mean(0),
        in_regime=learned & ~path.diverged & seen["converged"].all(0),
        panels=[
            Panel("Share of the gradient", x="step", y="share of the squared norm")
            .over_seeds("in the span of ten", times, seen["share"].T)
            .over_seeds("along the first", times, seen["first"].T, role="reference")
            .line("a random vector's", [0, times[-1]], CLASSES / _size(task), role="predicted"),
            Panel("Training loss", x="step", y="loss of the whole sample", log="y").over_seeds(
                "measured", times, seen["loss"].T
            ),
        ],
        notes=(
            f"sharpness is {float((seen['sharpness'][late] * step_size / 2).mean()):.2f} of 2/η late in training",
            f"loss falls from {float(seen['loss'][0].mean()):.3f} to {float(seen['loss'][late].mean()):.4f}",
        ),
    )


def progress_within(
    trials: Trials,
    *,
    part: Part,
    step_size: float,
    batch_size: int,
    before: int,
    steps: int,
    setting: Setting = Setting(),
) -> Measurement:
    """Fall of the log loss when each step keeps only a part of the gradient, over its fall when it keeps all of it.

    part: of a minibatch's gradient, "dominant" in the span of the ten leading eigenvectors of the whole loss, "bulk"
    what is left, "outside random" what ten random directions leave. before: steps of plain training first. The
    eigenvectors are found anew every five steps. In regime are runs whose loss falls by a fifth or more with the whole
    gradient.
    """
    task = classification_task(trials, setting)
    optimiser = GradientDescent(step_size)
    orders = minibatches.without_replacement(trials.seeds, setting.examples, batch_size, device=trials.device)
    start = train(
        task.initial,
        task.batch_loss,
        optimiser,
        steps=before,
        batches=islice(orders, before),
        track=trials.track,
    )
    drawn = list(islice(orders, steps))
    whole = _continued(trials, task, start, drawn, optimiser, "whole")
    judged = _continued(trials, task, start, drawn, optimiser, part)
    fell, kept = (path[0].log() - path[-3:].mean(0).log() for path in (whole, judged))
    times = range(0, RENEWED_EVERY * len(whole), RENEWED_EVERY)
    return Measurement(
        kept / fell.clamp_min(1e-6),
        in_regime=fell > 0.2,
        panels=Panel("Training loss after the start", x="step", y="loss of the whole sample", log="y")
        .over_seeds(f"{part} part of the gradient", times, judged.T)
        .over_seeds("whole gradient", times, whole.T, role="reference"),
        notes=f"the loss falls by a factor {float(fell.mean().exp()):.2f} with the whole gradient",
    )


def _continued(
    trials: Trials, task: Task, start: Trajectory, drawn: list[Tensor], optimiser: GradientDescent, part: Part
) -> Tensor:
    """The whole sample's loss every five steps of training with a part of the gradient, [measurements, runs]."""
    known: Eigenpairs | None = None
    path, losses = start, []
    fixed = (
        torch.linalg.qr(normal(trials.seeds, (_size(task), CLASSES), stream="random span", device=trials.device)).Q.mT
        if part == "outside random"
        else None
    )
    for first in trials.track(range(0, len(drawn), RENEWED_EVERY), f"{part} gradient"):
        with torch.no_grad():
            losses.append(task.loss(path.parameters))
        span = fixed
        if part in ("dominant", "bulk"):
            known = _leading(task, path.parameters, known)
            span = known.vectors
        path = train(
            path.parameters,
            _with_part(task, span, part),
            optimiser,
            steps=RENEWED_EVERY,
            batches=drawn[first : first + RENEWED_EVERY],
            resume=path,
        )
    with torch.no_grad():
        losses.append(task.loss(path.parameters))
    return torch.stack(losses)


def _with_part(task: Task, span: Tensor | None, part: Part) -> Callable[..., Tensor]:
    """A loss whose value is the batch's and whose gradient is a part of the batch's."""
    if span is None:
        return task.batch_loss

    def loss(parameters: Mapping[str, Tensor], indices: Tensor) -> Tensor:
        value = task.batch_loss(parameters, indices)
        slopes = torch.autograd.grad(value.sum(), list(parameters.values()))
        slope = flatten(dict(zip(parameters, slopes, strict=True)))
        along = ((span @ slope[:, :, None]).mT @ span)[:, 0]
        kept = along if part == "dominant" else slope - along
        linear = (flatten(parameters) * kept).sum(1)
        return value.detach() + linear - linear.detach()

    return loss


def _leading(task: Task, parameters: Mapping[str, Tensor], known: Eigenpairs | None) -> Eigenpairs:
    return hessian_eigenpairs(task.loss, dict(parameters), CLASSES, warm_start=known, tolerance=TOLERANCE)


def _size(task: Task) -> int:
    return flatten(task.initial).shape[1]
