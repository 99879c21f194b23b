"""Random features and their Gaussian surrogate share a learning curve in high dimension only."""

import math

import numpy as np
import pytest

from checkers.solvable.gaussian_equivalence import gaussian_moments, risk_ratio
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_008)))
MANY = Trials(seeds=tuple(range(100_000, 100_032)))
SETTING = {
    "dimension": 80,
    "features_per_dimension": 1.5,
    "samples_per_dimension": [0.5, 3.0],
    "ridge": 0.01,
    "noise": 0.1,
}


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_features_and_surrogate_have_the_same_risk(activation: str) -> None:
    values = risk_ratio(TRIALS, **SETTING, activation=activation).values
    assert np.mean(values) == pytest.approx(1.0, abs=0.1)


def test_the_formula_has_another_covariance_for_low_dimensional_inputs_and_spikes() -> None:
    assert np.mean(risk_ratio(TRIALS, **SETTING, inputs="two-dimensional").values) < 0.8
    assert np.mean(risk_ratio(TRIALS, **SETTING, spike=3.0).values) > 1.5


def test_a_surrogate_of_matched_covariance_agrees_where_features_project_like_gaussians() -> None:
    values = risk_ratio(TRIALS, **SETTING, surrogate="matched").values
    assert np.mean(values) == pytest.approx(1.0, abs=0.1)


def test_a_strong_spike_breaks_the_equivalence_at_matched_covariance_too() -> None:
    assert np.mean(risk_ratio(MANY, **SETTING, surrogate="matched", spike=6.0).values) > 1.12


def test_two_numbers_err_upwards_once_the_covariance_is_matched() -> None:
    values = risk_ratio(MANY, **SETTING, surrogate="matched", inputs="two-dimensional").values
    assert 1.05 < np.mean(values) < 2.0


def test_moments_of_relu_are_the_known_ones() -> None:
    mean, slope, rest = gaussian_moments("relu")
    assert (mean, slope) == pytest.approx((1 / math.sqrt(2 * math.pi), 0.5))
    assert rest**2 == pytest.approx(0.5 - 1 / (2 * math.pi) - 0.25)
