"""How alike a residual network and a vision transformer represent the same test images, and what explains it.

Representations are what the readout sees. Agreement is mutual k-nearest neighbours under cosine nearness (Huh et al.
2024, arXiv:2405.07987), over all test images or, with the labels taken out, within each class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.neighbours import mutual_nearest_neighbours
from checkers.instruments.similarity import linear_cka
from checkers.testbeds import randomness
from checkers.testbeds.data import Examples, load
from checkers.testbeds.losses import accuracy, cross_entropy
from checkers.testbeds.minibatches import take, without_replacement
from checkers.testbeds.optimisers import Adam
from checkers.testbeds.residual_network import ResidualNetwork
from checkers.testbeds.training import train
from checkers.testbeds.vision_transformer import VisionTransformer
from lawbook import Measurement, Panel, Trials

CHUNK = 256

DataSet = Literal["digits", "fashion-mnist", "cifar10"]


@dataclass(frozen=True)
class Recipe:
    """What is trained, and how long."""

    dataset: DataSet
    resnet_width: int
    resnet_stages: int
    transformer_width: int
    transformer_depth: int
    patch: int
    steps: int
    batch_size: int
    step_size: float
    test_examples: int


@dataclass(frozen=True, eq=False)
class Networks:
    """Features of the test images [runs, images, width] from both architectures, before and after training.

    accuracy: the lower of the two networks' test accuracies, one a run.
    """

    untrained: tuple[Tensor, Tensor]
    trained: tuple[Tensor, Tensor]
    accuracy: Tensor


def excess_over_baselines(
    trials: Trials,
    *,
    judged: Literal["trained", "half-trained"] = "trained",
    neighbours: int = 10,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    resnet_width: int = 8,
    resnet_stages: int = 2,
    transformer_width: int = 16,
    transformer_depth: int = 2,
    patch: int = 2,
    steps: int = 200,
    batch_size: int = 24,
    step_size: float = 0.01,
    test_examples: int = 390,
    learned: float = 0.8,
) -> Measurement:
    """Mutual nearest neighbours of a trained ResNet and a trained ViT, less the largest of four baselines.

    Baselines: the same two networks untrained; trained on shuffled labels for as long; trained, the test images of one
    shuffled; shuffled within each class, which keeps all that labels explain. Adam, no augmentation, another order of
    batches for each architecture. A seed is in regime where both networks reach a test accuracy of `learned`.
    judged: with "half-trained" the trained ResNet and the untrained ViT, against the same baselines. (Kornblith et
    al. 2019, arXiv:1905.00414; Huh et al. 2024, arXiv:2405.07987.)
    """
    recipe = Recipe(
        dataset, resnet_width, resnet_stages, transformer_width, transformer_depth, patch,
        steps, batch_size, step_size, test_examples,
    )  # fmt: skip
    data, inputs, labels = _test_images(trials, recipe)
    orders = randomness.permutation(trials.seeds, len(data.labels), stream="labels", device=trials.device)
    both = torch.cat([data.labels.expand(len(trials), -1), data.labels[orders]])
    networks = _train(trials, recipe, data, both, inputs)
    count = len(trials)
    trained, untrained = (
        (left[:count], right[:count]) for left, right in (networks.trained, networks.untrained)
    )
    shuffled = randomness.permutation(trials.seeds, len(labels), stream="images", device=trials.device)
    pairs = {
        judged: _pair(judged, trained, untrained),
        "untrained": untrained,
        "trained on shuffled labels": (networks.trained[0][count:], networks.trained[1][count:]),
        "images shuffled": (trained[0], take(trained[1], shuffled, per_run=True)),
        "images shuffled within class": (
            trained[0],
            take(trained[1], shuffle_within_classes(trials.seeds, labels), per_run=True),
        ),
    }
    return _judged(
        pairs,
        labels,
        neighbours,
        within_class=False,
        accuracies=networks.accuracy[:count],
        learned=learned,
    )


def excess_over_pixels(
    trials: Trials,
    *,
    within_class: bool = False,
    judged: Literal["trained", "half-trained"] = "trained",
    neighbours: int = 10,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    resnet_width: int = 8,
    resnet_stages: int = 2,
    transformer_width: int = 16,
    transformer_depth: int = 2,
    patch: int = 2,
    steps: int = 200,
    batch_size: int = 24,
    step_size: float = 0.01,
    test_examples: int = 390,
    learned: float = 0.8,
) -> Measurement:
    """Mutual nearest neighbours of a trained ResNet and a trained ViT, less the largest agreement that inputs explain.

    Baselines: raw pixels with either trained network, and the two networks untrained. within_class: neighbours are
    sought among images of the same class alone, so that labels explain nothing. judged and learned: as in
    `excess_over_baselines`. (Huh et al. 2024, arXiv:2405.07987; Davari et al. 2022, arXiv:2210.16156.)
    """
    recipe = Recipe(
        dataset, resnet_width, resnet_stages, transformer_width, transformer_depth, patch,
        steps, batch_size, step_size, test_examples,
    )  # fmt: skip
    data, inputs, labels = _test_images(trials, recipe)
    networks = _train(trials, recipe, data, data.labels.expand(len(trials), -1), inputs)
    pixels = inputs.expand(len(trials), -1, -1)
    pairs = {
        judged: _pair(judged, networks.trained, networks.untrained),
        "untrained": networks.untrained,
        "pixels and trained ResNet": (pixels, networks.trained[0]),
        "pixels and trained ViT": (pixels, networks.trained[1]),
    }
    return _judged(
        pairs,
        labels,
        neighbours,
        within_class=within_class,
        accuracies=networks.accuracy,
        learned=learned,
    )


def excess(agreements: Mapping[str, Tensor]) -> Tensor:
    """The first agreement less the largest of the others, one a run."""
    first, *others = agreements.values()
    return first - torch.stack(others).amax(dim=0)


def shuffle_within_classes(seeds: Sequence[int], labels: Tensor) -> Tensor:
    """For every seed an order of the images [runs, images] that gives each place an image of the same class."""
    order = torch.arange(len(labels), device=labels.device).repeat(len(seeds), 1)
    for label in labels.unique().tolist():
        members = (labels == label).nonzero().squeeze(1)
        order[:, members] = members[
            randomness.permutation(seeds, len(members), stream=f"within {label}", device=labels.device)
        ]
    return order


def neighbour_agreement(
    features: Tensor, others: Tensor, labels: Tensor, *, neighbours: int, within_class: bool
) -> Tensor:
    """Mutual nearest neighbours among all images, or the mean over classes of that among a class', one a run."""
    if not within_class:
        return mutual_nearest_neighbours(features, others, neighbours=neighbours)
    members = [(labels == label).nonzero().squeeze(1) for label in labels.unique().tolist()]
    agreements = [
        mutual_nearest_neighbours(features[:, own], others[:, own], neighbours=neighbours) for own in members
    ]
    return torch.stack(agreements).mean(dim=0)


