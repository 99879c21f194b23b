r"""Whether minibatch descent holds a batch's own curvature, $\mathbb E_B[g_B^\top H_Bg_B/\lVert g_B\rVert^2]$, at 2/η.

$g_B$ and $H_B$ are gradient and Hessian of one batch's loss. (Andreyev & Beneventano 2024, 2412.20553.)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Literal

from torch import Tensor

from checkers.instruments.batch_sharpness import batch_sharpness
from checkers.instruments.parameters import Loss
from checkers.settings.edge_of_stability import Setting, Task, classification_task
from checkers.settings.edge_of_stability_paths import PASSES_BY, PLATEAU, SharpnessMeter, batches_of
from checkers.testbeds import minibatches
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Snapshot, Trajectory, train
from lawbook import Measurement, Panel, Trials

BATCHES = 48
REFERENCE_DIVISOR = 3


def held_batch_sharpness(
    trials: Trials,
    *,
    step_size: float,
    batch_size: int,
    steps: int,
    measurements: int = 24,
    judged: Literal["batch sharpness", "sharpness"] = "batch sharpness",
    setting: Setting = Setting(),
) -> Measurement:
    r"""Batch sharpness (or λ_max of the whole loss), mean over the last 40 % of the steps.

    batch_size: of training and of the measurement, over 48 batches of its own; as many as there are examples for full
    batch. In regime are runs that stay finite, start with a batch sharpness below 2/η, and whose batch sharpness passes
    1.3 times that within the first half of the same training time at a third of the step size. (For full batch, whose
    gradient lies along the leading eigenvector only once it is at the edge, λ_max is asked to pass.)
    """
    task = classification_task(trials, setting)
    edge = 2 / step_size
    path = _trained(trials, task, step_size, batch_size, steps, measurements, whole=True)
    full = batch_size == task.inputs.shape[1]
    free = _trained(
        trials,
        task,
        step_size / REFERENCE_DIVISOR,
        batch_size,
        REFERENCE_DIVISOR * steps // 2,
        measurements // 2,
        whole=full,
    )
    curvature, sharpness = path.observed["batch"], path.observed["sharpness"]
    late = [index for index, time in enumerate(path.observed_at) if time > (1 - PLATEAU) * steps]
    rises = (free.observed["sharpness" if full else "batch"] > PASSES_BY * edge).any(0)
    below = curvature[0] < edge
    sound = ~path.diverged & path.observed["converged"].all(0)
    times = [time * step_size / REFERENCE_DIVISOR for time in free.observed_at]
    own = [time * step_size for time in path.observed_at]
    return Measurement(
        (curvature if judged == "batch sharpness" else sharpness)[late].mean(0),
        in_regime=rises & below & sound,
        panels=[
            Panel("Curvature along training", x="training time, step size × steps", y="curvature")
            .over_seeds("batch sharpness", own, curvature.T)
            .over_seeds("λ_max of the whole loss", own, sharpness.T, role="reference")
            .over_seeds("batch sharpness at η/3", times, free.observed["batch"].T, role="reference")
            .line("2/η", [0, own[-1]], edge, role="predicted")
        ],
        notes=(
            f"{int(rises.sum())} of {len(trials)} would pass 1.3 times 2/η at a third of the step size",
            f"λ_max is {float(sharpness[late].mean() / edge):.2f} of 2/η late in training",
        ),
    )


def _trained(
    trials: Trials,
    task: Task,
    step_size: float,
    batch_size: int,
    steps: int,
    measurements: int,
    *,
    whole: bool,
) -> Trajectory:
    """Training with batch sharpness, and λ_max where `whole`, on the way."""
    examples = task.inputs.shape[1]
    optimiser = GradientDescent(step_size)
    meter = SharpnessMeter(task, optimiser)
    probes = minibatches.with_replacement(trials.seeds, examples, batch_size, stream="probes", device=trials.device)

    def observe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        drawn = [_batch_loss(task, next(probes)) for _ in range(BATCHES)] if batch_size < examples else [task.loss] * 2
        seen = {"batch": batch_sharpness(drawn, snapshot.parameters).mean}
        return {**seen, **meter(snapshot)} if whole else seen

    every = max(1, steps // measurements)
    every += 1 - every % 2
    return train(
        task.initial,
        task.loss if batch_size == examples else task.batch_loss,
        optimiser,
        steps=steps,
        batches=batches_of(trials, task, None if batch_size == examples else batch_size),
        observe=observe,
        observe_at=range(0, steps + 1, every),
        track=lambda iterable, _: trials.track(iterable, "training" if whole else "a third of the step size"),
    )


def _batch_loss(task: Task, indices: Tensor) -> Loss:
    return partial(task.batch_loss, indices=indices)
