r"""Whether a trained first layer's $W^\top W$ is a power of the average gradient outer product of its function.

The *change* of the matrix is compared, off the diagonal: WᵀW of an untrained network agrees with its own outer product,
which is made of the same weights, and on the diagonal any two positive matrices agree. (Radhakrishnan et al. 2022,
2212.13881; in balanced linear networks of two layers the power is one half, exactly.)
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from checkers.instruments.neural_features import (
    average_gradient_outer_product,
    neural_feature_matrix,
    off_diagonal_correlation,
)
from checkers.settings.edge_of_stability import Setting, classification_task
from checkers.testbeds.networks import centred
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

POWERS = (0.25, 0.5, 0.75, 1.0)
MEASUREMENTS = 16


def feature_agreement(
    trials: Trials,
    *,
    power: float = 0.5,
    step_size: float = 0.2,
    steps: int = 1000,
    lazy_scale: float | None = None,
    other_seed: bool = False,
    setting: Setting = Setting(hidden=(64,), activation="relu", weight_scale=0.3),
) -> Measurement:
    """Cosine, off the diagonal, of the change of the first layer's WᵀW with the gradient outer product's power.

    Change is from the start to the end of training, the outer product that of the end.

    lazy_scale: α; trains α(f − f₀) with the step size over α², which learns the task while weights hardly move.
    other_seed: the outer product is that of the next run. In regime are runs whose loss falls to a third or less.
    """
    task = classification_task(trials, setting)
    scale = lazy_scale or 1.0
    shifted = centred(task.network, task.initial) if lazy_scale else task.network.forward

    def forward(parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
        return scale * shifted(parameters, inputs)

    def loss(parameters: Mapping[str, Tensor]) -> Tensor:
        return (forward(parameters, task.inputs) - task.targets).square().sum((1, 2)) / (2 * task.inputs.shape[1])

    before = neural_feature_matrix(task.initial["weight_1"])

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        features = neural_feature_matrix(snapshot.parameters["weight_1"]) - before
        product = average_gradient_outer_product(forward, snapshot.parameters, task.inputs)
        compared = product.roll(1, 0) if other_seed else product
        with torch.no_grad():
            return {
                "loss": loss(snapshot.parameters),
                "agreement": off_diagonal_correlation(features, compared, exponent=power),
                "powers": torch.stack(
                    [off_diagonal_correlation(features, compared, exponent=each) for each in POWERS], 1
                ),
            }

    every = max(1, steps // MEASUREMENTS)
    path = train(
        task.initial,
        loss,
        GradientDescent(step_size / scale**2),
        steps=steps,
        observe=observe,
        observe_at=range(every, steps + 1, every),
        track=trials.track,
    )
    seen, times = path.observed, path.observed_at
    with torch.no_grad():
        learned = seen["loss"][-1] < loss(task.initial) / 3
    product = average_gradient_outer_product(forward, task.initial, task.inputs)
    untrained = off_diagonal_correlation(before, product, exponent=power)
    return Measurement(
        seen["agreement"][-1],
        in_regime=learned & ~path.diverged,
        panels=[
            Panel("Agreement along training", x="step", y="cosine of off-diagonal entries").over_seeds(
                f"power {power:g}", times, seen["agreement"].T
            ),
            Panel("Agreement by power, at the end", x="power of the outer product", y="cosine").over_seeds(
                "measured", POWERS, seen["powers"][-1]
            ),
        ],
        notes=f"of WᵀW itself, before training, the cosine is {float(untrained.mean()):.3f}",
    )
