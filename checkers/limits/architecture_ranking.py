r"""Whether networks of many architectures can be ranked before any is trained, by kernels of infinite width.

In the NTK parameterisation a wide network that descends with step size η leaves, after S steps, $(1 - \eta\Theta/P)^S$
of its error on P training images, with Θ the tangent kernel of its architecture, and predicts
$\Theta_\ast\Theta^{-1}\bigl(1 - (1 - \eta\Theta/P)^S\bigr)\,y$ elsewhere. The score of an architecture is that
prediction's loss, for another sample of the same data; its budget is S steps of $\eta = P/2\lambda_{\max}(\Theta)$.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import gradient
from checkers.instruments.parameters import parameter_count
from checkers.testbeds.data import draw_subset, load, one_hot
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron, Parameters
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import train
from checkers.theory.infinite_width import infinite_width_kernels
from lawbook import Measurement, Panel, Trials

TOLD_SEED = 0
SHARE = 0.5
Score = Literal["kernel", "parameters", "gradient norm", "condition number"]


@dataclass(frozen=True)
class Architecture:
    """Fully connected, `depth` weight matrices, of one gain and one scale of biases (0 for none)."""

    activation: Literal["erf", "relu"]
    depth: int
    weight_scale: float
    bias_scale: float


@dataclass(frozen=True)
class Family:
    """Every depth with every scale of biases; for erf also gains, over the critical one, for ReLU the critical one.

    Without biases the gain of a ReLU network is one factor on its outputs, and no other architecture.
    """

    depths: tuple[int, ...] = (2, 4, 7)
    gains: tuple[float, ...] = (0.7, 1.0, 2.0)
    bias_scales: tuple[float, ...] = (0.0, 0.3, 1.0)

    def members(self) -> list[Architecture]:
        """The architectures, in order."""
        smooth = product(self.depths, self.gains, self.bias_scales)
        return [
            *(Architecture("erf", depth, gain * math.sqrt(math.pi) / 2, bias) for depth, gain, bias in smooth),
            *(
                Architecture("relu", depth, math.sqrt(2), bias)
                for depth, bias in product(self.depths, self.bias_scales)
            ),
        ]


@dataclass(frozen=True)
class Task:
    """What is learned: `examples` images of every seed's own, judged on `unseen` others; centred one-hot targets.

    networks: of `width` units a layer, or what theory has them tend to. labels: "shuffled" gives the training images
    each other's labels.
    """

    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits"
    examples: int = 100
    unseen: int = 300
    steps: int = 100
    width: int = 96
    labels: Literal["true", "shuffled"] = "true"
    networks: Literal["finite", "infinitely wide"] = "finite"


def rank_correlation(
    trials: Trials, *, family: Family = Family(), task: Task = Task(), score: Score = "kernel"
) -> Measurement:
    """Spearman's correlation over architectures of the score with the loss on unseen images after training.

    The kernel's score is told another sample of the same data with its true labels, drawn once for all seeds, and so is
    the step size, half of the examples over the largest eigenvalue. Other scores: minus the number of parameters; minus
    the norm of the loss's gradient at the start, mean over seeds (Abdelfattah et al. 2021); the condition number of
    the kernel (Chen et al. 2021). A network that diverges counts as the worst.
    """
    architectures = family.members()
    told = _Sample.draw("cpu", (TOLD_SEED,), task.examples, task.unseen, task.dataset, "told")
    own = _Sample.draw(trials.device, trials.seeds, task.examples, task.unseen, task.dataset, "own")
    if task.labels == "shuffled":
        own = own.with_shuffled_labels()
    losses, scores, predictions = [], [], []
    for architecture in trials.track(architectures, "architecture"):
        prediction = _predict(architecture, told.run(0), task.steps)
        outcome = _train(trials, architecture, own, task, prediction.step_size)
        losses.append(outcome.loss)
        predictions.append(prediction.loss)
        scores.append(
            {
                "kernel": prediction.loss,
                "parameters": -float(outcome.parameters),
                "gradient norm": -outcome.gradient_norm,
                "condition number": prediction.condition_number,
            }[score]
        )
    table = torch.stack(losses, 1).double().cpu()
    told_ranks = _ranks(torch.tensor(scores, dtype=torch.float64).expand(len(trials), -1))
    order = sorted(range(len(architectures)), key=lambda place: predictions[place])
    places = range(1, len(order) + 1)
    return Measurement(
        values=torch.corrcoef(torch.cat([told_ranks[:1], _ranks(table)]))[0, 1:],
        panels=Panel("Loss on unseen images", x="architecture, in the predicted order", y="loss over that of zero")
        .over_seeds("trained", places, table[:, order])
        .line("predicted by the kernel", places, [predictions[place] for place in order], role="predicted"),
        notes=[
            f"{len(order)} architectures; predicted best {architectures[order[0]]}, worst {architectures[order[-1]]}",
            f"trained over predicted loss, median {float((table / torch.tensor(predictions)).median()):.3f}",
        ],
    )


@dataclass(frozen=True, eq=False)
class _Sample:
    """Images and targets, [runs, examples, …]."""

    inputs: Tensor
    targets: Tensor
    unseen: Tensor
    unseen_targets: Tensor

    @classmethod
    def draw(cls, device: str, seeds: Sequence[int], examples: int, unseen: int, dataset: str, stream: str) -> _Sample:
        data = load(dataset).to(device)
        inputs, labels = draw_subset(data, seeds, examples, stream=stream)
        others, other_labels = draw_subset(data, seeds, unseen, test=True, stream=stream)
        return cls(
            inputs,
            one_hot(labels, data.classes, centred=True),
            others,
            one_hot(other_labels, data.classes, centred=True),
        )

    def run(self, place: int) -> _Sample:
        """That run's alone."""
        parts = (self.inputs, self.targets, self.unseen, self.unseen_targets)
        return _Sample(*(part[place : place + 1] for part in parts))

    def with_shuffled_labels(self) -> _Sample:
        """Each image with the label of the one before, in an order that was random already."""
        return replace(self, targets=self.targets.roll(1, dims=1))


