"""The sample gain of an invariant kernel, on a small group."""

import pytest

from checkers.universality.invariant_kernels import sample_gain
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_008)))


def test_averaging_over_shifts_saves_the_samples_that_counting_harmonics_predicts() -> None:
    measured = sample_gain(TRIALS, dimension=13, test_points=200)
    assert sum(measured.values) / len(TRIALS) == pytest.approx(1.0, abs=0.3)


def test_gaussian_features_in_the_harmonics_place_save_as_much() -> None:
    measured = sample_gain(TRIALS, dimension=13, inputs="gaussian-features", test_points=200)
    assert sum(measured.values) / len(TRIALS) == pytest.approx(1.0, abs=0.3)


def test_less_is_saved_on_a_target_partly_without_the_symmetry() -> None:
    whole, broken = (sample_gain(TRIALS, dimension=13, generic_share=share, test_points=200) for share in (0.0, 0.2))
    assert sum(broken.values) < 0.85 * sum(whole.values)


def test_a_target_that_the_averaged_kernel_never_learns_is_out_of_regime() -> None:
    assert sample_gain(TRIALS, dimension=13, generic_share=0.8, test_points=200).in_regime == (False,) * 8


def test_the_plain_kernel_follows_its_predicted_learning_curve() -> None:
    (panel,) = sample_gain(TRIALS, dimension=13, test_points=400).panels
    measured, predicted, *_ = panel.lines
    assert measured.y == pytest.approx(predicted.y, abs=0.1)
