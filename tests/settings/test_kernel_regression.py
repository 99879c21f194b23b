"""Eigenfunctions at random inputs, and the risk averaged exactly over targets, against plain draws."""

import numpy as np
import pytest
import torch

from checkers.settings.kernel_regression import (
    Eigenbasis,
    draw_features,
    eigenvalues,
    sign_averaged_risk,
    target_power,
)
from lawbook import Trials


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


def test_a_basis_has_the_spectrum_it_says() -> None:
    power = Eigenbasis(modes=4, spectrum_exponent=2.0, target_exponent=1.0)
    torch.testing.assert_close(power.eigenvalues(), torch.tensor([1, 1 / 4, 1 / 9, 1 / 16]).double())
    torch.testing.assert_close(power.target_power(), torch.tensor([1, 1 / 2, 1 / 3, 1 / 4]).double())
    exponential = Eigenbasis(modes=3, spectrum_exponent=0.5, target_exponent=1.0, spectrum="exponential")
    torch.testing.assert_close(exponential.eigenvalues(), torch.tensor([-0.5, -1.0, -1.5]).double().exp())
