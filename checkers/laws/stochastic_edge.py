r"""Whether minibatch descent holds a batch's own curvature, $\mathbb E_B[g_B^\top H_Bg_B/\lVert g_B\rVert^2]$, at 2/η.

$g_B$ and $H_B$ are gradient and Hessian of one batch's loss. (Andreyev & Beneventano 2024, 2412.20553.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.batch_sharpness import batch_sharpness
from checkers.settings.edge_of_stability import Setting, Task, classification_task
from checkers.settings.edge_of_stability_paths import PASSES_BY, PLATEAU, SharpnessMeter, batches_of
from checkers.testbeds import minibatches
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import Parameters
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
    1.3 times that within the first half of the same training time at a third of the step size, which ends early
    once all have. (For full batch, whose gradient lies along the leading eigenvector only once it is at the edge, λ_max
    is asked to pass.)
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
        until=("sharpness" if full else "batch", PASSES_BY * edge),
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
    until: tuple[str, float] | None = None,
) -> Trajectory:
    """Training with batch sharpness, and λ_max where `whole`, on the way.

    until: what is seen, and above what every run must have been seen for training to end early.
    """
    examples = task.inputs.shape[1]
    optimiser = GradientDescent(step_size)
    meter = SharpnessMeter(task, optimiser)
    probes = minibatches.with_replacement(trials.seeds, examples, batch_size, stream="probes", device=trials.device)
    passed = torch.zeros(len(trials), dtype=torch.bool, device=trials.device)

    def observe(snapshot: Snapshot) -> Mapping[str, Tensor]:
        if batch_size < examples:
            seen = {"batch": _over_batches(task, snapshot.parameters, probes)}
        else:
            seen = {"batch": batch_sharpness([task.loss] * 2, snapshot.parameters).mean}
        if whole:
            seen |= meter(snapshot)
        if until is not None:
            passed.logical_or_(seen[until[0]] > until[1])
        return seen

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
        done=lambda losses: passed.all().expand_as(passed),
        track=lambda iterable, _: trials.track(iterable, "training" if whole else "a third of the step size"),
    )


def _over_batches(task: Task, parameters: Parameters, probes: Iterator[Tensor]) -> Tensor:
    """Batch sharpness over the next 48 batches, [runs]: two halves of them, each as runs of their own in one call."""
    runs = len(task.inputs)
    together = BATCHES // 2
    rows = torch.arange(runs, device=task.inputs.device).repeat(together)[:, None]
    repeated = {name: weight.repeat(together, *[1] * (weight.ndim - 1)) for name, weight in parameters.items()}

    def loss(weights: Parameters, indices: Tensor) -> Tensor:
        outputs = task.network.forward(weights, task.inputs[rows, indices])
        return squared_loss(outputs, task.targets[rows, indices])

    halves = [partial(loss, indices=torch.cat(list(islice(probes, together)))) for _ in range(2)]
    return batch_sharpness(halves, repeated).mean.reshape(together, runs).mean(0)
