"""Mutual nearest neighbours against brute force and known limits."""

import pytest
import torch
from torch import Tensor

from checkers.instruments import neighbours
from checkers.instruments.neighbours import mutual_nearest_neighbours, neighbour_purity


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def by_brute_force(features: Tensor, others: Tensor, count: int, nearness: str) -> float:
    def nearest(points: Tensor, i: int) -> set[int]:
        if nearness == "cosine":
            away = -torch.nn.functional.cosine_similarity(points[i], points, dim=-1)
        else:
            away = (points - points[i]).square().sum(-1)
        return set([j for j in away.argsort().tolist() if j != i][:count])

    shared = [len(nearest(features, i) & nearest(others, i)) for i in range(len(features))]
    return sum(shared) / (len(features) * count)


@pytest.mark.parametrize("nearness", ["cosine", "euclidean"])
@pytest.mark.parametrize("count", [1, 5, 28])
def test_agrees_with_brute_force_block_by_block(nearness: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "BLOCK_ENTRIES", 2 * 30 * 7)
    features = noise(2, 30, 4) + 0.5
    others = features @ noise(4, 6, seed=1) + noise(2, 30, 6, seed=2)
    expected = [by_brute_force(f, o, count, nearness) for f, o in zip(features, others, strict=True)]
    measured = mutual_nearest_neighbours(features, others, neighbours=count, nearness=nearness)
    torch.testing.assert_close(measured, torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize("nearness", ["cosine", "euclidean"])
@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1.0, 1e15])
def test_is_one_with_itself_at_every_scale(nearness: str, scale: float) -> None:
    features = noise(2, 50, 6, dtype=torch.float32)
    measured = mutual_nearest_neighbours(features, scale * features, neighbours=10, nearness=nearness)
    assert torch.all(measured >= 0.99)


def test_euclidean_neighbours_do_not_feel_a_shift_and_cosine_ones_do() -> None:
    features = noise(1, 60, 5)
    shifted = features + 10
    assert mutual_nearest_neighbours(features, shifted, nearness="euclidean").item() == 1
    assert mutual_nearest_neighbours(features, shifted, nearness="cosine").item() < 0.9


def test_unrelated_features_share_neighbours_as_often_as_chance() -> None:
    measured = mutual_nearest_neighbours(noise(20, 101, 8), noise(20, 101, 8, seed=1), neighbours=10)
    assert abs(measured.mean().item() - 0.1) < 0.01


def test_an_impossible_number_of_neighbours_is_refused() -> None:
    with pytest.raises(ValueError, match="between 1 and 9"):
        mutual_nearest_neighbours(noise(1, 10, 2), noise(1, 10, 2), neighbours=10)


@pytest.mark.parametrize("nearness", ["cosine", "euclidean"])
def test_purity_is_the_share_of_neighbours_with_the_same_label(
    nearness: neighbours.Nearness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbours, "BLOCK_ENTRIES", 2 * 30 * 7)
    features, labels = noise(2, 30, 4) + 0.5, torch.arange(30) % 3
    # A representation that holds the label alone has a class' ten images nearest to one another.
    classes = torch.nn.functional.one_hot(labels).double() + 1e-6 * noise(2, 30, 3, seed=3)
    found = neighbour_purity(features, labels, neighbours=9, nearness=nearness)
    expected = mutual_nearest_neighbours(features, classes, neighbours=9, nearness=nearness)
    torch.testing.assert_close(found, expected)
