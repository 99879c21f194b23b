"""Unit matching against exhaustive search and planted permutations."""

from itertools import permutations

import pytest
import torch
from torch import Tensor

from checkers.instruments.unit_matching import assign, match_units, permute_units


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def test_no_permutation_does_better_than_the_assignment() -> None:
    table = noise(3, 5, 5)
    for run, matching in enumerate(assign(table).permutation.tolist()):
        best = max(
            permutations(range(5)),
            key=lambda order: sum(table[run, i, j].item() for i, j in enumerate(order)),
        )
        assert matching == list(best)


@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1.0])
@pytest.mark.parametrize("likeness", ["correlation", "inner-product"])
def test_a_planted_permutation_is_found_and_undone(likeness: str, scale: float) -> None:
    features = noise(2, 200, 30, dtype=torch.float32)
    planted = torch.randperm(30, generator=torch.Generator().manual_seed(3))
    shuffled = torch.empty_like(features)
    shuffled[..., planted] = features
    matching = match_units(features * scale, shuffled * scale, likeness=likeness)
    assert matching.permutation.tolist() == [planted.tolist()] * 2
    torch.testing.assert_close(permute_units(shuffled, matching), features)
    if likeness == "correlation":
        torch.testing.assert_close(matching.likeness, torch.ones(2, 30))


def test_correlation_does_not_feel_a_units_scale_and_shift() -> None:
    features = noise(1, 100, 8)
    changed = features * torch.arange(1, 9) + torch.arange(8)
    assert match_units(features, changed).permutation.tolist() == [list(range(8))]


def test_a_unit_that_never_varies_is_like_nothing() -> None:
    features = noise(1, 100, 2, dtype=torch.float32)
    features[..., 1] = 0.1
    matching = match_units(features, features)
    torch.testing.assert_close(matching.likeness, torch.tensor([[1.0, 0.0]]))
