"""Early in training a network does as well on Gaussian clones of its data as on the data; later it does not.

Clones of order 2 keep every class' mean and covariance and nothing else; clones of order 1 keep the means and the
average covariance. (Refinetti, Ingrosso & Goldt 2022, arXiv:2211.11567.)
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.data import load
from checkers.testbeds.gaussian_clones import class_moments, draw_clones
from checkers.testbeds.losses import cross_entropy
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

OBSERVATIONS = 60
SMALLEST_LOSS = 1e-4


def clone_gap(
    trials: Trials,
    *,
    moment: Literal["half", "end"] = "half",
    classes: Literal["own", "shifted"] = "own",
    order: Literal[1, 2] = 2,
    inputs: Literal["whole", "less-class-means"] = "whole",
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    width: int = 64,
    steps: int = 400,
    step_size: float = 0.01,
    clones: int = 2000,
) -> Measurement:
    """|log(cross-entropy on clones / cross-entropy on the training data)| of a network trained on the data.

    moment: "half" is the first observation at which the training loss is at most half of log(classes), so that
    agreement is not that of untrained networks; "end" the last. A seed that never gets there is out of regime.
    classes: "shifted" gives every class of clones the moments of the next one. order: which moments clones keep.
    inputs: "less-class-means" takes every class' mean from its examples, so that no mean tells classes apart.
    Full-batch heavy ball with momentum 0.9, ReLU, one hidden layer, no biases.
    """
    data = load(dataset).to(trials.device)
    examples, moments = data.inputs, class_moments(data.inputs, data.labels, data.classes)
    if inputs == "less-class-means":
        examples = examples - moments.mean[data.labels].to(examples)
        moments = class_moments(examples, data.labels, data.classes)
    clone_inputs, labels = draw_clones(moments, trials.seeds, clones, order=order)
    if classes == "shifted":
        labels = (labels + 1) % data.classes
    network = MultilayerPerceptron((examples.shape[1], width, data.classes), "relu", weight_scale=2**0.5)
    truth = data.labels.expand(len(trials), -1)

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        with torch.no_grad():
            on_data = cross_entropy(network.forward(snapshot.parameters, examples), truth)
            on_clones = cross_entropy(network.forward(snapshot.parameters, clone_inputs), labels)
        return {"data": on_data, "clones": on_clones}

    watched = sorted({round(steps ** (k / (OBSERVATIONS - 1))) for k in range(OBSERVATIONS)} | {0})
    trajectory = train(
        network.initialise(trials.seeds, trials.device),
        lambda parameters: cross_entropy(network.forward(parameters, examples), truth),
        GradientDescent(step_size, momentum=0.9),
        steps=steps,
        observe=observe,
        observe_at=watched,
        track=trials.track,
    )
    on_data, on_clones = (trajectory.observed[name].double().cpu() for name in ("data", "clones"))
    gaps = (on_clones.clamp_min(SMALLEST_LOSS) / on_data.clamp_min(SMALLEST_LOSS)).log().abs()
    halved = on_data <= math.log(data.classes) / 2
    index = (
        halved.to(torch.int8).argmax(dim=0) if moment == "half" else torch.full((len(trials),), len(gaps) - 1)
    )
    return Measurement(
        values=gaps.gather(0, index[None])[0],
        in_regime=halved.any(dim=0),
        panels=_panel(trajectory.observed_at, on_data, on_clones),
        notes=[f"the loss is halved after {trajectory.observed_at[int(index.float().mean())]} steps"]
        if moment == "half"
        else (),
    )


def _panel(steps: tuple[int, ...], on_data: Tensor, on_clones: Tensor) -> Panel:
    later = slice(1, None)
    return (
        Panel("Cross-entropy in training, mean over seeds", x="steps", y="cross-entropy", log="xy")
        .line("on the training data", steps[later], on_data.mean(dim=1)[later])
        .line("on Gaussian clones", steps[later], on_clones.mean(dim=1)[later], role="predicted")
    )
