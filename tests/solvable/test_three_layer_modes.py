"""What the checker of three-layer modes measures, at a small width."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkers.settings.linear_modes import LinearModes
from checkers.solvable.three_layer_modes import half_time_error
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))
THREE = LinearModes((12.0, 8.0, 4.0), width=16, step_size=0.001)
THREE_LAYERS = {"setting": THREE, "smallest_start": 0.004, "largest_start": 0.01, "misalignment": 0.05}


def test_three_layers_follow_the_three_layer_formula() -> None:
    assert max(half_time_error(TRIALS, **THREE_LAYERS).values) < 0.01


def test_three_layers_are_late_by_the_lag_of_descent() -> None:
    with_lag = half_time_error(TRIALS, **THREE_LAYERS).values
    without = half_time_error(TRIALS, **THREE_LAYERS, formula="without lag").values
    assert all(late > 1.3 * left for late, left in zip(without, with_lag, strict=True))


@pytest.mark.parametrize(
    "change",
    [
        {"formula": "two layers"},
        {"setting": replace(THREE, activation="tanh")},
        {"misalignment": 1.0},
    ],
)
def test_three_layer_dates_are_wrong_for_another_formula_unit_or_start(change: dict[str, object]) -> None:
    assert min(half_time_error(TRIALS, **{**THREE_LAYERS, **change}).values) > 0.02
