"""A zoo of trained networks: the same architecture and data, other label noise, weight decay and initial scale.

Every seed has its own zoo: its own training images of digits, its own weights, and one network for each combination of
the three. All train at once by heavy-ball gradient descent on cross-entropy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import hessian_eigenpairs
from checkers.testbeds.data import draw_subset, load
from checkers.testbeds.losses import accuracy, cross_entropy
from checkers.testbeds.networks import MultilayerPerceptron, Parameters
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import integers, uniform
from checkers.testbeds.training import train
from lawbook import Trials

LABEL_NOISE = (0.0, 0.3)
WEIGHT_DECAY = (0.0, 0.003, 0.01)
SMALLER_SCALES = (0.5, 1.0)
RESIDUAL = 1e-2
CELLS = len(LABEL_NOISE) * len(WEIGHT_DECAY) * (len(SMALLER_SCALES) + 1)


Kind = Literal["plain", "relative"]


@dataclass(frozen=True)
class ZooSetting:
    """What every network of a zoo has in common.

    examples: how many train it, drawn anew for every seed; unseen: further training images, which no network sees.
    largest_scale: the third scale of initial weights, beside 0.5 and 1; the larger, the further apart the test errors.
    """

    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits"
    examples: int = 128
    unseen: int = 1024
    width: int = 32
    largest_scale: float = 2.0
    steps: int = 250
    step_size: float = 0.05


@dataclass(frozen=True, eq=False)
class Zoo:
    """Trained networks, runs = seeds × cells in that order, and what they were trained and tested on.

    inputs [runs, n, d] and labels [runs, n] (noisy ones included) trained them; unseen_inputs, unseen_labels did not
    (all clean). test_error [runs] is the share of wrong answers on clean test images, test_loss [runs] cross-entropy.
    """

    network: MultilayerPerceptron
    initial: Parameters
    parameters: Parameters
    inputs: Tensor
    labels: Tensor
    unseen_inputs: Tensor
    unseen_labels: Tensor
    test_error: Tensor
    test_loss: Tensor

    def loss(self, parameters: Parameters) -> Tensor:
        """Training cross-entropy, one number a run."""
        return cross_entropy(self.network.forward(parameters, self.inputs), self.labels)

    def sharpness(self, parameters: Parameters | None = None, kind: Kind = "plain") -> Tensor:
        r"""Each run's $\lambda_{\max}(\nabla^2L)$, of the trained networks unless others are given, [seeds, cells].

        kind: "relative" counts every layer's weights in units of its Frobenius norm, which no rescaling changes.
        """
        parameters = self.parameters if parameters is None else parameters
        units = None
        if kind == "relative":
            squares = [
                weight.flatten(1).square().sum(1, keepdim=True).expand(-1, weight[0].numel())
                for weight in parameters.values()
            ]
            units = 1 / torch.cat(squares, dim=1)
        pairs = hessian_eigenpairs(self.loss, parameters, preconditioner=units, tolerance=RESIDUAL)
        return by_seed(pairs.values[:, 0])


def train_zoo(trials: Trials, setting: ZooSetting) -> Zoo:
    """The zoo of every seed, trained at once in float32; ReLU, one hidden layer, no biases."""
    data, examples = load(setting.dataset).to(trials.device), setting.examples
    noise, decay, scale = (
        torch.cartesian_prod(
            torch.tensor(LABEL_NOISE),
            torch.tensor(WEIGHT_DECAY),
            torch.tensor((*SMALLER_SCALES, setting.largest_scale)),
        )
        .T.repeat(1, len(trials))
        .to(trials.device)
    )
    drawn = draw_subset(data, trials.seeds, examples + setting.unseen)
    (inputs, unseen_inputs), (labels, unseen_labels) = (
        part.repeat_interleave(CELLS, 0).split([examples, setting.unseen], dim=1) for part in drawn
    )
    coin = uniform(trials.seeds, (examples,), stream="label noise", device=trials.device)
    wrong = integers(trials.seeds, (examples,), stream="wrong labels", high=data.classes, device=trials.device)
    noisy = coin.repeat_interleave(CELLS, 0) < noise[:, None]
    labels = torch.where(noisy, wrong.repeat_interleave(CELLS, 0), labels)
    network = MultilayerPerceptron((inputs.shape[2], setting.width, data.classes), "relu", weight_scale=2**0.5)
    seeds = [seed for seed in trials.seeds for _ in range(CELLS)]
    initial = {name: weight * scale[:, None, None] for name, weight in network.initialise(seeds, trials.device).items()}
    trained = train(
        initial,
        lambda parameters: cross_entropy(network.forward(parameters, inputs), labels),
        GradientDescent(setting.step_size, momentum=0.9, weight_decay=decay),
        steps=setting.steps,
        track=trials.track,
    ).parameters
    outputs = network.forward(trained, data.test_inputs)
    test_labels = data.test_labels.expand(len(seeds), -1)
    return Zoo(
        network=network,
        initial=initial,
        parameters=trained,
        inputs=inputs,
        labels=labels,
        unseen_inputs=unseen_inputs,
        unseen_labels=unseen_labels,
        test_error=1 - accuracy(outputs, test_labels),
        test_loss=cross_entropy(outputs, test_labels),
    )


def rank_correlation(first: Tensor, second: Tensor) -> Tensor:
    """Spearman's correlation of each row of `first` with that row of `second`; ties share their mean rank."""
    left, right = (_ranks(values) - (values.shape[1] - 1) / 2 for values in (first, second))
    return (left * right).sum(dim=1) / (left.norm(dim=1) * right.norm(dim=1)).clamp_min(1e-12)


def by_seed(values: Tensor) -> Tensor:
    """Runs as `[seeds, cells]`, on the CPU, float64."""
    return values.detach().double().cpu().reshape(-1, CELLS)


def _ranks(values: Tensor) -> Tensor:
    smaller = (values[:, :, None] > values[:, None, :]).sum(dim=2).double()
    equal = (values[:, :, None] == values[:, None, :]).sum(dim=2)
    return smaller + (equal - 1) / 2


def rescale(parameters: Parameters, factors: Tensor) -> Parameters:
    """The first layer times each run's factor, the second divided by it."""
    return {
        "weight_1": parameters["weight_1"] * factors[:, None, None],
        "weight_2": parameters["weight_2"] / factors[:, None, None],
    }
