"""Bounds lie above what they bound, and every measure gives a correlation."""

import pytest

from checkers.laws.generalisation_bounds import bound_correlation, bound_tightness
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = {"examples": 40, "width": 8, "steps": 60}


def test_the_pac_bayes_bound_lies_above_the_error_it_bounds() -> None:
    assert min(bound_tightness(TRIALS, **SMALL).values) > 1


@pytest.mark.parametrize("measure", ["spectral", "frobenius", "flatness", "pac-bayes"])
def test_every_measure_gives_a_correlation(measure: str) -> None:
    values = bound_correlation(TRIALS, measure=measure, within_noise_level=True, **SMALL).values  # type: ignore[arg-type]
    assert all(-1 <= value <= 1 for value in values)
