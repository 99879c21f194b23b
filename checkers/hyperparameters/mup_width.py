"""What a step does to activations, and which step size trains, as width grows: μP and standard parameterisation."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.data import draw_subset, load, one_hot
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import Adam, GradientDescent
from checkers.testbeds.training import train
from lawbook import Measurement, Panel, Trials

Dataset = Literal["digits", "fashion-mnist", "cifar10"]
ADAM_EPSILON = 1e-10
READOUT_SCALE = 0.1  # small, so that the error signal is the target's and hardly the initial function's


@dataclass(frozen=True, eq=False)
class _Setting:
    """Data of every run and how to build and train a network of a given width on it."""

    inputs: Tensor
    targets: Tensor
    parameterisation: Literal["mup", "standard"]
    optimiser: Literal["sgd", "adam"]
    base_width: int

    def network(self, width: int) -> MultilayerPerceptron:
        return MultilayerPerceptron(
            (self.inputs.shape[2], width, width, self.targets.shape[2]),
            "relu",
            self.parameterisation,
            weight_scale=(1.0, 2**0.5, READOUT_SCALE),
            base_width=self.base_width,
        )

    def rule(self, network: MultilayerPerceptron, step_size: float | Tensor) -> GradientDescent | Adam:
        sizes = network.step_sizes(step_size, self.optimiser)
        return GradientDescent(sizes) if self.optimiser == "sgd" else Adam(sizes, epsilon=ADAM_EPSILON)


def activation_change_slope(
    trials: Trials,
    *,
    parameterisation: Literal["mup", "standard"] = "mup",
    optimiser: Literal["sgd", "adam"] = "adam",
    layer: Literal[1, 2, 3],
    widths: list[int],
    steps: int = 3,
    step_size: float = 0.01,
    dataset: Dataset = "digits",
    examples: int = 64,
) -> Measurement:
    """Slope over log width of the log rms change of a layer's pre-activations; layer 3 is the output.

    Networks of two hidden layers, ReLU, squared loss, full batch, minus their initial function: under μP that shrinks
    with the width, and with it its share in the error signal. (Yang et al. 2022, arXiv:2203.03466, appendix D.1.)
    """
    setting = _setting(trials, dataset, examples, parameterisation, optimiser, widths[0], 1)
    changes = []
    for width in trials.track(widths, "width"):
        network = setting.network(width)
        initial = network.initialise(trials.seeds, trials.device)
        before = network.preactivations(initial, setting.inputs)
        centred = replace(setting, targets=setting.targets + before[-1])
        trained = _train(centred, network, initial, step_size, steps)
        after = network.preactivations(trained, setting.inputs)
        moved = [
            (late - early).square().mean(dim=(1, 2)).sqrt() for early, late in zip(before, after, strict=True)
        ]
        changes.append(torch.stack(moved, dim=1))
    sizes = torch.stack(changes, dim=2).double().cpu()
    title = f"Change of pre-activations after {steps} steps"
    panel = Panel(title, x="width", y="rms change", log="xy")
    for place in range(sizes.shape[1]):
        name = f"layer {place + 1}" if place < sizes.shape[1] - 1 else "output"
        panel = panel.over_seeds(name, widths, sizes[:, place])
    return Measurement(values=log_log_slope(widths, sizes[:, layer - 1]), panels=panel)


def step_size_drift(
    trials: Trials,
    *,
    parameterisation: Literal["mup", "standard"] = "mup",
    optimiser: Literal["sgd", "adam"] = "adam",
    widths: list[int],
    smallest: float,
    largest: float,
    grid: int = 13,
    steps: int = 40,
    remaining: float = 0.5,
    dataset: Dataset = "digits",
    examples: int = 64,
) -> Measurement:
    """log2 of the step size at which `remaining` of the initial loss is left after training, per doubling of the width.

    The crossing from below, interpolated in log step size between `grid` sizes; a seed that does not cross is put at
    the nearer end of the grid, so the value stays finite. (Yang et al. 2022, arXiv:2203.03466, figure 1.)
    """
    losses, candidates = _losses(
        trials, parameterisation, optimiser, widths, smallest, largest, grid, steps, dataset, examples
    )
    found = first_fall(candidates.log(), losses, remaining).place.exp()
    drift = (
        Panel(f"Step size that leaves {remaining:g} of the loss", x="width", y="step size", log="xy")
        .over_seeds(f"{parameterisation}, {optimiser}", widths, found)
        .line("no drift", widths, found.log().mean().exp(), role="predicted")
    )
    return Measurement(
        values=log_log_slope(widths, found), panels=[drift, _loss_panel(widths, candidates, losses)]
    )


def transfer_regret(
    trials: Trials,
    *,
    parameterisation: Literal["mup", "standard"] = "mup",
    optimiser: Literal["sgd", "adam"] = "adam",
    widths: list[int],
    smallest: float,
    largest: float,
    grid: int = 13,
    steps: int = 40,
    dataset: Dataset = "digits",
    examples: int = 64,
) -> Measurement:
    """Excess log loss of the widest network at the narrowest one's best step size, over its own best, zero-shot.

    log(loss / least loss), capped at log 100, so that it stays finite where the transferred step size diverges.
    """
    losses, candidates = _losses(
        trials, parameterisation, optimiser, widths, smallest, largest, grid, steps, dataset, examples
    )
    narrow, wide = losses[:, 0], losses[:, -1]
    chosen = narrow.argmin(dim=1, keepdim=True)
    regret = (wide.gather(1, chosen)[:, 0] / wide.amin(dim=1)).clamp(1.0, 100.0).log()
    return Measurement(values=regret, panels=_loss_panel(widths, candidates, losses))


def _setting(
    trials: Trials,
    dataset: str,
    examples: int,
    parameterisation: Literal["mup", "standard"],
    optimiser: Literal["sgd", "adam"],
    base_width: int,
    cells: int,
) -> _Setting:
    data = load(dataset).to(trials.device)
    inputs, labels = (part.repeat_interleave(cells, 0) for part in draw_subset(data, trials.seeds, examples))
    targets = one_hot(labels, data.classes, centred=True)
    return _Setting(inputs, targets, parameterisation, optimiser, base_width)


def _train(
    setting: _Setting,
    network: MultilayerPerceptron,
    initial: dict[str, Tensor],
    step_size: float | Tensor,
    steps: int,
) -> dict[str, Tensor]:
    def loss(weights: dict[str, Tensor]) -> Tensor:
        return squared_loss(network.forward(weights, setting.inputs), setting.targets)

    return train(initial, loss, setting.rule(network, step_size), steps=steps).parameters


def _losses(
    trials: Trials,
    parameterisation: Literal["mup", "standard"],
    optimiser: Literal["sgd", "adam"],
    widths: list[int],
    smallest: float,
    largest: float,
    grid: int,
    steps: int,
    dataset: str,
    examples: int,
) -> tuple[Tensor, Tensor]:
    """Losses after training over those before, [seeds, widths, step sizes], and the step sizes."""
    candidates = torch.logspace(math.log10(smallest), math.log10(largest), grid, dtype=torch.float64)
    setting = _setting(trials, dataset, examples, parameterisation, optimiser, widths[0], grid)
    step_sizes = candidates.to(setting.inputs).repeat(len(trials))
    seeds = [seed for seed in trials.seeds for _ in range(grid)]
    rows = []
    for width in trials.track(widths, "width"):
        network = setting.network(width)
        initial = network.initialise(seeds, trials.device)
        trained = _train(setting, network, initial, step_sizes, steps)
        before, after = (
            squared_loss(network.forward(weights, setting.inputs), setting.targets)
            for weights in (initial, trained)
        )
        rows.append((after / before).double().cpu().reshape(len(trials), grid))
    return torch.stack(rows, dim=1).nan_to_num(math.inf), candidates


def _loss_panel(widths: list[int], candidates: Tensor, losses: Tensor) -> Panel:
    panel = Panel(
        "Loss over step size, median over seeds", x="step size", y="loss over initial loss", log="xy"
    )
    for place, width in enumerate(widths):
        middle = losses[:, place].median(dim=0).values.clamp_max(2.0)
        panel = panel.line(f"width {width}", candidates, middle)
    return panel
