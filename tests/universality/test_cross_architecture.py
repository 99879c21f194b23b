"""Agreement of a ResNet and a ViT and its baselines, on constructed features and one short training."""

from typing import Any

import pytest
import torch

from checkers.testbeds.randomness import normal
from checkers.universality.cross_architecture import (
    excess,
    excess_over_baselines,
    excess_over_pixels,
    neighbour_agreement,
    shuffle_within_classes,
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


def test_the_excess_is_over_the_largest_of_the_others() -> None:
    agreements = {
        "judged": torch.tensor([0.5, 0.2]),
        "a": torch.tensor([0.1, 0.3]),
        "b": torch.tensor([0.2, 0.1]),
    }
    assert excess(agreements).tolist() == pytest.approx([0.3, -0.1])


def test_training_lifts_agreement_over_the_baselines_but_not_over_pixels() -> None:
    trained = {"steps": 60, "test_examples": 390}
    assert min(excess_over_baselines(TRIALS, **trained).values) > 0.02  # type: ignore[arg-type]
    assert max(excess_over_pixels(TRIALS, **trained).values) < 0.0  # type: ignore[arg-type]


def test_a_trained_and_an_untrained_network_agree_no_more_than_the_same_baselines() -> None:
    half: dict[str, Any] = {"judged": "half-trained", "steps": 100}
    assert max(excess_over_baselines(TRIALS, **half).values) < 0.02
    assert max(excess_over_pixels(TRIALS, **half).values) < -0.1
    assert max(excess_over_pixels(TRIALS, within_class=True, **half).values) < 0.0


def test_a_seed_whose_networks_did_not_learn_the_labels_is_out_of_regime() -> None:
    assert excess_over_pixels(TRIALS, steps=1).in_regime == (False, False)
