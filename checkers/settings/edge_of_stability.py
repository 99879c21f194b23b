"""The classification tasks whose sharpness is followed: a small network, a fixed sample, the squared loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds import minibatches, randomness
from checkers.testbeds.data import draw_subset, load, one_hot
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron, Parameters
from lawbook import Trials

Dataset = Literal["digits", "fashion-mnist", "cifar10"]
Labels = Literal["true", "random"]
Activation = Literal["tanh", "gelu", "erf", "relu", "linear"]


@dataclass(frozen=True)
class Setting:
    """A sample of a data set, and the network that is trained on it.

    examples: how many, drawn anew for every seed. labels: the true ones, or those of the sample shuffled. hidden: the
    hidden widths; none for a linear model. weight_scale: standard deviation of a weight times √fan-in.
    """

    dataset: Dataset = "digits"
    examples: int = 200
    labels: Labels = "true"
    hidden: tuple[int, ...] = (32, 32)
    activation: Activation = "tanh"
    weight_scale: float = 0.5


@dataclass(frozen=True)
class Task:
    """A run a seed: its own sample of a data set, its own initial weights.

    inputs [runs, examples, pixels] are centred pixel by pixel and scaled to mean square 1; targets [runs, examples, 10]
    are one-hot. The loss is half the squared error, summed over outputs, mean over examples.
    """

    network: MultilayerPerceptron
    initial: Parameters
    inputs: Tensor
    targets: Tensor

    def loss(self, parameters: Mapping[str, Tensor]) -> Tensor:
        """Every run's loss on its whole sample, [runs]."""
        return squared_loss(self.network.forward(parameters, self.inputs), self.targets)

    def batch_loss(self, parameters: Mapping[str, Tensor], indices: Tensor) -> Tensor:
        """Every run's loss on the examples at `indices` [runs, batch]."""
        inputs = minibatches.take(self.inputs, indices, per_run=True)
        targets = minibatches.take(self.targets, indices, per_run=True)
        return squared_loss(self.network.forward(parameters, inputs), targets)

    def of_runs(self, chosen: Tensor) -> Task:
        """The same task for some of the runs; `chosen` is a bool a run."""
        initial = {name: tensor[chosen] for name, tensor in self.initial.items()}
        return Task(self.network, initial, self.inputs[chosen], self.targets[chosen])


def classification_task(trials: Trials, setting: Setting, *, dtype: torch.dtype = torch.float32) -> Task:
    """The task of every seed, with its own sample and its own initial weights."""
    inputs, classes = draw_subset(load(setting.dataset), trials.seeds, setting.examples)
    if setting.labels == "random":
        order = randomness.permutation(trials.seeds, setting.examples, stream="labels")
        classes = classes.gather(1, order)
    inputs = inputs.double()
    inputs = inputs - inputs.mean(dim=1, keepdim=True)
    inputs = inputs / inputs.square().mean(dim=(1, 2), keepdim=True).sqrt()
    network = MultilayerPerceptron(
        (inputs.shape[2], *setting.hidden, 10),
        setting.activation,
        weight_scale=setting.weight_scale,
        bias_scale=0.0,
    )
    return Task(
        network=network,
        initial=network.initialise(trials.seeds, trials.device, dtype),
        inputs=inputs.to(device=trials.device, dtype=dtype),
        targets=one_hot(classes, 10, dtype=dtype).to(trials.device),
    )
