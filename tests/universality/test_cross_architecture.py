"""Agreement of a ResNet and a ViT and its baselines, on constructed features and one short training."""

from statistics import mean
from typing import Any

import pytest
import torch

from checkers.instruments.neighbours import neighbour_purity
from checkers.settings.resnet_and_transformer import Setting
from checkers.testbeds.randomness import normal
from checkers.universality.cross_architecture import (
    excess_agreement,
    neighbour_agreement,
    shuffle_within_classes,
    with_class_code,
)
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
LABELS = torch.arange(80) % 4


def class_features(stream: str, *, shared: float) -> torch.Tensor:
    """Features that hold the class, a part of every image that streams share, and a part of their own."""
    centres = 10 * normal(TRIALS.seeds, (4, 6), stream="centres")[:, LABELS]
    common = normal(TRIALS.seeds, (80, 6), stream="common")
    own = normal(TRIALS.seeds, (80, 6), stream=stream)
    return centres + shared * common + (1 - shared) * own


def test_features_that_share_images_agree_within_classes_and_features_that_share_classes_do_not() -> None:
    left, alike, unlike = (class_features(s, shared=w) for s, w in (("a", 0.9), ("b", 0.9), ("c", 0.0)))
    within = {"neighbours": 3, "within_class": True}
    assert neighbour_agreement(left, alike, LABELS, **within).min() > 0.6  # type: ignore[arg-type]
    chance = 3 / 19
    assert float(neighbour_agreement(left, unlike, LABELS, **within).max()) == pytest.approx(chance, abs=0.1)  # type: ignore[arg-type]


def test_shuffling_within_classes_keeps_classes_and_moves_images() -> None:
    orders = shuffle_within_classes(TRIALS.seeds, LABELS)
    assert bool((LABELS[orders] == LABELS).all())
    assert orders.sort(dim=1).values.tolist() == [list(range(80))] * 2
    assert (orders != torch.arange(80)).float().mean() > 0.8
    assert orders[0].tolist() != orders[1].tolist()


def test_a_class_code_makes_neighbours_as_pure_as_asked_and_keeps_their_order_within_a_class() -> None:
    features = normal(TRIALS.seeds, (80, 6), stream="no classes")
    wanted = torch.tensor([0.5, 0.9])
    joined = with_class_code(features, LABELS, wanted, neighbours=5)
    torch.testing.assert_close(neighbour_purity(joined, LABELS, neighbours=5), wanted, atol=0.01, rtol=0)
    same = neighbour_agreement(features, joined, LABELS, neighbours=3, within_class=True)
    assert same.tolist() == pytest.approx([1.0, 1.0])


def test_training_lifts_agreement_neither_over_what_it_was_within_a_class_nor_over_pixels() -> None:
    assert max(excess_agreement(TRIALS, over="inputs").values) < 0.0
    for within in (False, True):
        found = excess_agreement(TRIALS, over="initialisation-and-labels", within_class=within)
        assert mean(found.values) < 0.06


def test_learning_what_neither_pixels_nor_classes_show_lifts_it_over_both() -> None:
    sectors: dict[str, Any] = {"setting": Setting(task="sectors", steps=200), "learned": 0.5}
    for over in ("initialisation-and-labels", "inputs"):
        measured = excess_agreement(TRIALS, over=over, within_class=True, **sectors)
        assert min(measured.values) > 0.02
        assert measured.in_regime == (True, True)


def test_a_trained_and_an_untrained_network_agree_no_more_than_the_same_baselines() -> None:
    half: dict[str, Any] = {"judged": "half-trained", "setting": Setting(steps=100)}
    assert max(excess_agreement(TRIALS, over="initialisation-and-labels", **half).values) < 0.0
    assert max(excess_agreement(TRIALS, over="inputs", **half).values) < -0.1
    assert max(excess_agreement(TRIALS, over="inputs", within_class=True, **half).values) < 0.0


def test_a_seed_whose_networks_did_not_learn_the_labels_is_out_of_regime() -> None:
    assert excess_agreement(TRIALS, over="inputs", setting=Setting(steps=1)).in_regime == (False, False)
