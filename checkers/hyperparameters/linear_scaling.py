"""Stochastic gradient descent at several batch sizes, the step size proportional to the batch size or not."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count, repeat
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.data import load, one_hot
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.minibatches import take, without_replacement
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import normal
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

LARGEST_RATIO = 100.0


def loss_ratio(
    trials: Trials,
    *,
    rule: Literal["linear", "constant", "square-root", "equal-time"] = "linear",
    batch_sizes: list[int],
    epochs: int = 8,
    averaged: int = 1,
    label_noise: float = 0.0,
    step_size: float = 0.01,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    examples: int = 1024,
    width: int = 32,
) -> Measurement:
    """Training loss at the largest batch size over that at the smallest, after the same epochs from the same start.

    step_size: at the smallest batch size; elsewhere multiplied by the ratio of batch sizes ("linear"), by its root, or
    by 1 ("constant"; "equal-time" then also takes as many steps, and so more epochs). label_noise: standard deviation
    of what is drawn at every step and added to the batch's targets. The loss is that of all training examples and their
    own targets, the mean over the ends of the last `averaged` epochs. The ratio is capped at 100, so that it stays
    finite where training diverges. (Goyal et al. 2017, arXiv:1706.02677, section 2.1.)
    """
    data = load(dataset).to(trials.device)
    inputs, labels = data.inputs[:examples], data.labels[:examples]
    targets = one_hot(labels, data.classes, centred=True)
    network = MultilayerPerceptron((inputs.shape[1], width, data.classes), "tanh", bias_scale=0.0)
    power = {"linear": 1.0, "square-root": 0.5}.get(rule, 0.0)

    def loss(parameters: dict[str, Tensor], batch: tuple[Tensor, Tensor]) -> Tensor:
        indices, noise = batch
        return squared_loss(network.forward(parameters, take(inputs, indices)), take(targets, indices) + noise)

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        with torch.no_grad():
            return {"loss": squared_loss(network.forward(snapshot.parameters, inputs), targets)}

    paths = []
    for size in batch_sizes:
        longer = size // batch_sizes[0] if rule == "equal-time" else 1
        every = longer * (examples // size)
        orders = without_replacement(trials.seeds, examples, size, device=trials.device)
        noises = _noises(trials, (size, data.classes), label_noise)
        trajectory = train(
            network.initialise(trials.seeds, trials.device),
            loss,
            GradientDescent(step_size * (size / batch_sizes[0]) ** power),
            steps=epochs * every,
            batches=zip(orders, noises, strict=False),
            observe=observe,
            observe_at=range(0, epochs * every + 1, every),
            track=trials.track,
        )
        losses = trajectory.observed["loss"].double().cpu()
        paths.append(losses if len(losses) > epochs else losses.new_full((epochs + 1, len(trials)), math.nan))
    small, large = (path[-averaged:].mean(dim=0) for path in (paths[0], paths[-1]))
    ratio = large / small
    panel = Panel(
        "Training loss over epochs, mean over seeds",
        x="epochs of the smallest batch",
        y="loss on all training examples",
        log="y",
    )
    for size, path in zip(batch_sizes, paths, strict=True):
        panel = panel.line(f"batch size {size}", range(len(path)), path.mean(dim=1))
    return Measurement(values=ratio.nan_to_num(LARGEST_RATIO).clamp_max(LARGEST_RATIO), panels=panel)


def _noises(trials: Trials, shape: tuple[int, int], deviation: float) -> Iterator[Tensor]:
    """Normal noise [runs, batch, outputs], drawn afresh at every step."""
    if deviation == 0.0:
        return repeat(torch.zeros((), device=trials.device))
    return (
        deviation * normal(trials.seeds, shape, stream=f"label noise {step}", device=trials.device) for step in count()
    )
