"""Normalised curves of compute-optimal runs agree over sizes, and of other runs do not."""

from __future__ import annotations

import pytest

from checkers.laws.scaling_collapse import spread_over_sizes
from checkers.settings.online_regression import OnlineRegression
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))
GIVEN = {
    "setting": OnlineRegression(capacity=1.5, target=2.0, features=32, batch_size=128, step_size=0.4),
    "widths": [8, 16, 32],
    "shortest": 40,
}


def test_curves_collapse_for_the_frontier_s_exponent_alone() -> None:
    optimal = spread_over_sizes(TRIALS, **GIVEN, growth=1.5)
    half = spread_over_sizes(TRIALS, **GIVEN, growth=0.75)
    assert max(optimal.values) < 0.06
    assert min(half.values) > 2 * max(optimal.values)


def test_an_irreducible_loss_left_in_spoils_the_collapse() -> None:
    left = spread_over_sizes(TRIALS, **GIVEN, growth=1.5, unaccounted=0.1)
    assert min(left.values) > 0.06


def test_every_curve_ends_at_one() -> None:
    panel = spread_over_sizes(TRIALS, **GIVEN, growth=1.5).panels[0]
    assert [line.y[-1] for line in panel.lines] == pytest.approx([1.0] * 4)
