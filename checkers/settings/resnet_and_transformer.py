"""A residual network and a vision transformer, trained apart on the same images, and what they make of test images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.data import load
from checkers.testbeds.losses import accuracy, cross_entropy
from checkers.testbeds.minibatches import without_replacement
from checkers.testbeds.optimisers import Adam
from checkers.testbeds.residual_network import ResidualNetwork
from checkers.testbeds.training import train
from checkers.testbeds.vision_transformer import VisionTransformer
from lawbook import Trials

CHUNK = 256
# Two principal components that hold a fifth of the variance of digits, so that pixels show the angle but faintly.
PLANE = (2, 3)
SECTORS = 8

Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Setting:
    """What is trained, and how long: Adam, no augmentation, a constant step size that falls to 0 in the second half.

    task: to tell the "classes" of the data set, or "sectors": into which eighth of a turn an image falls in the plane
    of the third and fourth principal components. test_examples: how many test images are looked at.
    """

    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits"
    task: Literal["classes", "sectors"] = "classes"
    resnet_width: int = 8
    resnet_stages: int = 2
    transformer_width: int = 16
    transformer_depth: int = 2
    patch: int = 2
    steps: int = 200
    batch_size: int = 24
    step_size: float = 0.01
    test_examples: int = 390


@dataclass(frozen=True, eq=False)
class Task:
    """Images and their targets in the task, [n] each; those of the test set with their classes too.

    outputs: how many targets there are. shape: that of an image.
    """

    inputs: Tensor
    targets: Tensor
    test_inputs: Tensor
    test_targets: Tensor
    test_classes: Tensor
    outputs: int
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Networks:
    """Features of the test images [runs, images, width] from the ResNet and the transformer.

    accuracy: the lower of the two networks' test accuracies, one a run.
    """

    untrained: Pair
    trained: Pair
    accuracy: Tensor


def task(setting: Setting, device: torch.device | str) -> Task:
    """The images of a setting and what has to be learned of them."""
    data = load(setting.dataset).to(device)
    tests, classes = data.test_inputs[: setting.test_examples], data.test_labels[: setting.test_examples]
    targets, test_targets, outputs = data.labels, classes, data.classes
    if setting.task == "sectors":
        variances, directions = torch.linalg.eigh(data.inputs.mT.cov())
        plane = (directions / variances.clamp(min=1e-9).sqrt()).flip(1)[:, PLANE]
        targets, test_targets, outputs = _sector(data.inputs @ plane), _sector(tests @ plane), SECTORS
    return Task(data.inputs, targets, tests, test_targets, classes, outputs, data.shape)


def train_both(trials: Trials, setting: Setting, task: Task) -> Networks:
    """Both architectures on the task, a run a seed; weights and order of batches drawn apart."""
    seeds = trials.seeds
    resnet = ResidualNetwork(task.shape, task.outputs, width=setting.resnet_width, stages=setting.resnet_stages)
    transformer = VisionTransformer(
        task.shape,
        task.outputs,
        patch=setting.patch,
        width=setting.transformer_width,
        depth=setting.transformer_depth,
    )
    before, after, accuracies = [], [], []
    for name, network in (("resnet", resnet), ("vit", transformer)):
        initial = network.initialise(seeds, trials.device, stream=name)
        batches = without_replacement(
            seeds, len(task.targets), setting.batch_size, stream=f"{name} batches", device=trials.device
        )

        def loss(
            parameters: Mapping[str, Tensor], batch: Tensor, forward: Callable[..., Tensor] = network.forward
        ) -> Tensor:
            return cross_entropy(forward(parameters, task.inputs[batch]), task.targets[batch])

        fitted = train(
            initial,
            loss,
            Adam(setting.step_size),
            steps=setting.steps,
            batches=batches,
            schedule=lambda step: min(1.0, 2 * (1 - step / setting.steps)),
            track=trials.track,
        )
        before.append(_in_chunks(network.features, initial, task.test_inputs))
        after.append(_in_chunks(network.features, fitted.parameters, task.test_inputs))
        logits = _in_chunks(network.forward, fitted.parameters, task.test_inputs)
        accuracies.append(accuracy(logits, task.test_targets))
    return Networks((before[0], before[1]), (after[0], after[1]), torch.minimum(*accuracies))


def _sector(places: Tensor) -> Tensor:
    turn = torch.atan2(places[:, 1], places[:, 0]) / (2 * torch.pi) + 0.5
    return (turn * SECTORS).long().clamp(max=SECTORS - 1)


def _in_chunks(
    forward: Callable[[Mapping[str, Tensor], Tensor], Tensor],
    parameters: Mapping[str, Tensor],
    inputs: Tensor,
) -> Tensor:
    with torch.no_grad():
        return torch.cat([forward(parameters, chunk) for chunk in inputs.split(CHUNK)], dim=1)
