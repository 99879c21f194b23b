"""A memoriser's learning curve has the exponent of the tail of its tasks' frequencies."""

import pytest

from checkers.laws.zipf_learning import capacity_exponent, sample_exponent_ratio
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))


def test_samples_follow_the_finite_sum() -> None:
    given = {"exponent": 0.5, "samples": [100, 1000, 5000], "tasks": 100_000}
    values = sample_exponent_ratio(TRIALS, **given).values
    assert sum(values) / 3 == pytest.approx(1.0, abs=0.02)
    geometric = sample_exponent_ratio(TRIALS, **given, frequencies="geometric").values
    assert sum(geometric) / 3 == pytest.approx(3.0, rel=0.2)


def test_capacity_follows_the_tail() -> None:
    assert capacity_exponent(TRIALS, exponent=0.5, capacities=[100, 1000]).values == pytest.approx(
        [-0.5] * 3, abs=0.002
    )
