"""Gradient descent on the unconstrained-features model, and how near it comes to the simplex of the theorem."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from checkers.instruments.neural_collapse import neural_collapse
from checkers.testbeds.losses import cross_entropy
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import normal
from checkers.testbeds.training import Snapshot, train
from checkers.theory.unconstrained_features import least_margin_loss
from lawbook import Measurement, Panel, Trials

MEASURES = {
    "within_class": "NC1, within-class spread",
    "norm_variation": "NC2, norms of class means",
    "angle": "NC2, angles of class means",
    "duality": "NC3, classifier against means",
}


@dataclass(frozen=True)
class FreeFeatures:
    """A model without a network, and descent on it.

    decay: of the classifier and of the features. first_class_weight: the first class has that many times `per_class`
    examples.
    """

    decay: float = 0.05
    classes: int = 10
    per_class: int = 8
    width: int = 16
    first_class_weight: int = 1
    step_size: float = 1.0
    steps: int = 1000


def departure_from_simplex(trials: Trials, *, setting: FreeFeatures = FreeFeatures()) -> Measurement:
    """The largest of NC1, both NC2 and NC3 after gradient descent from random features and classifier.

    (Zhu et al. 2021, arXiv:2105.02375, theorems 3.1 and 3.2.)
    """
    at, observed = _descend(trials, setting)
    panel = Panel("departure from the simplex", x="steps", y="measure (0 at collapse)", log="y")
    for name, label in MEASURES.items():
        panel = panel.line(label, at, observed[name].mean(1).clamp_min(1e-17))
    return Measurement(torch.stack([observed[name][-1] for name in MEASURES]).amax(dim=0), panels=panel)


def smallest_margin(trials: Trials, *, setting: FreeFeatures = FreeFeatures()) -> Measurement:
    """The smallest margin of any example after the same descent."""
    at, observed = _descend(trials, setting)
    predicted, least = least_margin_loss(setting.classes, setting.decay, setting.decay)
    above = (observed["loss"].mean(1) - least).clamp_min(1e-16)
    return Measurement(
        observed["margin"][-1],
        panels=[
            Panel("margin", x="steps", y="margin")
            .line("smallest margin", at, observed["margin"].mean(1))
            .line("predicted", [at[0], at[-1]], predicted, role="predicted"),
            Panel("loss above the predicted minimum", x="steps", y="loss − minimum", log="y").line(
                "loss − minimum", at, above
            ),
        ],
        notes=(f"least loss predicted {least:.9f}, reached {observed['loss'][-1].mean():.9f}",),
    )


def _descend(trials: Trials, setting: FreeFeatures) -> tuple[tuple[int, ...], dict[str, Tensor]]:
    """When the descent was looked at, and what was seen there, [times, runs]."""
    classes, width, decay = setting.classes, setting.width, setting.decay
    counts = torch.full((classes,), setting.per_class)
    counts[0] *= setting.first_class_weight
    labels = torch.arange(classes).repeat_interleave(counts).to(trials.device)
    drawn = {"device": trials.device, "dtype": torch.float64}
    initial = {
        "classifier": normal(trials.seeds, (classes, width), stream="classifier", **drawn) / math.sqrt(width),
        "features": normal(trials.seeds, (len(labels), width), stream="features", **drawn) / math.sqrt(width),
    }

    def loss(parameters: Mapping[str, Tensor]) -> Tensor:
        classifier, features = parameters["classifier"], parameters["features"]
        decays = classifier.square().sum((1, 2)) + features.square().sum((1, 2)) / len(labels)
        return cross_entropy(features @ classifier.mT, labels) + decay / 2 * decays

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        features, classifier = snapshot.parameters["features"], snapshot.parameters["classifier"]
        measured = neural_collapse(features, labels, classifier)
        logits = features @ classifier.mT
        own = torch.nn.functional.one_hot(labels, classes).bool().expand_as(logits)
        others = logits.masked_fill(own, -torch.inf).amax(2)
        seen = {name: getattr(measured, name) for name in MEASURES}
        margin = (logits[own].reshape(logits.shape[:2]) - others).amin(1)
        return seen | {"margin": margin, "loss": loss(snapshot.parameters)}

    # A feature's gradient carries 1/N, the mean's; its step takes it back, so that both layers move at one pace.
    steps_of = {"classifier": setting.step_size, "features": setting.step_size * len(labels)}
    trajectory = train(
        initial,
        loss,
        GradientDescent(steps_of),
        steps=setting.steps,
        observe=observe,
        observe_at=range(0, setting.steps + 1, max(1, setting.steps // 50)),
        track=trials.track,
    )
    return trajectory.observed_at, trajectory.observed
