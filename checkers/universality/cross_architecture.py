"""How alike a residual network and a vision transformer represent the same test images, and what explains it.

Representations are what the readout sees. Agreement is mutual k-nearest neighbours under cosine nearness (Huh et al.
2024, arXiv:2405.07987), over all test images or, with the labels taken out, within each class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.neighbours import mutual_nearest_neighbours, neighbour_purity
from checkers.instruments.similarity import linear_cka
from checkers.settings.resnet_and_transformer import Networks, Pair, Setting, Task, task, train_both
from checkers.testbeds import randomness
from checkers.testbeds.minibatches import take
from lawbook import Measurement, Panel, Trials

COUNTS = (1, 2, 5, 10, 20)
HALVINGS = 12


def excess_agreement(
    trials: Trials,
    *,
    over: Literal["initialisation-and-labels", "inputs"],
    within_class: bool = False,
    judged: Literal["trained", "half-trained"] = "trained",
    neighbours: int = 10,
    setting: Setting = Setting(),
    learned: float = 0.8,
) -> Measurement:
    """Mutual nearest neighbours of a trained ResNet and a trained ViT, less the largest of what other pairs have.

    over: "initialisation-and-labels" has the two networks untrained, untrained with a code of the class that makes
    neighbours as pure as the trained networks', and trained with the test images of one shuffled within each class
    (within a class, untrained alone); "inputs" has raw pixels with either trained network, and the two untrained.
    within_class: neighbours are sought among images of the same class, so that labels explain nothing; mean over
    classes. judged: with "half-trained" the trained ResNet and the untrained ViT, against the same baselines. A seed is
    in regime where both networks reach a test accuracy of `learned` in their task. (Kornblith et al. 2019,
    arXiv:1905.00414; Huh et al. 2024.)
    """
    learning = task(setting, trials.device)
    networks = train_both(trials, setting, learning)
    pairs = {judged: networks.trained if judged == "trained" else (networks.trained[0], networks.untrained[1])}
    pairs |= _baselines(trials, over, within_class, neighbours, networks, learning)
    counts = sorted({*COUNTS, neighbours})
    title = "Agreement within each class" if within_class else "Agreement of two representations"
    panel = Panel(title, x="neighbours k", y="mutual nearest neighbours", log="x")
    chosen = {}
    for name, pair in pairs.items():
        agreements = torch.stack(
            [
                neighbour_agreement(*pair, learning.test_classes, neighbours=count, within_class=within_class)
                for count in counts
            ],
            dim=1,
        ).cpu()
        chosen[name] = agreements[:, counts.index(neighbours)]
        panel = panel.over_seeds(name, counts, agreements, role="measured" if name == judged else "reference")
    first, *others = chosen.values()
    similarity = linear_cka(*pairs[judged], debiased=True).mean()
    return Measurement(
        values=first - torch.stack(others).amax(dim=0),
        in_regime=(networks.accuracy >= learned).cpu(),
        panels=panel,
        notes=[
            "; ".join(f"{name} {float(agreement.mean()):.3f}" for name, agreement in chosen.items()),
            f"lower test accuracy {float(networks.accuracy.mean()):.3f}, debiased CKA {float(similarity):.3f}",
        ],
    )


def neighbour_agreement(
    features: Tensor, others: Tensor, labels: Tensor, *, neighbours: int, within_class: bool
) -> Tensor:
    """Mutual nearest neighbours among all images, or the mean over classes of that among a class', one a run."""
    if not within_class:
        return mutual_nearest_neighbours(features, others, neighbours=neighbours)
    members = [(labels == label).nonzero().squeeze(1) for label in labels.unique().tolist()]
    agreements = [mutual_nearest_neighbours(features[:, own], others[:, own], neighbours=neighbours) for own in members]
    return torch.stack(agreements).mean(dim=0)


def shuffle_within_classes(seeds: Sequence[int], labels: Tensor) -> Tensor:
    """For every seed an order of the images [runs, images] that gives each place an image of the same class."""
    order = torch.arange(len(labels), device=labels.device).repeat(len(seeds), 1)
    for label in labels.unique().tolist():
        members = (labels == label).nonzero().squeeze(1)
        order[:, members] = members[
            randomness.permutation(seeds, len(members), stream=f"within {label}", device=labels.device)
        ]
    return order


def with_class_code(features: Tensor, labels: Tensor, purity: Tensor, *, neighbours: int) -> Tensor:
    """Features at length 1, joined with a one-hot code of the class, as long as makes neighbours as pure as asked.

    purity: the fraction of an image's neighbours that are of its class, one a run; none is added where the features
    alone are purer. Nearness within a class stays that of the features.
    """
    directions = torch.nn.functional.normalize(features, dim=2)
    code = torch.nn.functional.one_hot(labels).to(features)

    def joined(length: Tensor) -> Tensor:
        return torch.cat([directions, length[:, None, None] * code], dim=2)

    low, high = torch.zeros_like(purity), torch.full_like(purity, 2.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        short = neighbour_purity(joined(middle), labels, neighbours=neighbours) < purity
        low, high = torch.where(short, middle, low), torch.where(short, high, middle)
    return joined(high)


def _baselines(
    trials: Trials, over: str, within_class: bool, neighbours: int, networks: Networks, learning: Task
) -> dict[str, Pair]:
    labels, (resnet, transformer) = learning.test_classes, networks.trained
    pairs = {"untrained": networks.untrained}
    if over == "inputs":
        pixels = learning.test_inputs.expand(len(trials), -1, -1)
        return pairs | {
            "pixels and trained ResNet": (pixels, resnet),
            "pixels and trained ViT": (pixels, transformer),
        }
    if not within_class:
        left, right = (
            with_class_code(
                before, labels, neighbour_purity(after, labels, neighbours=neighbours), neighbours=neighbours
            )
            for before, after in zip(networks.untrained, networks.trained, strict=True)
        )
        pairs["untrained, with the class"] = (left, right)
        orders = shuffle_within_classes(trials.seeds, labels)
        pairs["images shuffled within class"] = (resnet, take(transformer, orders, per_run=True))
    return pairs
