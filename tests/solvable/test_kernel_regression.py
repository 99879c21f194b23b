"""Kernel regression has the predicted risk where theory applies, and visibly another where it does not."""

import numpy as np
import pytest
import torch

from checkers.solvable.kernel_regression import (
    draw_features,
    eigenvalues,
    image_risk_ratio,
    learnability_defect,
    risk_ratio,
    sign_averaged_risk,
    target_power,
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


def test_the_average_over_signs_is_the_average_over_explicit_targets() -> None:
    trials = Trials(seeds=(100_000,))
    features = draw_features(trials, 12, 20, "gaussian")
    spectrum, power, ridge, noise = eigenvalues(20, 1.2), target_power(20, 1.5), 0.1, 0.3
    averaged = sign_averaged_risk(features, spectrum, power, ridge, noise).item()
    source = np.random.default_rng(0)
    design = features[0].numpy()
    inverse = np.linalg.inv((design * spectrum.numpy()) @ design.T + ridge * np.eye(12))
    risks = []
    for _ in range(20_000):
        target = source.choice([-1, 1], 20) * np.sqrt(power.numpy())
        labels = design @ target + noise**0.5 * source.normal(size=12)
        learned = spectrum.numpy() * (design.T @ (inverse @ labels))
        risks.append(np.sum((learned - target) ** 2) + noise)
    assert np.mean(risks) == pytest.approx(averaged, rel=0.02)


def test_eigenfunctions_are_orthonormal_under_every_design() -> None:
    for design in ("gaussian", "signs", "circle"):
        features = draw_features(Trials(seeds=(100_000,)), 20_000, 6, design)[0]
        torch.testing.assert_close(features.T @ features / 20_000, torch.eye(6).double(), atol=0.05, rtol=0)


def test_learnability_is_conserved_without_a_ridge_only() -> None:
    setting = {"points": 80, "dimension": 4, "samples": 20}
    assert max(learnability_defect(TRIALS, **setting).values) < 1e-12
    assert min(learnability_defect(TRIALS, **setting, ridge=0.1).values) > 0.02
    assert min(learnability_defect(TRIALS, **setting, share=0.5).values) > 0.02


def test_images_are_learned_as_fast_as_their_spectrum_says() -> None:
    setting = {"dataset": "digits", "pool": 500, "samples": [32], "ridge": 0.1}
    assert np.mean(image_risk_ratio(TRIALS, **setting).values) == pytest.approx(1.0, abs=0.12)
    assert min(image_risk_ratio(TRIALS, **setting, shuffled_labels=True).values) > 1.5
