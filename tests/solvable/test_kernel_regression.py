"""Kernel regression has the predicted risk where theory applies, and visibly another where it does not."""

import numpy as np
import pytest

from checkers.solvable.kernel_regression import (
    image_risk_ratio,
    learnability_defect,
    risk_ratio,
)
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_006)))
SETTING = {"samples": [64], "modes": 256, "spectrum_exponent": 1.5, "target_exponent": 1.75, "ridge": 0.0}


@pytest.mark.parametrize("design", ["gaussian", "signs"])
@pytest.mark.parametrize("regularised", [{}, {"ridge": 0.05, "noise": 0.2}])
def test_independent_features_have_the_predicted_risk(design: str, regularised: dict[str, float]) -> None:
    values = risk_ratio(TRIALS, **{**SETTING, **regularised}, design=design).values
    assert np.mean(values) == pytest.approx(1.0, abs=0.05)


def test_another_target_with_the_same_coefficients_has_another_risk() -> None:
    assert min(risk_ratio(TRIALS, **SETTING, permuted_target=True).values) > 3


def test_the_circle_without_a_ridge_is_worse_than_predicted() -> None:
    assert np.mean(risk_ratio(TRIALS, **SETTING, design="circle").values) > 1.08


def test_learnability_is_conserved_without_a_ridge_only() -> None:
    setting = {"points": 80, "dimension": 4, "samples": 20}
    assert max(learnability_defect(TRIALS, **setting).values) < 1e-12
    assert min(learnability_defect(TRIALS, **setting, ridge=0.1).values) > 0.02
    assert min(learnability_defect(TRIALS, **setting, share=0.5).values) > 0.02


def test_images_are_learned_as_fast_as_their_spectrum_says() -> None:
    setting = {"dataset": "digits", "pool": 500, "samples": [32], "ridge": 0.1}
    assert np.mean(image_risk_ratio(TRIALS, **setting).values) == pytest.approx(1.0, abs=0.12)
    assert min(image_risk_ratio(TRIALS, **setting, shuffled_labels=True).values) > 1.5
