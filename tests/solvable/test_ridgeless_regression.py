"""Least squares has its exact risk around the peak and beyond; a ridge does not."""

from dataclasses import replace

import numpy as np
import pytest

from checkers.solvable.ridgeless_regression import (
    Regression,
    mean_risk_ratio,
    peak_median_ratio,
    risk_at,
    second_minimum,
)
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_004)))
FEATURES = [10, 20, 70, 120]
PLAIN = Regression(samples=40, draws=100)
MINIMUM = Regression(samples=19, draws=500, signal=4.0, noise=1.0)
BEYOND = [25, 29, 33, 37, 42, 48, 55, 62]


def test_the_mean_is_exact_away_from_the_threshold() -> None:
    assert np.mean(mean_risk_ratio(TRIALS, features=FEATURES, setting=PLAIN).values) == pytest.approx(1.0, abs=0.03)


def test_the_tuned_ridge_beats_the_formula_everywhere() -> None:
    tuned = replace(PLAIN, ridge="tuned")
    assert max(mean_risk_ratio(TRIALS, features=FEATURES, setting=tuned).values) < 0.95


def test_the_mean_close_to_the_threshold_is_above_the_asymptotic_one() -> None:
    measured = np.mean(risk_at(TRIALS, features=30, setting=replace(PLAIN, draws=400)).values)
    assert measured == pytest.approx(0.25 * 30 / 9, rel=0.04)
    assert measured > 1.06 * 0.25 * 30 / 10


def test_the_second_minimum_lies_where_signal_and_noise_put_it() -> None:
    measured = second_minimum(TRIALS, features=BEYOND, setting=MINIMUM)
    assert measured.in_regime == (True,) * 4
    assert np.mean(measured.values) == pytest.approx(2.0, abs=0.08)


def test_there_is_no_second_minimum_where_noise_exceeds_the_signal() -> None:
    noisy = replace(MINIMUM, signal=0.8)
    assert second_minimum(TRIALS, features=BEYOND, setting=noisy).in_regime == (False,) * 4


def test_the_median_at_the_threshold_is_predicted_and_falls_beside_it_or_with_a_ridge() -> None:
    setting = Regression(samples=30, draws=300)
    tuned = replace(setting, ridge="tuned")
    assert np.mean(peak_median_ratio(TRIALS, setting=setting).values) == pytest.approx(1.0, abs=0.2)
    assert max(peak_median_ratio(TRIALS, setting=setting, extra_features=1).values) < 0.5
    assert max(peak_median_ratio(TRIALS, setting=tuned).values) < 0.1
