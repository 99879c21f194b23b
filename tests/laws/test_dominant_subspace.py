"""Steep directions hold the gradient of a noisy run, and none of its progress."""

from __future__ import annotations

import pytest

from checkers.laws.dominant_subspace import progress_within, share_along_leading_eigenvectors
from checkers.settings.edge_of_stability import Setting
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))
SETTING = Setting(examples=100, hidden=(16,))


def test_noise_puts_the_gradient_along_steep_directions_and_calm_descent_does_not() -> None:
    given = {"measurements": 6, "setting": SETTING}
    noisy = share_along_leading_eigenvectors(TRIALS, step_size=0.2, steps=200, **given)
    calm = share_along_leading_eigenvectors(TRIALS, step_size=0.05, steps=600, batch_size=None, **given)
    alien = share_along_leading_eigenvectors(TRIALS, step_size=0.2, steps=200, other_seed=True, **given)
    assert min(noisy.values) > 0.2
    assert max(calm.values) < 0.1
    assert max(alien.values) < 0.1


def test_the_rest_of_the_gradient_learns_and_its_dominant_part_does_not() -> None:
    given = {"step_size": 0.2, "batch_size": 10, "before": 100, "steps": 60, "setting": SETTING}
    rest, dominant, nearly_all = (
        progress_within(TRIALS, part=part, **given).values for part in ("bulk", "dominant", "outside random")
    )
    assert min(rest) > 0.6
    assert max(dominant) < 0.4
    assert nearly_all == pytest.approx([1.0] * 3, abs=0.15)
