"""Networks on Gaussian clones of their data against Gaussian twins, on a small configuration."""

from statistics import mean
from typing import Any

import pytest

from checkers.universality.low_order_statistics import Training, gap_beyond_twin
from lawbook import Trials

TRIALS = Trials((200_000, 200_001, 200_002, 200_003))
SHORT: dict[str, Any] = {"training": Training(width=32, steps=60)}
WITHOUT_MEANS: dict[str, Any] = {
    "covariances": "own",
    "class_means": "removed",
    "training": Training(width=32),
}


def test_early_in_training_clones_are_as_good_as_the_data() -> None:
    measured = gap_beyond_twin(TRIALS, covariances="own", **SHORT)
    assert measured.in_regime == (True,) * 4
    assert mean(measured.values) < 0.012


def test_clones_that_keep_only_the_means_are_not() -> None:
    assert mean(gap_beyond_twin(TRIALS, covariances="isotropic", **SHORT).values) > 0.014
    assert mean(gap_beyond_twin(TRIALS, covariances="pooled", **SHORT).values) > 0.014


def test_clones_with_another_class_moments_are_not() -> None:
    assert min(gap_beyond_twin(TRIALS, covariances="own", classes="shifted", **SHORT).values) > 0.3


def test_gaussian_data_differ_little_from_their_twin_with_means_or_without() -> None:
    assert mean(gap_beyond_twin(TRIALS, covariances="own", data="gaussian", **SHORT).values) < 0.012
    assert mean(gap_beyond_twin(TRIALS, data="gaussian", **WITHOUT_MEANS).values) < 0.05
    assert mean(gap_beyond_twin(TRIALS, **WITHOUT_MEANS).values) > 0.07


def test_a_network_that_has_not_learned_yet_is_out_of_regime() -> None:
    measured = gap_beyond_twin(TRIALS, covariances="own", training=Training(steps=2))
    assert measured.in_regime == (False,) * 4


def test_only_the_first_examples_are_trained_on_where_they_are_counted() -> None:
    whole = gap_beyond_twin(TRIALS, covariances="own", **SHORT).values
    assert gap_beyond_twin(TRIALS, covariances="own", examples=1400, **SHORT).values == whole
    assert gap_beyond_twin(TRIALS, covariances="own", examples=900, **SHORT).values != whole
    with pytest.raises(ValueError, match="cannot have every covariance in 64 dimensions"):
        gap_beyond_twin(TRIALS, covariances="own", examples=600, **SHORT)
