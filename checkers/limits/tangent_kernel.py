r"""How the change of the tangent kernel, the features and the weights in training scales with width and with time.

Why smooth units and ReLU differ, in the NTK parameterisation. Preactivations move by $\Delta h \sim
n^{-1/2}$. The kernel is a mean over n units of terms that carry a random sign, so if each moves by about Δh
the mean moves by $n^{-1/2} \Delta h \sim n^{-1}$. A step function of h instead jumps by one at the $n|\Delta
h| \sim n^{1/2}$ units per input that cross the kink, up as often as down: a sum of $n^{1/4}$ over n, hence
$n^{-3/4}$, and the root of time where a smooth unit has time itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.kernels import empirical_ntk
from checkers.instruments.slopes import log_log_slope
from checkers.settings.kernel_movement import Movement, draw_task, train_and_compare
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron, centred
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

Quantity = Literal["kernel", "features", "first-weights", "hidden-weights"]
TITLES = {
    "kernel": "relative change of the tangent kernel",
    "features": "rms change of the last preactivations",
    "first-weights": "relative change of the first weights",
    "hidden-weights": "relative change of the hidden weights",
}
LEARNED = 0.9  # a run whose loss has not fallen below this share of its start says nothing about training


def movement_slope(
    trials: Trials,
    *,
    quantity: Literal["kernel", "features", "first-weights", "hidden-weights"] = "kernel",
    predicted: float = -1.0,
    activation: Literal["tanh", "relu", "erf", "gelu"] = "tanh",
    parameterisation: Literal["ntk", "mean-field", "mup"] = "ntk",
    widths: list[int],
    hidden_layers: int = 2,
    dataset: Literal["sphere", "digits", "fashion-mnist", "cifar10"] = "sphere",
    examples: int = 16,
    dimension: int = 8,
    step_size: float = 0.5,
    steps: int = 20,
    centre: bool = False,
) -> Measurement:
    """Slope over log width of the log change of `quantity` after the same time at every width.

    predicted: the slope of the line drawn beside it. centre: start from the zero function. A seed is in regime
    where its loss fell to 0.9 of its start or less at every width. (Jacot et al. 2018, arXiv:1806.07572;
    Huang & Yau 2019, arXiv:1909.08156; Dyer & Gur-Ari 2019, arXiv:1909.11304.)
    """
    task = draw_task(dataset, examples, dimension, trials.device)
    movements = []
    for width in trials.track(widths, "width"):
        network = MultilayerPerceptron(
            (task.inputs.shape[1], *[width] * hidden_layers, 1),
            activation,
            parameterisation,
            weight_scale=math.sqrt(2) if activation == "relu" else 1.0,
            base_width=widths[0],
        )
        movements.append(
            train_and_compare(trials.seeds, network, task, step_size=step_size, steps=steps, centre=centre)
        )
    sizes = torch.stack([_quantity(movement, quantity) for movement in movements], dim=1).cpu()
    remaining = torch.stack([movement.remaining for movement in movements], dim=1).cpu()
    return Measurement(
        values=log_log_slope(widths, sizes),
        in_regime=(remaining <= LEARNED).all(dim=1),
        panels=_panel(widths, sizes, predicted, TITLES[quantity], "width n", f"n^{predicted:g}"),
        notes=[f"loss left, mean over seeds: {', '.join(f'{left:.2f}' for left in remaining.mean(dim=0))}"],
    )


def time_exponent(
    trials: Trials,
    *,
    activation: Literal["tanh", "relu", "erf", "gelu"] = "relu",
    predicted: float = 0.5,
    width: int = 2048,
    dataset: Literal["sphere", "digits", "fashion-mnist", "cifar10"] = "sphere",
    examples: int = 48,
    dimension: int = 8,
    step_size: float = 0.1,
    steps: list[int],
) -> Measurement:
    """Slope over log time of the log relative change of a two-layer network's tangent kernel, at one width.

    steps: when to look, increasing, early enough that outputs have hardly moved; outputs start at 0. predicted:
    the slope of the line drawn beside it. A run that diverged is out of regime.
    """
    task = draw_task(dataset, examples, dimension, trials.device)
    scale = math.sqrt(2) if activation == "relu" else 1.0
    network = MultilayerPerceptron((task.inputs.shape[1], width, 1), activation, "ntk", weight_scale=scale)
    initial = network.initialise(trials.seeds, trials.device, torch.float64)
    forward = centred(network, initial)
    before = empirical_ntk(network.forward, initial, task.inputs)

    def change(snapshot: Snapshot) -> dict[str, Tensor]:
        moved = empirical_ntk(network.forward, snapshot.parameters, task.inputs) - before
        return {"change": moved.flatten(1).norm(dim=1) / before.flatten(1).norm(dim=1)}

    trained = train(
        initial,
        lambda parameters: squared_loss(forward(parameters, task.inputs), task.targets),
        GradientDescent(step_size),
        steps=max(steps),
        observe=change,
        observe_at=steps,
        track=trials.track,
    )
    sizes = trained.observed["change"].T.cpu()
    times = [step * step_size for step in steps]
    return Measurement(
        values=log_log_slope(times, sizes),
        in_regime=~trained.diverged,
        panels=_panel(times, sizes, predicted, TITLES["kernel"], "time η·steps", f"t^{predicted:g}"),
    )


def _quantity(movement: Movement, quantity: Quantity) -> Tensor:
    if quantity == "kernel":
        return movement.kernel
    if quantity == "features":
        return movement.features
    return movement.weights[0 if quantity == "first-weights" else 1]


def _panel(
    positions: Sequence[float], sizes: Tensor, power: float, title: str, x_label: str, law: str
) -> Panel:
    """The geometric mean over seeds with the seeds' range, and the predicted power through its middle."""
    level = float(sizes.log().mean()) - power * sum(map(math.log, positions)) / len(positions)
    line = [math.exp(level + power * math.log(position)) for position in positions]
    return (
        Panel(title[0].upper() + title[1:], x=x_label, y=title, log="xy")
        .over_seeds("measured", positions, sizes, middle="geometric mean")
        .line(f"∝ {law}", positions, line, role="predicted")
    )
