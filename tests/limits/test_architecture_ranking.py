"""Ranking architectures by the kernels of infinite width before any is trained."""

from __future__ import annotations

import pytest

from checkers.limits.architecture_ranking import Family, Task, rank_correlation
from lawbook import Trials

TRIALS = Trials((100_001, 100_002))
FAMILY = Family(depths=(2, 5), gains=(0.6, 2.0), bias_scales=(0.0, 1.0))


def test_infinitely_wide_networks_are_ranked_by_their_own_kernels() -> None:
    found = rank_correlation(TRIALS, family=FAMILY, task=Task(examples=50, networks="infinitely wide"))
    assert min(found.values) > 0.9


def test_networks_are_ranked_the_other_way_round_by_labels_that_mean_nothing() -> None:
    true = rank_correlation(TRIALS, family=FAMILY, task=Task(examples=50))
    shuffled = rank_correlation(TRIALS, family=FAMILY, task=Task(examples=50, labels="shuffled"))
    assert min(true.values) > 0.5
    assert max(shuffled.values) < 0


def test_the_number_of_parameters_is_another_score() -> None:
    # One depth: without biases there are fewer parameters, and nothing else differs.
    family = Family(depths=(3,), gains=(1.0,), bias_scales=(0.0, 0.5))
    found = rank_correlation(TRIALS, family=family, task=Task(examples=50, steps=20), score="parameters")
    assert all(abs(value) < 1 for value in found.values)


def test_a_family_has_every_combination_once() -> None:
    members = Family().members()
    assert len(set(members)) == len(members) == 36
    assert {member.activation for member in members} == {"erf", "relu"}


@pytest.mark.parametrize("score", ["gradient norm", "condition number"])
def test_published_scores_give_one_correlation_a_seed(score: str) -> None:
    found = rank_correlation(TRIALS, family=FAMILY, task=Task(examples=30, steps=5), score=score)  # type: ignore[arg-type]
    assert all(-1 <= value <= 1 for value in found.values)
