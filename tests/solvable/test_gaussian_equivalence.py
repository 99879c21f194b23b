"""Random features and their Gaussian surrogate share a learning curve in high dimension only."""

import math

import numpy as np
import pytest

from checkers.solvable.gaussian_equivalence import RandomFeatures, gaussian_moments, risk_ratio
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_008)))
MANY = Trials(seeds=tuple(range(100_000, 100_032)))
RIDGE = {"samples_per_dimension": [0.5, 3.0], "ridge": 0.01, "noise": 0.1}


def mean_ratio(trials: Trials, surrogate: str = "formula", rest_factor: float = 1.0, **change: object) -> float:
    setting = RandomFeatures(dimension=80, features_per_dimension=1.5, **change)
    measured = risk_ratio(trials, setting=setting, **RIDGE, surrogate=surrogate, rest_factor=rest_factor)
    return float(np.mean(measured.values))


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_features_and_surrogate_have_the_same_risk(activation: str) -> None:
    assert mean_ratio(TRIALS, activation=activation) == pytest.approx(1.0, abs=0.1)


def test_another_size_of_the_noise_is_seen() -> None:
    assert mean_ratio(TRIALS, rest_factor=0.75) > 1.1
    assert mean_ratio(TRIALS, rest_factor=1.25) < 0.93


def test_the_formula_has_another_covariance_for_low_dimensional_inputs_and_spikes() -> None:
    assert mean_ratio(TRIALS, inputs="two-dimensional") < 0.8
    assert mean_ratio(TRIALS, spike=3.0) > 1.5


def test_a_surrogate_of_matched_covariance_agrees_where_features_project_like_gaussians() -> None:
    assert mean_ratio(TRIALS, "matched") == pytest.approx(1.0, abs=0.1)


def test_a_strong_spike_breaks_the_equivalence_at_matched_covariance_too() -> None:
    assert mean_ratio(MANY, "matched", spike=6.0) > 1.12


def test_two_numbers_err_upwards_once_the_covariance_is_matched() -> None:
    assert 1.05 < mean_ratio(MANY, "matched", inputs="two-dimensional") < 2.0


def test_moments_of_relu_are_the_known_ones() -> None:
    mean, slope, rest = gaussian_moments("relu")
    assert (mean, slope) == pytest.approx((1 / math.sqrt(2 * math.pi), 0.5))
    assert rest**2 == pytest.approx(0.5 - 1 / (2 * math.pi) - 0.25)
