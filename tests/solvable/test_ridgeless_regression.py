"""Least squares has its exact risk around the peak; a ridge or the asymptotic formula does not."""

import numpy as np
import pytest

from checkers.solvable.ridgeless_regression import mean_risk_ratio, peak_risk
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_004)))
SETTING = {"samples": 40, "features": [10, 20, 70, 120], "draws": 100, "signal": 1.0, "noise": 0.25}


def test_the_mean_is_exact_away_from_the_threshold() -> None:
    assert np.mean(mean_risk_ratio(TRIALS, **SETTING).values) == pytest.approx(1.0, abs=0.03)


def test_the_tuned_ridge_beats_the_formula_everywhere() -> None:
    assert max(mean_risk_ratio(TRIALS, **SETTING, ridge="tuned").values) < 0.95


def test_the_asymptotic_formula_fails_close_to_the_threshold() -> None:
    near = {**SETTING, "features": [30, 50]}
    assert np.mean(mean_risk_ratio(TRIALS, **near, formula="asymptotic").values) > 1.06


def test_the_median_at_the_threshold_is_predicted_and_a_ridge_removes_it() -> None:
    many = Trials(seeds=tuple(range(100_000, 100_600)))
    setting = {"samples": 30, "features": 30, "signal": 1.0, "noise": 0.25}
    assert np.median(peak_risk(many, **setting).values) == pytest.approx(1.0, abs=0.25)
    assert np.median(peak_risk(many, **setting, ridge="tuned").values) < 0.1
