"""The omniscient risk: its defining equation, its bounds, its limits, and a Monte Carlo of real regressions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.theory.kernel_regression_risk import (
    effective_ridge,
    learnabilities,
    overfitting_factor,
    predicted_risk,
)

spectra = st.lists(st.floats(1e-4, 10.0), min_size=12, max_size=30)
ridges = st.floats(1e-6, 10.0)


@given(spectrum=spectra, samples=st.integers(1, 40), ridge=ridges)
def test_the_effective_ridge_solves_its_equation(spectrum: list[float], samples: int, ridge: float) -> None:
    kappa = effective_ridge(spectrum, samples, ridge)
    values = np.array(spectrum)
    assert np.sum(values / (values + kappa)) + ridge / kappa == pytest.approx(samples, rel=1e-6)


@given(spectrum=spectra, samples=st.integers(1, 11))
def test_without_a_ridge_the_learnabilities_sum_to_the_samples(spectrum: list[float], samples: int) -> None:
    assert np.sum(learnabilities(spectrum, samples)) == pytest.approx(samples, rel=1e-8)


@given(spectrum=spectra, samples=st.integers(1, 11), ridge=ridges)
def test_a_ridge_lowers_every_learnability(spectrum: list[float], samples: int, ridge: float) -> None:
    assert np.all(learnabilities(spectrum, samples, ridge) <= learnabilities(spectrum, samples) + 1e-12)


def test_without_samples_to_spare_the_risk_is_that_of_isotropic_least_squares() -> None:
    features, samples, noise = 300, 100, 0.3
    power = np.full(features, 1 / features)
    expected = (1 - samples / features) + noise * samples / (features - samples) + noise
    assert predicted_risk(np.ones(features), power, samples, noise=noise) == pytest.approx(expected, rel=1e-9)


def test_a_huge_ridge_learns_nothing() -> None:
    assert predicted_risk([1.0, 0.5, 0.1], [1.0, 2.0, 3.0], 2, ridge=1e9) == pytest.approx(6.0, rel=1e-6)


def test_more_samples_than_eigenvalues_need_a_ridge() -> None:
    with pytest.raises(ValueError, match="more than 3 positive eigenvalues"):
        effective_ridge([1.0, 1.0, 0.0], 3)


def test_simulated_regressions_have_the_predicted_risk() -> None:
    source = np.random.default_rng(1)
    features, samples, ridge, noise = 120, 60, 0.05, 0.1
    spectrum = np.arange(1, features + 1) ** -1.2
    target = source.choice([-1, 1], features) * np.arange(1, features + 1) ** -0.8
    risks = []
    for _ in range(400):
        design = source.normal(size=(samples, features))
        labels = design @ target + noise**0.5 * source.normal(size=samples)
        gram = (design * spectrum) @ design.T + ridge * np.eye(samples)
        learned = spectrum * (design.T @ np.linalg.solve(gram, labels))
        risks.append(np.sum((learned - target) ** 2) + noise)
    predicted = predicted_risk(spectrum, target**2, samples, ridge=ridge, noise=noise)
    assert np.mean(risks) == pytest.approx(predicted, rel=0.03)


def test_the_overfitting_factor_is_the_risk_of_pure_noise_over_its_variance() -> None:
    spectrum = np.arange(1, 60) ** -1.3
    noise_alone = predicted_risk(spectrum, np.zeros(59), 20, ridge=0.05, noise=0.7)
    assert overfitting_factor(spectrum, 20, 0.05) == pytest.approx(noise_alone / 0.7)
    assert overfitting_factor(spectrum, 20, 1e9) == pytest.approx(1.0)


def test_the_overfitting_factor_of_an_exponential_spectrum_grows_with_the_samples() -> None:
    spectrum = np.exp(-0.5 * np.arange(1, 200))
    assert [overfitting_factor(spectrum, n) / n for n in (20, 40)] == pytest.approx([0.5, 0.5], rel=0.01)
