"""Early in training a network does as well on Gaussian clones of its data as on the data.

A network that is trained on Gaussian data does not do quite as well on clones either, for it remembers its examples.
What is judged is therefore the difference to such a twin. (Refinetti, Ingrosso & Goldt 2022, arXiv:2211.11567.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.testbeds.data import load
from checkers.testbeds.gaussian_clones import class_moments, draw_clones, draw_twins
from checkers.testbeds.losses import cross_entropy
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

OBSERVATIONS = 60
EARLIEST = 0.9
MOMENTS = 5


@dataclass(frozen=True)
class Training:
    """A network with one hidden layer of ReLU and no biases; full-batch heavy ball with momentum 0.9."""

    width: int = 64
    steps: int = 400
    step_size: float = 0.01


def gap_beyond_twin(
    trials: Trials,
    *,
    covariances: Literal["own", "pooled", "isotropic"],
    until: float = 0.5,
    class_means: Literal["kept", "removed"] = "kept",
    data: Literal["images", "gaussian"] = "images",
    classes: Literal["own", "shifted"] = "own",
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    training: Training = Training(),
    clones: int = 2000,
) -> Measurement:
    """Largest |log(cross-entropy on clones / on the training data), less the same of a twin trained on Gaussian data|.

    Clones have every class' mean and its "own" covariance, that of all classes "pooled", or "isotropic" noise of that
    size. The twin is trained from the same weights on Gaussian data with the clones' class moments exactly and as many
    examples of each class. Largest is over five moments, each at which either network's loss on its own data has fallen
    to the same share of log(classes), from 0.9 to `until`; a seed that does not get so far is out of regime.
    class_means: "removed" takes every class' mean from its examples. data: "gaussian" puts other draws of the images'
    own mixture in the images' place. classes: "shifted" gives every class of clones the moments of the next.
    """
    examples = load(dataset).to(trials.device)
    inputs, moments = examples.inputs, class_moments(examples.inputs, examples.labels, examples.classes)
    if class_means == "removed":
        inputs = inputs - moments.mean[examples.labels].to(inputs)
        moments = class_moments(inputs, examples.labels, examples.classes)
    if data == "gaussian":
        inputs = draw_twins(moments, trials.seeds, examples.labels, stream="data")
    mixture = moments.keeping(covariances)
    mixture = mixture.shifted() if classes == "shifted" else mixture
    cloned = draw_clones(mixture, trials.seeds, clones)
    twins = draw_twins(mixture, trials.seeds, examples.labels)
    levels = [share * math.log(examples.classes) for share in _shares(until)]
    gaps, reached, panels = [], [], []
    for name, own in (("the data", inputs), ("a Gaussian twin", twins)):
        steps, losses = _losses(trials, training, own, examples.labels, cloned, examples.classes, levels[-1])
        places = torch.arange(len(steps), dtype=torch.float64)
        falls = [first_fall(places, losses[0], math.log(level)) for level in levels]
        gaps.append(torch.stack([_at(losses[1] - losses[0], fall.place) for fall in falls]))
        reached.append(falls[-1].between)
        panel = Panel(f"Trained on {name}", x="steps", y="cross-entropy", log="xy")
        for label, loss in zip(("its own data", "clones"), losses[:, :, 1:].exp(), strict=True):
            panel = panel.over_seeds(label, steps[1:], loss)
        panels.append(panel)
    beyond = gaps[0] - gaps[1]
    parting = Panel("Clones against own data", x="loss left, of log C", y="log of the ratio of losses")
    parting = parting.over_seeds("trained on the data", _shares(until), gaps[0].T)
    parting = parting.over_seeds("Gaussian twin", _shares(until), gaps[1].T, role="reference")
    told = (f"{share:.2f}: {float(gap.mean()):+.4f}" for share, gap in zip(_shares(until), beyond, strict=True))
    return Measurement(
        values=beyond.abs().amax(dim=0),
        in_regime=reached[0] & reached[1],
        panels=[parting, *panels],
        notes=[f"difference of the gaps, mean over seeds, by the share of log C left: {', '.join(told)}"],
    )


def _shares(until: float) -> list[float]:
    return [EARLIEST + (until - EARLIEST) * moment / (MOMENTS - 1) for moment in range(MOMENTS)]


def _losses(
    trials: Trials,
    training: Training,
    inputs: Tensor,
    labels: Tensor,
    cloned: tuple[Tensor, Tensor],
    classes: int,
    least: float,
) -> tuple[tuple[int, ...], Tensor]:
    """The steps observed, and the logs of the losses on the network's own data and on clones, [2, seeds, steps].

    Training ends early once every network's loss on its own data has been seen at `least` or below.
    """
    network = MultilayerPerceptron((inputs.shape[-1], training.width, classes), "relu", weight_scale=math.sqrt(2))
    truth = labels.expand(len(trials), -1)
    fallen = torch.zeros(len(trials), dtype=torch.bool, device=trials.device)

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        with torch.no_grad():
            seen = ((inputs, truth), cloned)
            losses = [cross_entropy(network.forward(snapshot.parameters, x), y) for x, y in seen]
        fallen.logical_or_(losses[0] <= least)
        return {"losses": torch.stack(losses, dim=1)}

    watched = {round(training.steps ** (k / (OBSERVATIONS - 1))) for k in range(OBSERVATIONS)} | {0}
    trajectory = train(
        network.initialise(trials.seeds, trials.device),
        lambda parameters: cross_entropy(network.forward(parameters, inputs), truth),
        GradientDescent(training.step_size, momentum=0.9),
        steps=training.steps,
        observe=observe,
        observe_at=sorted(watched),
        done=lambda losses: fallen.all().expand_as(fallen),
        track=trials.track,
    )
    return trajectory.observed_at, trajectory.observed["losses"].double().cpu().log().permute(2, 1, 0)


def _at(heights: Tensor, place: Tensor) -> Tensor:
    """Heights [seeds, points] at a place between two points, linear between them; one a seed."""
    before = place.long().clamp(max=heights.shape[1] - 2).unsqueeze(1)
    low, high = (heights.gather(1, index).squeeze(1) for index in (before, before + 1))
    return low + (place - before.squeeze(1)) * (high - low)
