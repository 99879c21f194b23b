"""Stochastic gradient descent at several batch sizes, the step size proportional to the batch size or not."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.data import load, one_hot
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.minibatches import take, without_replacement
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

LARGEST_RATIO = 100.0


def loss_ratio(
    trials: Trials,
    *,
    rule: Literal["linear", "constant", "square-root"] = "linear",
    batch_sizes: list[int],
    epochs: int = 8,
    step_size: float = 0.01,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    examples: int = 1024,
    width: int = 32,
) -> Measurement:
    """Training loss at the largest batch size over that at the smallest, after the same epochs from the same start.

    step_size: at the smallest batch size; elsewhere multiplied by the ratio of batch sizes ("linear"), by its root, or
    by 1 ("constant"). The loss is that of all training examples at the end. The ratio is capped at 100, so that it
    stays finite where training diverges. (Goyal et al. 2017, arXiv:1706.02677, section 2.1.)
    """
    data = load(dataset).to(trials.device)
    inputs, labels = data.inputs[:examples], data.labels[:examples]
    targets = one_hot(labels, data.classes, centred=True)
    network = MultilayerPerceptron((inputs.shape[1], width, data.classes), "tanh", bias_scale=0.0)
    power = {"linear": 1.0, "square-root": 0.5, "constant": 0.0}[rule]

    def loss(parameters: dict[str, Tensor], indices: Tensor) -> Tensor:
        return squared_loss(network.forward(parameters, take(inputs, indices)), take(targets, indices))

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        with torch.no_grad():
            return {"loss": squared_loss(network.forward(snapshot.parameters, inputs), targets)}

    paths = []
    for size in batch_sizes:
        steps_an_epoch = examples // size
        trajectory = train(
            network.initialise(trials.seeds, trials.device),
            loss,
            GradientDescent(step_size * (size / batch_sizes[0]) ** power),
            steps=epochs * steps_an_epoch,
            batches=without_replacement(trials.seeds, examples, size, device=trials.device),
            observe=observe,
            observe_at=range(0, epochs * steps_an_epoch + 1, steps_an_epoch),
            track=trials.track,
        )
        paths.append(trajectory.observed["loss"].double().cpu())
    ratio = paths[-1][-1] / paths[0][-1]
    panel = Panel(
        "Training loss over epochs, mean over seeds", x="epochs", y="loss on all training examples", log="y"
    )
    for size, path in zip(batch_sizes, paths, strict=True):
        panel = panel.line(f"batch size {size}", range(len(path)), path.mean(dim=1))
    return Measurement(values=ratio.nan_to_num(LARGEST_RATIO).clamp_max(LARGEST_RATIO), panels=panel)
