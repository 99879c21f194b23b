"""One task for networks of every width, in μP or the standard parameterisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from checkers.testbeds.data import draw_subset, load, one_hot
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron, Parameters
from checkers.testbeds.optimisers import Adam, GradientDescent
from checkers.testbeds.training import Trajectory, train
from lawbook import Trials

ADAM_EPSILON = 1e-10


@dataclass(frozen=True)
class Setting:
    """How a network of two equal hidden layers (ReLU, no biases) is scaled and trained, and on which sample.

    readout_scale: standard deviation of a readout weight times √fan-in, at the base width. layers: which are trained.
    weights: of units drawn one by one, or of copies of the network of base width side by side, whose outputs average:
    at the start every width then computes the same function. examples: drawn anew for every seed.
    """

    parameterisation: Literal["mup", "standard"] = "mup"
    optimiser: Literal["sgd", "adam"] = "adam"
    readout_scale: float = 0.1
    layers: Literal["all", "readout"] = "all"
    weights: Literal["independent", "copies"] = "independent"
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits"
    examples: int = 64


@dataclass(frozen=True, eq=False)
class WidthTask:
    """The samples of every run, `copies` of each seed's; μP and the standard parameterisation agree at `base_width`."""

    setting: Setting
    base_width: int
    seeds: Sequence[int]
    inputs: Tensor
    targets: Tensor

    def network(self, width: int) -> MultilayerPerceptron:
        """The architecture at that width."""
        return MultilayerPerceptron(
            (self.inputs.shape[2], width, width, self.targets.shape[2]),
            "relu",
            self.setting.parameterisation,
            weight_scale=(1.0, 2**0.5, self.setting.readout_scale),
            base_width=self.base_width,
        )

    def initialise(self, width: int, stream: str = "weights") -> Parameters:
        """Every run's weights at that width; runs of one seed start alike, differently for every stream."""
        if self.setting.weights == "independent":
            return self.network(width).initialise(self.seeds, self.inputs.device, stream=stream)
        narrow = self.network(self.base_width).initialise(self.seeds, self.inputs.device, stream=stream)
        times = width // self.base_width
        return {
            "weight_1": narrow["weight_1"].repeat(1, times, 1),
            "weight_2": narrow["weight_2"].repeat(1, times, times) / times,
            "weight_3": narrow["weight_3"].repeat(1, 1, times) / times,
        }

    def loss(self, width: int, weights: Parameters, targets: Tensor) -> Tensor:
        """Every run's loss on its whole sample, [runs]."""
        return squared_loss(self.network(width).forward(weights, self.inputs), targets)

    def train(
        self,
        width: int,
        initial: Parameters,
        step_size: float | Tensor,
        steps: int,
        targets: Tensor | None = None,
    ) -> Trajectory:
        """Full-batch training with a global step size, one for all or one a run."""
        aims = self.targets if targets is None else targets
        sizes = self.network(width).step_sizes(step_size, self.setting.optimiser)
        if self.setting.layers == "readout":
            sizes |= {name: 0.0 * sizes[name] for name in ("weight_1", "weight_2")}
        adam = self.setting.optimiser == "adam"
        rule = Adam(sizes, epsilon=ADAM_EPSILON) if adam else GradientDescent(sizes)
        return train(initial, lambda weights: self.loss(width, weights, aims), rule, steps=steps)


def width_task(trials: Trials, setting: Setting, *, base_width: int, copies: int = 1) -> WidthTask:
    """The task of every seed, with its own sample and weights, `copies` runs a seed side by side."""
    data = load(setting.dataset).to(trials.device)
    drawn = draw_subset(data, trials.seeds, setting.examples)
    inputs, labels = (part.repeat_interleave(copies, 0) for part in drawn)
    targets = one_hot(labels, data.classes, centred=True)
    seeds = [seed for seed in trials.seeds for _ in range(copies)]
    return WidthTask(setting, base_width, seeds, inputs, targets)
