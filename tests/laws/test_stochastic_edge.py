"""Batch sharpness is at 2/η for full batch at its edge, and the whole loss's sharpness is another number."""

from __future__ import annotations

import pytest

from checkers.laws.stochastic_edge import held_batch_sharpness
from checkers.settings.edge_of_stability import Setting
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))
SETTING = Setting(examples=50, hidden=(16, 16), labels="random")


def test_full_batch_at_its_edge_has_a_batch_sharpness_of_two_over_the_step_size() -> None:
    measured = held_batch_sharpness(TRIALS, step_size=0.5, batch_size=50, steps=400, measurements=10, setting=SETTING)
    assert measured.in_regime == (True, True, True)
    assert measured.values == pytest.approx([4.0] * 3, rel=0.2)


def test_minibatches_hold_the_whole_loss_below_a_batch_s_curvature() -> None:
    given = {"step_size": 0.5, "batch_size": 5, "steps": 300, "measurements": 8, "setting": SETTING}
    batch = held_batch_sharpness(TRIALS, **given)
    whole = held_batch_sharpness(TRIALS, **given, judged="sharpness")
    assert all(high > 1.1 * low for high, low in zip(batch.values, whole.values, strict=True))


def test_too_short_a_run_is_out_of_regime() -> None:
    measured = held_batch_sharpness(TRIALS, step_size=0.02, batch_size=5, steps=60, measurements=4, setting=SETTING)
    assert measured.in_regime == (False, False, False)
