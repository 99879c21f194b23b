"""The sample gain of an invariant kernel, on a small group."""

import pytest

from checkers.universality.invariant_kernels import sample_gain
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_008)))


def test_averaging_over_shifts_saves_the_samples_that_counting_harmonics_predicts() -> None:
    measured = sample_gain(TRIALS, dimension=13, test_points=200)
    assert sum(measured.values) / len(TRIALS) == pytest.approx(1.0, abs=0.3)


def test_nothing_is_saved_on_a_target_without_the_symmetry() -> None:
    measured = sample_gain(TRIALS, dimension=13, target="generic", test_points=200)
    assert max(measured.values) < 0.6


def test_the_plain_kernel_follows_its_predicted_learning_curve() -> None:
    (panel,) = sample_gain(TRIALS, dimension=13, test_points=400).panels
    measured, predicted, *_ = panel.lines
    assert measured.y == pytest.approx(predicted.y, abs=0.1)
