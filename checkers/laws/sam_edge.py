r"""Sharpness-aware minimisation holds the sharpness at an edge of its own, which moves with the gradient's norm.

A step is $w' = w - \eta\nabla L(w + \rho g/\lVert g\rVert)$ with $g = \nabla L(w)$. On a quadratic of curvature λ, with
g along it, $w' = (1 - \eta\lambda(1 + \rho\lambda/\lVert g\rVert))w$, stable until the factor is −1: the positive root
is the edge. (Long & Bartlett 2023, 2309.12488.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import gradient
from checkers.settings.edge_of_stability import Setting, Task, classification_task
from checkers.settings.edge_of_stability_paths import (
    PASSES_BY,
    PLATEAU,
    REFERENCE_DIVISOR,
    SharpnessMeter,
)
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Snapshot, Trajectory, train
from lawbook import Measurement, Panel, Trials

MEASUREMENTS = 16


@dataclass(frozen=True)
class Ascent:
    """The loss at the end of a step uphill, whose gradient is sharpness-aware minimisation's.

    length: ρ. normalised: whether the step uphill has the length ρ, or ρ times the gradient's norm.
    """

    task: Task
    length: float
    normalised: bool

    def loss(self, parameters: Mapping[str, Tensor]) -> Tensor:
        """L(w + ρ g/‖g‖) of every run, [runs]; g counts as constant."""
        slopes = torch.autograd.grad(self.task.loss(parameters).sum(), list(parameters.values()))
        squares = torch.stack([slope.flatten(1).square().sum(1) for slope in slopes]).sum(0)
        stretch = self.length / squares.sqrt().clamp_min(1e-30) if self.normalised else squares.new_tensor(self.length)
        moved = {
            name: weight + slope * stretch.reshape(-1, *[1] * (slope.ndim - 1))
            for (name, weight), slope in zip(parameters.items(), slopes, strict=True)
        }
        return self.task.loss(moved)


def sam_edge(norm: Tensor, step_size: float, ascent: float) -> Tensor:
    r"""$\frac{\lVert g\rVert}{2\rho}(\sqrt{1 + 8\rho/(\eta\lVert g\rVert)} - 1)$, which tends to 2/η for ρ → 0."""
    reach = 8 * ascent / (step_size * norm)
    # x/(√(1+x) + 1) is √(1+x) − 1 without the difference, which loses its digits for a small ρ.
    return norm / (2 * ascent) * reach / ((1 + reach).sqrt() + 1)


def sharpness_over_edge(
    trials: Trials,
    *,
    step_size: float,
    ascent: float,
    steps: int,
    normalised: bool = True,
    climbs: bool = True,
    edge: Literal["sam", "plain"] = "sam",
    setting: Setting = Setting(),
) -> Measurement:
    r"""λ_max over the edge that belongs to the same iterate's ‖g‖, mean over the last 40 % of the steps.

    ascent: ρ. normalised: False takes the step uphill ρg instead of ρg/‖g‖. climbs: False trains by plain descent and
    still judges by ρ's edge. edge: "sam", or "plain" for 2/η. In regime are runs that stay finite, start below their
    edge, and whose sharpness passes 1.3 times the late edges' mean within half of the same training time under plain
    descent at a third of the step size, which nothing holds there; that one goes on until all have.
    """
    task = classification_task(trials, setting)
    optimiser = GradientDescent(step_size)
    meter = SharpnessMeter(task, optimiser)

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        slope = gradient(task.loss, snapshot.parameters)
        return {**meter(snapshot), "norm": slope.norm(dim=1)}

    every = max(1, steps // MEASUREMENTS)
    every += 1 - every % 2  # odd, so that both phases of a period of two are seen
    path = train(
        task.initial,
        Ascent(task, ascent, normalised).loss if climbs else task.loss,
        optimiser,
        steps=steps,
        observe=observe,
        observe_at=range(0, steps + 1, every),
        track=trials.track,
    )
    sharpness, norm = path.observed["sharpness"], path.observed["norm"]
    edges = sam_edge(norm, step_size, ascent)
    judged = torch.full_like(edges, 2 / step_size) if edge == "plain" else edges
    late = [index for index, time in enumerate(path.observed_at) if time > (1 - PLATEAU) * steps]
    threshold = PASSES_BY * edges[late].mean(0)
    free = _freely(trials, task, step_size / REFERENCE_DIVISOR, REFERENCE_DIVISOR * steps // 2, threshold)
    below = sharpness[0] < edges[0]
    rises = (free.observed["sharpness"] > threshold).any(0)
    sound = path.observed["converged"].all(0) & ~path.diverged
    times = [time * step_size for time in path.observed_at]
    free_times = [time * step_size / REFERENCE_DIVISOR for time in free.observed_at]
    return Measurement(
        (sharpness / judged)[late].mean(0),
        in_regime=below & rises & sound,
        panels=[
            Panel("Sharpness along training", x="training time, step size × steps", y="λ_max", log="y")
            .over_seeds("measured", times, sharpness.T)
            .over_seeds("edge of each iterate's ‖g‖", times, edges.T, role="predicted")
            .line("plain edge, 2/η", [0, times[-1]], 2 / step_size, role="reference")
            .over_seeds("plain descent, η/3", free_times, free.observed["sharpness"].T, role="reference"),
            Panel("Sharpness over its edge", x="training time, step size × steps", y="ratio")
            .over_seeds("measured", times, (sharpness / edges).T)
            .line("theory", [0, times[-1]], 1.0, role="predicted"),
        ],
        notes=(
            f"{int(below.sum())} of {len(trials)} start below the edge",
            f"{int(rises.sum())} pass 1.3 times the edge under plain descent at a third of the step size",
            f"λ_max is {float((sharpness[late] * step_size / 2).mean()):.2f} of 2/η",
        ),
    )


def _freely(trials: Trials, task: Task, step_size: float, steps: int, threshold: Tensor) -> Trajectory:
    """Plain descent with its sharpness, until that has passed each run's `threshold` in all of them."""
    optimiser = GradientDescent(step_size)
    meter = SharpnessMeter(task, optimiser)
    passed = torch.zeros_like(threshold, dtype=torch.bool)

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        seen = meter(snapshot)
        passed.logical_or_(seen["sharpness"] > threshold)
        return seen

    every = max(1, steps // MEASUREMENTS)
    every += 1 - every % 2
    return train(
        task.initial,
        task.loss,
        optimiser,
        steps=steps,
        observe=observe,
        observe_at=range(0, steps + 1, every),
        done=lambda losses: passed.all().expand_as(passed),
        track=lambda iterable, _: trials.track(iterable, "plain descent at a third of the step size"),
    )
