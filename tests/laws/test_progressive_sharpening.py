"""What the checkers of progressive sharpening measure, on tasks of a second or two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkers.laws.progressive_sharpening import sharpness_growth, where_the_rise_stops
from checkers.settings.edge_of_stability import Setting
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))
DEEP = Setting(examples=50, hidden=(16, 16))


def test_the_rise_stops_at_the_edge_or_where_learning_ends() -> None:
    settings = {"step_size": 0.17, "divisor": 2.0, "time": 100.0}
    hard = Setting(examples=100, labels="random", hidden=(32, 32, 32, 32), weight_scale=1.0)
    rising = where_the_rise_stops(TRIALS, setting=hard, **settings)  # type: ignore[arg-type]
    constant = where_the_rise_stops(TRIALS, setting=replace(hard, hidden=()), **settings)  # type: ignore[arg-type]
    assert min(rising.values) > 1.3
    assert constant.values == pytest.approx([1.0, 1.0, 1.0], rel=1e-3)


def test_a_linear_model_does_not_sharpen_and_a_network_does() -> None:
    linear = sharpness_growth(TRIALS, step_size=0.05, steps=150, setting=replace(DEEP, hidden=()))
    deep = sharpness_growth(TRIALS, step_size=0.2, steps=150, setting=DEEP)
    assert linear.values == pytest.approx([1.0, 1.0, 1.0], rel=1e-3)
    assert all(value > 1.2 for value in deep.values)


def test_from_large_weights_the_sharpness_falls_first() -> None:
    small, large = (
        sharpness_growth(TRIALS, step_size=0.2, steps=150, setting=replace(DEEP, weight_scale=scale))
        for scale in (0.5, 1.0)
    )
    assert all(low < high for low, high in zip(large.values, small.values, strict=True))
    sharpness = large.panels[0].lines[0].y
    assert min(sharpness) < 0.95 * sharpness[0]


def test_a_lazy_network_keeps_its_sharpness_the_better_the_lazier_and_learns() -> None:
    rich, lazy, lazier = (
        sharpness_growth(TRIALS, step_size=0.2, steps=300, setting=DEEP, lazy_scale=scale).values
        for scale in (None, 10.0, 100.0)
    )
    assert all(value > 1.2 for value in rich)
    assert max(abs(value - 1) for value in lazy) < 0.2
    assert lazier == pytest.approx([1, 1, 1], abs=0.05)  # the first eigenvalue may be its neighbour


def test_laziness_changes_neither_the_first_loss_nor_the_speed_of_the_outputs() -> None:
    settings = {"step_size": 0.2, "steps": 20, "setting": DEEP}
    lazy, lazier = (sharpness_growth(TRIALS, lazy_scale=scale, **settings) for scale in (30.0, 100.0))  # type: ignore[arg-type]
    loss, lazier_loss = (measured.panels[1].lines[0].y for measured in (lazy, lazier))
    assert loss == pytest.approx(lazier_loss, rel=1e-2)
    assert loss[0] == pytest.approx(0.5, rel=1e-4)  # half the square of a one-hot target


def test_growth_at_the_edge_is_out_of_regime() -> None:
    measured = sharpness_growth(TRIALS, step_size=0.8, steps=150, setting=replace(DEEP, labels="random"))
    assert measured.in_regime == (False, False, False)
