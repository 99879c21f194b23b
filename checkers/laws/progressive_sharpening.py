"""Below the edge of stability, training raises the sharpness."""

from __future__ import annotations

from checkers.laws.edge_of_stability_paths import path_curves, sharpness_path
from checkers.laws.edge_of_stability_setting import Activation, Dataset, Labels, classification_task
from checkers.testbeds.optimisers import GradientDescent
from lawbook import Measurement, Trials

BELOW_EDGE = 0.8
LOSS_FALLS_TO = 0.25


def sharpness_growth(
    trials: Trials,
    *,
    step_size: float,
    steps: int,
    dataset: Dataset = "digits",
    examples: int = 200,
    labels: Labels = "true",
    hidden: list[int] = [32, 32],  # noqa: B006 - read by the linter of claims, never changed
    activation: Activation = "tanh",
    weight_scale: float = 0.5,
) -> Measurement:
    """Sharpness at the end of training over sharpness at its start. (Cohen et al. 2021, section 3.1.)

    In regime are runs whose sharpness stays below 0.8 · 2/η all along, so that the step size plays no part, and whose
    loss falls to a quarter, so that there was learning.
    """
    task = classification_task(
        trials,
        dataset=dataset,
        examples=examples,
        labels=labels,
        hidden=hidden,
        activation=activation,
        weight_scale=weight_scale,
    )
    path = sharpness_path(trials, task, GradientDescent(step_size), steps=steps)
    below = (path.sharpness < BELOW_EDGE * 2 / step_size).all(dim=0)
    learned = path.losses[-1] < LOSS_FALLS_TO * path.losses[0]
    return Measurement(
        path.sharpness[-1] / path.sharpness[0],
        in_regime=path.sound & below & learned,
        curves=path_curves(path, step_size / 2, "η λ_max / 2"),
        notes=(
            f"{int(below.sum())} of {len(trials)} runs stay below 0.8 of the edge",
            f"{int(learned.sum())} bring the loss to a quarter",
        ),
    )
