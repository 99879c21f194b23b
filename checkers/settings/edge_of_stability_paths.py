"""Sharpness along training, and what a smaller step size would have done in the same time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from checkers.instruments.curvature import hessian_eigenpairs
from checkers.instruments.lanczos import Eigenpairs
from checkers.settings.edge_of_stability import Task
from checkers.testbeds import minibatches
from checkers.testbeds.optimisers import Adam, GradientDescent
from checkers.testbeds.training import Snapshot, Trajectory, train
from lawbook import Measurement, Panel, Trials

RESIDUAL = 1e-2  # relative; the eigenvalue's own error is of its square
REFERENCE_DIVISOR = 3
PASSES_BY = 1.3
PLATEAU = 0.4

OptimiserAt = Callable[[float], GradientDescent | Adam]


@dataclass(frozen=True)
class SharpnessPath:
    """What was seen along training.

    times: steps at which sharpness was measured. sharpness: [times, runs], preconditioned under Adam.
    losses: [steps, runs]. sound: [runs], whether the run stayed finite and every eigenvalue converged.
    """

    times: tuple[int, ...]
    sharpness: Tensor
    losses: Tensor
    sound: Tensor

    def plateau(self) -> Tensor:
        """The mean over the last 40 % of the steps, [runs]."""
        late = [index for index, time in enumerate(self.times) if time > (1 - PLATEAU) * self.times[-1]]
        return self.sharpness[late].mean(dim=0)


class SharpnessMeter:
    """Measures the (preconditioned) sharpness at snapshots, each measurement warming the next."""

    def __init__(self, task: Task, optimiser: GradientDescent | Adam) -> None:
        self._task = task
        self._optimiser = optimiser
        self._known: Eigenpairs | None = None

    def __call__(self, snapshot: Snapshot) -> dict[str, Tensor]:
        self._known = hessian_eigenpairs(
            self._task.loss,
            snapshot.parameters,
            preconditioner=self._preconditioner(snapshot),
            warm_start=self._known,
            tolerance=RESIDUAL,
        )
        return {"sharpness": self._known.values[:, 0], "converged": self._known.converged}

    def _preconditioner(self, snapshot: Snapshot) -> Tensor | None:
        optimiser, updates = self._optimiser, snapshot.updates
        if not isinstance(optimiser, Adam):
            return None
        return optimiser.preconditioner(snapshot.buffers, updates) * (1 - optimiser.beta1**updates)


def sharpness_path(
    trials: Trials,
    task: Task,
    optimiser: GradientDescent | Adam,
    *,
    steps: int,
    measurements: int = 32,
    batch_size: int | None = None,
    label: str = "training",
) -> SharpnessPath:
    """Trains on the whole sample (or minibatches) and measures the whole sample's sharpness on the way.

    The spacing of measurements is odd, so that both phases of a period-two oscillation are seen. Under Adam the first
    one is after an update, since there is no preconditioner before.
    """
    every = max(1, steps // measurements)
    every += 1 - every % 2
    first = 1 if isinstance(optimiser, Adam) else 0
    trajectory = train(
        task.initial,
        task.loss if batch_size is None else task.batch_loss,
        optimiser,
        steps=steps,
        batches=batches_of(trials, task, batch_size),
        observe=SharpnessMeter(task, optimiser),
        observe_at=range(first, steps + 1, every),
        track=lambda iterable, _: trials.track(iterable, label),
    )
    return SharpnessPath(
        times=trajectory.observed_at,
        sharpness=trajectory.observed["sharpness"],
        losses=trajectory.losses,
        sound=trajectory.observed["converged"].all(dim=0) & ~trajectory.diverged,
    )


def batches_of(trials: Trials, task: Task, batch_size: int | None) -> Iterator[Tensor] | None:
    """Minibatches of every run's sample without replacement; none where the whole sample is the batch."""
    if batch_size is None:
        return None
    return minibatches.without_replacement(trials.seeds, task.inputs.shape[1], batch_size, device=trials.device)


def held_sharpness(
    trials: Trials,
    task: Task,
    optimiser_at: OptimiserAt,
    *,
    step_size: float,
    steps: int,
    edge: float,
    batch_size: int | None,
    window: tuple[float, float] = (0.0, 0.5),
    starts_below: bool = True,
    symbol: str = "λ_max",
) -> Measurement:
    """Mean of the (preconditioned) sharpness over the last 40 % of the steps, and whether anything held it there.

    In regime are runs that stay finite, start below `edge` (unless that is not asked), and whose sharpness would by
    itself pass 1.3 times the edge within `window`, a part of the training time, at a third of the step size.
    """
    path = sharpness_path(trials, task, optimiser_at(step_size), steps=steps, batch_size=batch_size)
    rises = would_pass(trials, task, optimiser_at, step_size=step_size, threshold=edge, steps=steps, window=window)
    in_regime = path.sound & rises
    notes = [
        f"{int(rises.sum())} of {len(trials)} would pass 1.3 times the edge at a third of the step size",
        f"{int(path.sound.sum())} stay finite with every eigenvalue converged",
    ]
    if starts_below:
        below = path.sharpness[0] < edge
        in_regime &= below
        notes.append(f"{int(below.sum())} start below the edge")
    return Measurement(path.plateau(), in_regime=in_regime, panels=path_panels(path, edge, symbol), notes=notes)


def would_pass(
    trials: Trials,
    task: Task,
    optimiser_at: OptimiserAt,
    *,
    step_size: float,
    threshold: float,
    steps: int,
    window: tuple[float, float] = (0.0, 0.5),
) -> Tensor:
    """Which runs' sharpness would by itself exceed 1.3 × threshold somewhere in a window of the training time, [runs].

    "By itself" is the same optimiser at a third of the step size, whose own edge lies three times higher. Runs that
    stop below would not be held at the edge by anything, and say nothing about it.
    """
    optimiser = optimiser_at(step_size / REFERENCE_DIVISOR)
    meter = SharpnessMeter(task, optimiser)
    passed = torch.zeros(len(trials), dtype=torch.bool, device=trials.device)
    last: Trajectory | None = None
    stages = 20
    stride = math.ceil(REFERENCE_DIVISOR * steps * window[1] / stages)
    for stage in trials.track(range(stages), "a third of the step size"):
        last = train(
            task.initial if last is None else last.parameters,
            task.loss,
            optimiser,
            steps=stride,
            observe=meter,
            observe_at=(stride,),
            resume=last,
        )
        if last.observed and (stage + 1) * window[1] > stages * window[0]:
            seen = last.observed["converged"][-1] & ~last.diverged
            passed |= seen & (last.observed["sharpness"][-1] > PASSES_BY * threshold)
        if bool(passed.all()):
            break
    return passed


def path_panels(path: SharpnessPath, edge: float, symbol: str = "λ_max") -> list[Panel]:
    """Sharpness along training against its edge, and the loss; bands span the seeds."""
    drawn = slice(None, None, max(1, len(path.losses) // 200))
    return [
        Panel("sharpness along training", x="step", y=symbol)
        .over_seeds("mean over seeds", path.times, path.sharpness.T)
        .line("the edge", (path.times[0], path.times[-1]), edge, role="predicted"),
        Panel("training loss", x="step", y="loss", log="y").over_seeds(
            "mean over seeds", range(len(path.losses))[drawn], path.losses[drawn].T
        ),
    ]
