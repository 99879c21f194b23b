"""Kernel regression has the predicted risk where theory applies, and visibly another where it does not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from checkers.settings.kernel_regression import Eigenbasis
from checkers.solvable.kernel_regression import (
    image_risk_ratio,
    learnability_defect,
    learnability_error,
    risk_ratio,
)
from checkers.theory.kernel_regression_risk import overfitting_factor, predicted_risk
from lawbook import Trials
from lawbook.registry.load import load_registry

ROOT = Path(__file__).parents[2]

TRIALS = Trials(seeds=tuple(range(100_000, 100_006)))
BASIS = Eigenbasis(modes=256, spectrum_exponent=1.5, target_exponent=1.75)
SETTING = {"samples": [64], "setting": BASIS}


@pytest.mark.parametrize("design", ["gaussian", "signs"])
@pytest.mark.parametrize("regularised", [{}, {"ridge": 0.05, "noise": 0.2}])
def test_independent_features_have_the_predicted_risk(design: str, regularised: dict[str, float]) -> None:
    setting = replace(BASIS, design=design)
    values = risk_ratio(TRIALS, samples=[64], setting=setting, **regularised).values
    assert np.mean(values) == pytest.approx(1.0, abs=0.05)


def test_another_target_with_the_same_coefficients_has_another_risk() -> None:
    assert min(risk_ratio(TRIALS, **SETTING, permuted_target=True).values) > 3


def test_the_circle_without_a_ridge_is_worse_than_predicted() -> None:
    circle = replace(BASIS, design="circle")
    assert np.mean(risk_ratio(TRIALS, samples=[64], setting=circle).values) > 1.08


def test_an_exponential_spectrum_without_a_ridge_is_worse_than_predicted() -> None:
    many = Trials(seeds=tuple(range(100_000, 100_064)))
    setting = Eigenbasis(modes=128, spectrum_exponent=0.5, target_exponent=1.75, spectrum="exponential")
    assert np.mean(risk_ratio(many, samples=[16, 24, 32], setting=setting).values) > 1.08
    assert np.mean(risk_ratio(many, samples=[64], setting=setting, ridge=1.0).values) == pytest.approx(1.0, abs=0.03)


def test_rivals_of_the_claim_are_what_their_formulas_give() -> None:
    checks = load_registry(ROOT).claims["kernel-regression-risk"].checks
    found = {}
    for check in checks[:2]:
        asked = check.quick.params
        basis, ridge, noise = Eigenbasis(**asked["setting"]), asked.get("ridge", 0.0), asked.get("noise", 0.0)
        spectrum, power = basis.eigenvalues(), basis.target_power()
        found[check.name] = {
            "without-overfitting": np.mean([1 / overfitting_factor(spectrum, n, ridge) for n in asked["samples"]]),
            "ridge-divided-by-n": np.mean(
                [
                    predicted_risk(spectrum, power, n, ridge=ridge / n, noise=noise)
                    / predicted_risk(spectrum, power, n, ridge=ridge, noise=noise)
                    for n in asked["samples"]
                ]
            ),
        }
    assert found["ridgeless"]["without-overfitting"] == pytest.approx(0.57, abs=0.005)
    assert found["ridge-and-noise"]["without-overfitting"] == pytest.approx(0.61, abs=0.005)
    assert found["ridge-and-noise"]["ridge-divided-by-n"] == pytest.approx(1.053, abs=0.0005)


def test_learnability_is_conserved_without_a_ridge_only() -> None:
    setting = {"points": 80, "dimension": 4, "samples": 20}
    assert max(learnability_defect(TRIALS, **setting).values) < 1e-12
    assert min(learnability_defect(TRIALS, **setting, ridge=0.1).values) > 0.02
    assert min(learnability_defect(TRIALS, **setting, share=0.5).values) > 0.02


def test_every_learnability_is_the_share_of_its_own_eigenvalue() -> None:
    setting = {"points": 150, "dimension": 10, "samples": 25, "draws": 24}
    assert max(learnability_error(TRIALS, **setting).values) < 0.12
    assert min(learnability_error(TRIALS, **setting, shuffled_spectrum=True).values) > 0.5
    assert min(learnability_error(TRIALS, **setting, formula="leading n").values) > 0.4


def test_images_are_learned_as_fast_as_their_spectrum_says() -> None:
    setting = {"dataset": "digits", "pool": 500, "samples": [32], "ridge": 0.1}
    assert np.mean(image_risk_ratio(TRIALS, **setting).values) == pytest.approx(1.0, abs=0.12)
    assert min(image_risk_ratio(TRIALS, **setting, shuffled_labels=True).values) > 1.5