def _pair(
    judged: str, trained: tuple[Tensor, Tensor], untrained: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    return trained if judged == "trained" else (trained[0], untrained[1])


def _test_images(trials: Trials, recipe: Recipe) -> tuple[Examples, Tensor, Tensor]:
    data = load(recipe.dataset).to(trials.device)
    return data, data.test_inputs[: recipe.test_examples], data.test_labels[: recipe.test_examples]


def _train(trials: Trials, recipe: Recipe, data: Examples, labels: Tensor, inputs: Tensor) -> Networks:
    """Both architectures on labels [runs, n], whose runs are the seeds over and over; features of `inputs`."""
    seeds = list(trials.seeds) * (labels.shape[0] // len(trials))
    resnet = ResidualNetwork(data.shape, data.classes, width=recipe.resnet_width, stages=recipe.resnet_stages)
    transformer = VisionTransformer(
        data.shape,
        data.classes,
        patch=recipe.patch,
        width=recipe.transformer_width,
        depth=recipe.transformer_depth,
    )
    test_labels = data.test_labels[: len(inputs)]
    before, after, accuracies = [], [], []
    for name, network in (("resnet", resnet), ("vit", transformer)):
        initial = network.initialise(seeds, trials.device, stream=name)
        batches = without_replacement(
            seeds, len(data.labels), recipe.batch_size, stream=f"{name} batches", device=trials.device
        )

        def loss(
            parameters: Mapping[str, Tensor], batch: Tensor, forward: Callable[..., Tensor] = network.forward
        ) -> Tensor:
            return cross_entropy(forward(parameters, data.inputs[batch]), take(labels, batch, per_run=True))

        fitted = train(
            initial,
            loss,
            Adam(recipe.step_size),
            steps=recipe.steps,
            batches=batches,
            schedule=lambda step: min(1.0, 2 * (1 - step / recipe.steps)),
            track=trials.track,
        )
        before.append(_in_chunks(network.features, initial, inputs))
        after.append(_in_chunks(network.features, fitted.parameters, inputs))
        logits = _in_chunks(network.forward, fitted.parameters, inputs)
        accuracies.append(accuracy(logits, test_labels))
    return Networks((before[0], before[1]), (after[0], after[1]), torch.minimum(*accuracies))


def _in_chunks(
    forward: Callable[[Mapping[str, Tensor], Tensor], Tensor],
    parameters: Mapping[str, Tensor],
    inputs: Tensor,
) -> Tensor:
    with torch.no_grad():
        return torch.cat([forward(parameters, chunk) for chunk in inputs.split(CHUNK)], dim=1)


def _judged(
    pairs: Mapping[str, tuple[Tensor, Tensor]],
    labels: Tensor,
    neighbours: int,
    *,
    within_class: bool,
    accuracies: Tensor,
    learned: float,
) -> Measurement:
    """The excess of the first pair, the judged one, and a panel of every pair's agreement over the neighbours."""
    judged = next(iter(pairs))
    counts = sorted({1, 2, 5, 10, 20, neighbours})
    by_count = {
        name: torch.stack(
            [
                neighbour_agreement(*pair, labels, neighbours=count, within_class=within_class).cpu()
                for count in counts
            ]
        )
        for name, pair in pairs.items()
    }
    chosen = {name: agreement[counts.index(neighbours)] for name, agreement in by_count.items()}
    title = "Agreement within each class" if within_class else "Agreement of two representations"
    panel = Panel(title, x="neighbours k", y="mutual nearest neighbours", log="x")
    for name, agreement in by_count.items():
        role = "measured" if name == judged else "reference"
        panel = panel.over_seeds(name, counts, agreement.T, role=role)
    similarity = linear_cka(*pairs[judged], debiased=True).mean()
    return Measurement(
        values=excess(chosen),
        in_regime=(accuracies >= learned).cpu(),
        panels=panel,
        notes=[
            "; ".join(f"{name} {float(agreement.mean()):.3f}" for name, agreement in chosen.items()),
            f"lower test accuracy {float(accuracies.mean()):.3f}, debiased CKA {float(similarity):.3f}",
        ],
    )
