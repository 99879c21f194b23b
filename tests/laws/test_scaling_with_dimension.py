"""Exponents of loss against size: steeper in one dimension than in three, and what puts a seed out of regime."""

import statistics

import pytest

from checkers.laws.scaling_with_dimension import exponent
from lawbook import Trials

TRIALS = Trials(tuple(range(100_000, 100_004)))
SMALL = {"widths": [4, 6, 9], "restarts": 2}


def mean_exponent(**changes: object) -> float:
    measured = exponent(TRIALS, **{**SMALL, **changes})
    assert measured.in_regime is not None
    assert all(measured.in_regime)
    return statistics.fmean(measured.values)


def test_dimension_and_roughness_make_the_loss_fall_slower() -> None:
    line, space = mean_exponent(dimension=1), mean_exponent(dimension=3, points_per_parameter=24)
    assert line > 3
    assert 1 < space < line - 1
    assert mean_exponent(dimension=3, points_per_parameter=24, target="rough") < space / 2


def test_networks_of_two_hidden_layers_are_counted_and_trained_too() -> None:
    measured = exponent(TRIALS, dimension=2, widths=[3, 4, 5], hidden_layers=2, restarts=2)
    assert list(measured.panels[0].lines[0].x) == pytest.approx([9 + 12 + 4, 12 + 20 + 5, 15 + 30 + 6])
    assert statistics.fmean(measured.values) > 1


@pytest.mark.parametrize(("dimension", "cells"), [(1, [20, 40]), (2, [20, 40]), (3, [20, 40])])
def test_finite_elements_have_four_over_the_dimension(dimension: int, cells: list[int]) -> None:
    value = mean_exponent(dimension=dimension, widths=[*cells, 30], family="finite elements")
    assert value == pytest.approx(4 / dimension, rel=0.06)


def test_counting_pieces_gives_a_mesh_of_the_line_the_power_four() -> None:
    line = {"dimension": 1, "widths": [20, 30, 40], "family": "finite elements"}
    assert mean_exponent(**line, counted="pieces") == pytest.approx(4, abs=0.03)


def test_stopping_short_or_sampling_thinly_is_out_of_regime() -> None:
    short = exponent(TRIALS, dimension=2, **SMALL, max_steps=5)
    thin = exponent(TRIALS, dimension=3, **SMALL, points_per_parameter=3)
    assert short.in_regime == thin.in_regime == (False,) * len(TRIALS)
