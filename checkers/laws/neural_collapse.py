"""Do the last-layer features of a trained network collapse to a simplex? Training examples only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.neural_collapse import neural_collapse
from checkers.instruments.parameters import flatten
from checkers.testbeds import randomness
from checkers.testbeds.data import Examples, load
from checkers.testbeds.losses import cross_entropy
from checkers.testbeds.networks import ACTIVATIONS, MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.schedules import cosine
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

MEASURES = {
    "within_class": "NC1, within-class spread",
    "norm_variation": "NC2, norms of class means",
    "angle": "NC2, angles of class means",
    "duality": "NC3, classifier against means",
    "disagreement": "NC4, not the nearest class mean",
}

Judged = Literal["variability", "simplex"]


def collapse(
    trials: Trials,
    *,
    judged: Judged,
    decay_of: Literal["features", "weights"],
    decay: float,
    first_class_weight: int = 1,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    per_class: int = 12,
    hidden: tuple[int, ...] = (64, 64),
    step_size: float = 0.1,
    steps: int = 3000,
) -> Measurement:
    """How far the last hidden layer of a ReLU network is from collapse, on its training examples, after training.

    judged: "variability" is NC1, "simplex" the larger of NC2's two numbers, each over what class means in independent
    random directions have; all are drawn and noted. decay_of: "weights" adds decay/2 times the sum of squares of all
    weights and biases to the cross-entropy, as usual; "features" adds decay/2 times the mean squared norm of the
    features plus decay/2 ‖W‖² of the classifier, nothing for other layers. Heavy ball (β = 0.9) on the whole sample,
    its step size following half a cosine to 0. first_class_weight: the first class has that many times `per_class`
    examples. In regime are runs that fit every training example. (Papyan et al. 2020.)
    """
    inputs, labels = _sample(load(dataset), trials, per_class, first_class_weight)
    network = MultilayerPerceptron((inputs.shape[2], *hidden, 10), "relu", weight_scale=2**0.5, bias_scale=0.0)
    last = f"weight_{network.depth}"

    def forward(parameters: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        layers = network.preactivations(parameters, inputs)
        return ACTIVATIONS["relu"](layers[-2]), layers[-1]

    def loss(parameters: Mapping[str, Tensor]) -> Tensor:
        features, logits = forward(parameters)
        decayed = parameters[last].square().sum((1, 2)) + features.square().sum(2).mean(1)
        if decay_of == "weights":
            decayed = flatten(parameters).square().sum(1)
        return cross_entropy(logits, labels) + decay / 2 * decayed

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        features, logits = forward(snapshot.parameters)
        bias = snapshot.parameters[f"bias_{network.depth}"]
        seen = neural_collapse(features.double(), labels, snapshot.parameters[last].double(), bias.double())
        fitted = (logits.argmax(2) == labels).to(torch.float64).mean(1)
        return {name: getattr(seen, name) for name in MEASURES} | {"fitted": fitted}

    trajectory = train(
        network.initialise(trials.seeds, trials.device),
        loss,
        GradientDescent(step_size, momentum=0.9),
        steps=steps,
        schedule=cosine(steps),
        observe=observe,
        observe_at=range(0, steps + 1, max(1, steps // 20)),
        track=trials.track,
    )
    seen = trajectory.observed
    final = {name: seen[name][-1].mean().item() for name in MEASURES}
    return Measurement(
        _judged(judged, {name: values[-1] for name, values in seen.items()}, width=hidden[-1]),
        in_regime=(seen["fitted"][-1] == 1) & ~trajectory.diverged,
        panels=_panels(trajectory.observed_at, seen),
        notes=[f"{label}: {final[name]:.4f}" for name, label in MEASURES.items()],
    )


def chance_of_simplex(width: int) -> tuple[float, float]:
    r"""NC2's norms and angles for a few class means drawn independently, N(0, 1) in each of `width` dimensions.

    To first order in 1/width their norms are $\sqrt{width}$ with standard deviation $1/\sqrt2$, and a cosine is normal
    about its mean with variance 1/width: $1/\sqrt{2\,width}$ and $\sqrt{2/(\pi\,width)}$.
    """
    return (2 * width) ** -0.5, (2 / (math.pi * width)) ** 0.5


def _judged(judged: Judged, final: Mapping[str, Tensor], *, width: int) -> Tensor:
    if judged == "variability":
        return final["within_class"]
    norms, angles = chance_of_simplex(width)
    return torch.maximum(final["norm_variation"] / norms, final["angle"] / angles)


def _sample(examples: Examples, trials: Trials, per_class: int, first_class_weight: int) -> tuple[Tensor, Tensor]:
    """Inputs [runs, examples, pixels] in the order of their classes, whose labels [examples] all runs share."""
    counts = [per_class * (first_class_weight if label == 0 else 1) for label in range(10)]
    chosen = []
    for label, count in enumerate(counts):
        members = (examples.labels == label).nonzero().squeeze(1)
        chosen.append(members[randomness.subset(trials.seeds, len(members), count, stream=f"class {label}")])
    labels = torch.arange(10).repeat_interleave(torch.tensor(counts))
    return examples.inputs[torch.cat(chosen, dim=1)].to(trials.device), labels.to(trials.device)


def _panels(at: tuple[int, ...], seen: Mapping[str, Tensor]) -> list[Panel]:
    features = Panel("collapse of training features", x="steps", y="measure (0 at collapse)", log="y")
    for name, label in MEASURES.items():
        if name != "disagreement":
            features = features.over_seeds(label, at, seen[name].T)
    classes = Panel("classification by the nearest class mean", x="steps", y="measure (0 at collapse)")
    return [features, classes.over_seeds(MEASURES["disagreement"], at, seen["disagreement"].T)]