@dataclass(frozen=True)
class _Prediction:
    loss: float
    condition_number: float
    step_size: float


def _predict(architecture: Architecture, sample: _Sample, steps: int, step_size: float | None = None) -> _Prediction:
    """What the infinitely wide network does on one run's sample; the step size is theory's unless given."""
    count = sample.inputs.shape[1]
    images = torch.cat([sample.inputs[0], sample.unseen[0]]).double().cpu()
    kernel = infinite_width_kernels(
        images,
        images[:count],
        depth=architecture.depth,
        activation=architecture.activation,
        weight_scale=architecture.weight_scale,
        bias_scale=architecture.bias_scale or None,
    ).ntk[-1]
    values, vectors = torch.linalg.eigh(kernel[:count])
    rate = SHARE * count / float(values[-1]) if step_size is None else step_size
    learned = (1 - (1 - rate * values / count) ** steps) / values
    outputs = kernel[count:] @ (vectors * learned) @ vectors.mT @ sample.targets[0].double().cpu()
    targets = sample.unseen_targets[0].double().cpu()
    return _Prediction(
        loss=float((outputs - targets).square().sum() / targets.square().sum()),
        condition_number=float(values[-1] / values[0].clamp_min(1e-12 * float(values[-1]))),
        step_size=rate,
    )


@dataclass(frozen=True, eq=False)
class _Outcome:
    loss: Tensor
    gradient_norm: float
    parameters: int


def _train(trials: Trials, architecture: Architecture, own: _Sample, task: Task, step_size: float) -> _Outcome:
    """Loss on unseen images over that of the zero function, [runs], and what other scores ask for."""
    network = MultilayerPerceptron(
        (own.inputs.shape[2], *[task.width] * (architecture.depth - 1), own.targets.shape[2]),
        architecture.activation,
        "ntk",
        weight_scale=architecture.weight_scale,
        bias_scale=architecture.bias_scale or None,
    )
    initial = network.initialise(trials.seeds, trials.device)
    before, before_unseen = (network.forward(initial, images) for images in (own.inputs, own.unseen))

    def loss(parameters: Parameters) -> Tensor:
        return squared_loss(network.forward(parameters, own.inputs), own.targets + before)

    gradient_norm = float(gradient(loss, initial).norm(dim=1).mean())
    if task.networks == "infinitely wide":
        limit = [_predict(architecture, own.run(place), task.steps, step_size).loss for place in range(len(trials))]
        return _Outcome(torch.tensor(limit), gradient_norm, parameter_count(initial))
    trained = train(initial, loss, GradientDescent(step_size), steps=task.steps)
    left = squared_loss(network.forward(trained.parameters, own.unseen), own.unseen_targets + before_unseen)
    relative = left / squared_loss(torch.zeros_like(own.unseen_targets), own.unseen_targets)
    return _Outcome(
        loss=torch.where(trained.diverged, torch.inf, relative.detach()),
        gradient_norm=gradient_norm,
        parameters=parameter_count(initial),
    )


def _ranks(values: Tensor) -> Tensor:
    """Ranks along the second axis, ties sharing theirs."""
    above = values[:, :, None] > values[:, None, :]
    level = values[:, :, None] == values[:, None, :]
    return above.sum(2) + 0.5 * level.sum(2)
