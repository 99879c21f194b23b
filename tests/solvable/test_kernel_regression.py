"""Kernel regression has the predicted risk where theory applies, and visibly another where it does not."""

from dataclasses import replace

import numpy as np
import pytest

from checkers.settings.kernel_regression import Eigenbasis
from checkers.solvable.kernel_regression import (
    image_risk_ratio,
    learnability_defect,
    learnability_error,
    risk_ratio,
)
from lawbook import Trials

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
    assert np.mean(risk_ratio(many, samples=[64], setting=setting, ridge=1.0).values) == pytest.approx(
        1.0, abs=0.03
    )


def test_other_conventions_and_a_missing_factor_are_seen() -> None:
    setting = {**SETTING, "ridge": 0.05, "noise": 0.2}
    full = np.mean(risk_ratio(TRIALS, **setting).values)
    assert np.mean(risk_ratio(TRIALS, **setting, formula="without 𝓔₀").values) > 1.2 * full
    assert np.mean(risk_ratio(TRIALS, **setting, formula="ridge divided by n").values) < 0.95 * full


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
