r"""The curvature that an oscillation at the edge of stability swings through: 2/η, exactly, if it has period two.

Let $\delta_t = w_{t+1} - w_t = -\eta g_t$ be a step of gradient descent and $\bar H_t = \int_0^1
\nabla^2L(w_t + s\,\delta_t)\,ds$ the Hessian averaged along it. Then $\bar H_t\delta_t = g_{t+1} - g_t$ exactly, hence

$$\frac{\delta_t^\top\bar H_t\delta_t}{\lVert\delta_t\rVert^2} =
\frac1\eta\Bigl(1 - \frac{\delta_{t+1}^\top\delta_t}{\lVert\delta_t\rVert^2}\Bigr),$$

and no Hessian has to be formed. Where the next step undoes the last, $\delta_{t+1} = -\delta_t$, this is 2/η; where the
path is smooth, $\delta_{t+1} \approx \delta_t$, it is near 0. Summed over many steps before dividing, a slow drift that
has the share q of the squared steps gives (1 − q) 2/η. What is measured is thus the period, and nothing else.
"""

from __future__ import annotations

import torch
from torch import Tensor

from checkers.settings.edge_of_stability import Setting, classification_task
from checkers.settings.edge_of_stability_paths import PLATEAU, SharpnessMeter, batches_of
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

DRAWN = 32


class StepProducts:
    r"""Keeps the last two points of a path: $\delta_t^\top\delta_{t-1}$ and $\lVert\delta_{t-1}\rVert^2$ at each."""

    def __init__(self) -> None:
        self._point: Tensor | None = None
        self._step: Tensor | None = None

    def __call__(self, snapshot: Snapshot) -> dict[str, Tensor]:
        """Both 0 until three points in a row are known."""
        point, before = snapshot.flat.clone(), self._step
        step = torch.zeros_like(point) if self._point is None else point - self._point
        self._point, self._step = point, step
        before = torch.zeros_like(point) if before is None else before
        return {"across": (step * before).sum(dim=1).double(), "square": before.square().sum(dim=1).double()}


def swing_curvature(
    trials: Trials,
    *,
    step_size: float,
    steps: int,
    batch_size: int | None = None,
    setting: Setting = Setting(),
) -> Measurement:
    r"""The curvature along each step, averaged along the step, over the last 40 % of the steps.

    The sums of $\delta_t^\top\bar H_t\delta_t$ and $\lVert\delta_t\rVert^2$ are divided: large swings count most.
    batch_size: None for the whole sample; with minibatches no Hessian is seen, for two steps differ by their examples
    too. In regime are runs that stay finite and start with a sharpness below 2/η. (The module's identity; that the
    curvature along the gradient settles at 2/η is seen by Andreyev & Beneventano 2024.)
    """
    task = classification_task(trials, setting)
    optimiser = GradientDescent(step_size)
    start = train(
        task.initial, task.loss, optimiser, steps=0, observe=SharpnessMeter(task, optimiser), observe_at=(0,)
    ).observed
    starts_below = start["converged"][0] & (start["sharpness"][0] < 2 / step_size)
    path = train(
        task.initial,
        task.loss if batch_size is None else task.batch_loss,
        optimiser,
        steps=steps,
        batches=batches_of(trials, task, batch_size),
        observe=StepProducts(),
        observe_at=range(steps + 1),
        track=trials.track,
    )
    late = [index for index, time in enumerate(path.observed_at) if time > (1 - PLATEAU) * steps]
    across, square = path.observed["across"], path.observed["square"]
    return Measurement(
        curvature_along_steps(across[late], square[late], step_size),
        in_regime=starts_below & ~path.diverged,
        panels=_panels(across, square, step_size),
        notes=(f"{int(starts_below.sum())} of {len(trials)} runs start below the edge",),
    )


def curvature_along_steps(across: Tensor, square: Tensor, step_size: float) -> Tensor:
    """Σ δᵀH̄δ / Σ δᵀδ of each column, from the products of `StepProducts`."""
    return (1 - across.sum(dim=0) / square.sum(dim=0).clamp_min(1e-300)) / step_size


def _panels(across: Tensor, square: Tensor, step_size: float) -> list[Panel]:
    stretch = max(2, len(across) // DRAWN)
    starts = range(2, len(across) - stretch + 1, stretch)
    if not starts:
        return []
    middles = [start + stretch // 2 for start in starts]
    seen = [
        curvature_along_steps(across[start : start + stretch], square[start : start + stretch], step_size)
        for start in starts
    ]
    return [
        Panel("curvature along the steps", x="step", y="curvature along the step")
        .over_seeds("mean over seeds", middles, torch.stack(seen, dim=1))
        .line("period two, 2/η", (middles[0], middles[-1]), 2 / step_size, role="predicted")
    ]
