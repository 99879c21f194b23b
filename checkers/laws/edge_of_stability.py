"""Full-batch gradient descent and heavy ball hold the sharpness at their edge of stability."""

from __future__ import annotations

from typing import Literal

from checkers.settings.edge_of_stability import Setting, classification_task
from checkers.settings.edge_of_stability_paths import path_panels, sharpness_path, would_pass
from checkers.testbeds.optimisers import GradientDescent
from lawbook import Measurement, Trials


def plateau_sharpness(
    trials: Trials,
    *,
    step_size: float,
    steps: int,
    momentum: float = 0.0,
    judged_as: Literal["heavy ball", "gradient descent"] = "heavy ball",
    batch_size: int | None = None,
    setting: Setting = Setting(),
) -> Measurement:
    r"""Mean of λ_max over its edge (2+2β)/η, over the last 40 % of the steps. (Cohen et al. 2021, figures 2 and 3.)

    Heavy ball is PyTorch's, v ← βv + g, w ← w − ηv, so β = 0 is gradient descent, whose edge is 2/η.
    judged_as: "gradient descent" compares a run with momentum with 2/η. batch_size: None for the whole sample.
    In regime are runs that start below their edge, stay finite, and whose sharpness would pass 1.3 times the edge in
    the first half of the training time at a third of the step size.
    """
    task = classification_task(trials, setting)
    edge = (2 + 2 * momentum) / step_size
    judged = edge if judged_as == "heavy ball" else 2 / step_size
    path = sharpness_path(
        trials, task, GradientDescent(step_size, momentum), steps=steps, batch_size=batch_size
    )
    rises = would_pass(
        trials,
        task,
        lambda smaller: GradientDescent(smaller, momentum),
        step_size=step_size,
        threshold=edge,
        steps=steps,
    )
    starts_below = path.sharpness[0] < edge
    return Measurement(
        path.plateau() / judged,
        in_regime=path.sound & rises & starts_below,
        panels=path_panels(path, 1 / judged, "λ_max / edge"),
        notes=(
            f"{int(starts_below.sum())} of {len(trials)} runs start below the edge",
            f"{int(rises.sum())} would pass 1.3 times the edge at a third of the step size",
            f"{int(path.sound.sum())} stay finite with every eigenvalue converged",
        ),
    )
