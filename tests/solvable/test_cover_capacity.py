"""Linear programs agree with Cover's count."""

import itertools

import pytest
import torch

from checkers.solvable.cover_capacity import cover_probability, separable_share
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001))


@pytest.mark.parametrize(("points", "dimension"), [(4, 2), (6, 2)])
def test_the_formula_counts_the_dichotomies_of_points_in_a_plane(points: int, dimension: int) -> None:
    source = torch.Generator().manual_seed(0)
    inputs = torch.randn(points, dimension, generator=source, dtype=torch.float64)
    angles = torch.linspace(0, 2 * torch.pi, 20_001, dtype=torch.float64)
    seen = {tuple(row) for row in (torch.stack([angles.cos(), angles.sin()], -1) @ inputs.T > 0).tolist()}
    every = len(list(itertools.product([0, 1], repeat=points)))
    assert cover_probability(points, dimension) == pytest.approx(len(seen) / every)


def test_half_of_twice_the_dimension_and_all_that_a_teacher_labels() -> None:
    values = separable_share(TRIALS, dimension=5, points=10, draws=100).values
    assert sum(values) / 2 == pytest.approx(0.5, abs=0.12)
    assert separable_share(TRIALS, dimension=5, points=20, draws=10, labels="teacher").values == (1.0, 1.0)
    compared = separable_share(TRIALS, dimension=5, points=10, draws=100, compared=True).values
    assert compared == pytest.approx([value - 0.5 for value in values])
