"""Slopes of learning curves from the data alone, by three accounts of their origin."""

from statistics import mean

from checkers.laws.origin_of_exponents import exponent_gap
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_024)))
SMALL = {"samples": [16, 32, 64], "pool": 600, "dataset": "mnist1d"}


def gap(**options: object) -> float:
    return mean(exponent_gap(TRIALS, **SMALL, **options).values)


def test_the_spectrum_gives_the_exponent_and_the_dimension_does_not() -> None:
    assert abs(gap()) < 0.04
    assert gap(origin="dimension") < -0.15


def test_independent_features_of_that_spectrum_follow_the_theory() -> None:
    assert abs(gap(inputs="gaussian features")) < 0.02


def test_labels_in_another_order_are_not_learned() -> None:
    assert gap(shuffled_labels=True) < gap() - 0.02
