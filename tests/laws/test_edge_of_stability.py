"""What the checkers of the edges of stability measure, on tasks of a second or two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkers.laws.edge_of_stability import plateau_preconditioned_sharpness, plateau_sharpness
from checkers.settings.edge_of_stability import Setting
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))
DEEP = Setting(examples=50, hidden=(16, 16))
SHALLOW = Setting(examples=50, hidden=(16,))


def test_gradient_descent_settles_at_its_edge_and_minibatches_do_not() -> None:
    settings = {"step_size": 0.5, "steps": 250, "setting": replace(DEEP, labels="random")}
    full = plateau_sharpness(TRIALS, **settings)  # type: ignore[arg-type]
    noisy = plateau_sharpness(TRIALS, batch_size=5, **settings)  # type: ignore[arg-type]
    assert full.in_regime == (True, True, True)
    assert all(0.9 * 4 < value < 1.25 * 4 for value in full.values)  # the edge is 2/0.5
    assert all(value < 0.9 * 4 for value in noisy.values)


def test_a_small_step_size_is_out_of_regime() -> None:
    measured = plateau_sharpness(TRIALS, step_size=0.02, steps=60, setting=SHALLOW)
    assert measured.in_regime == (False, False, False)


def test_starting_above_the_edge_is_out_of_regime() -> None:
    measured = plateau_sharpness(
        TRIALS, step_size=0.5, steps=60, setting=replace(SHALLOW, weight_scale=2.0, labels="random")
    )
    assert measured.in_regime == (False, False, False)


def test_momentum_raises_the_edge_that_is_asked_for() -> None:
    settings = {"step_size": 0.3, "steps": 60, "setting": SHALLOW}
    plain = plateau_sharpness(TRIALS, **settings)  # type: ignore[arg-type]
    heavy = plateau_sharpness(TRIALS, momentum=0.5, **settings)  # type: ignore[arg-type]
    edges = [measured.panels[0].lines[1].y[0] for measured in (plain, heavy)]
    assert edges == pytest.approx([2 / 0.3, 3 / 0.3])


def test_adam_settles_at_the_edge_of_its_own_momentum() -> None:
    settings = {"step_size": 0.004, "steps": 400, "setting": replace(DEEP, labels="random")}
    for beta1, edge in ((0.9, 38 / 0.004), (0.5, 6 / 0.004)):
        measured = plateau_preconditioned_sharpness(TRIALS, beta1=beta1, **settings)  # type: ignore[arg-type]
        assert measured.in_regime == (True, True, True)
        assert measured.values == pytest.approx([edge] * 3, rel=0.2)
        assert measured.panels[0].lines[1].y[0] == pytest.approx(edge)
