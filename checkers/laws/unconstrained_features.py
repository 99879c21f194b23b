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


def departure_from_simplex(
    trials: Trials,
    *,
    decay: float = 0.05,
    classes: int = 10,
    per_class: int = 8,
    width: int = 16,
    first_class_weight: int = 1,
    step_size: float = 1.0,
    steps: int = 1000,
) -> Measurement:
    """The largest of NC1, both NC2 and NC3 after gradient descent from random features and classifier.

    decay: of the classifier and of the features. first_class_weight: the first class has that many times `per_class`
    examples. (Zhu et al. 2021, arXiv:2105.02375, theorems 3.1 and 3.2.)
    """
    descent = _descend(
        trials, decay, classes, per_class, width, first_class_weight, step_size=step_size, steps=steps
    )
    final = torch.stack([descent.observed[name][-1] for name in MEASURES])
    return Measurement(final.amax(dim=0), panels=_collapse_panel(descent))


def margin_ratio(
    trials: Trials,
    *,
    decay: float = 0.05,
    classes: int = 10,
    per_class: int = 8,
    width: int = 16,
    first_class_weight: int = 1,
    step_size: float = 1.0,
    steps: int = 1000,
) -> Measurement:
    """The smallest margin of any example over the margin of the global minimum of balanced classes."""
    descent = _descend(
        trials, decay, classes, per_class, width, first_class_weight, step_size=step_size, steps=steps
    )
    predicted, least = least_margin_loss(classes, decay, decay)
    above = (descent.observed["loss"].mean(1) - least).clamp_min(1e-16)
    return Measurement(
        descent.observed["margin"][-1] / predicted,
        panels=[
            Panel("margin", x="steps", y="margin")
            .line("smallest margin", descent.at, descent.observed["margin"].mean(1))
            .line("predicted", [descent.at[0], descent.at[-1]], predicted, role="predicted"),
            Panel("loss above the predicted minimum", x="steps", y="loss − minimum", log="y").line(
                "loss − minimum", descent.at, above
            ),
        ],
        notes=(
            f"predicted margin {predicted:.6f}, least loss {least:.9f}",
            f"loss reached {descent.observed['loss'][-1].mean():.9f}",
        ),
    )


@dataclass(frozen=True, eq=False)
class _Descent:
    at: tuple[int, ...]
    observed: dict[str, Tensor]


def _descend(
    trials: Trials,
    decay: float,
    classes: int,
    per_class: int,
    width: int,
    first_class_weight: int,
    *,
    step_size: float,
    steps: int,
) -> _Descent:
    counts = torch.full((classes,), per_class)
    counts[0] *= first_class_weight
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
    steps_of = {"classifier": step_size, "features": step_size * len(labels)}
    trajectory = train(
        initial,
        loss,
        GradientDescent(steps_of),
        steps=steps,
        observe=observe,
        observe_at=range(0, steps + 1, max(1, steps // 50)),
        track=trials.track,
    )
    return _Descent(trajectory.observed_at, trajectory.observed)


def _collapse_panel(descent: _Descent) -> Panel:
    panel = Panel("departure from the simplex", x="steps", y="measure (0 at collapse)", log="y")
    for name, label in MEASURES.items():
        panel = panel.line(label, descent.at, descent.observed[name].mean(1).clamp_min(1e-17))
    return panel
