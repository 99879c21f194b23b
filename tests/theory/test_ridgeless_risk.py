"""Exact risks of minimum-norm least squares against brute force, and the bidiagonal route against real matrices."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.theory.ridgeless_risk import asymptotic_risk, mean_risk, optimal_ridge, risk_draws


def brute_force_risks(features: int, samples: int, signal: float, noise: float, draws: int) -> np.ndarray:
    source = np.random.default_rng(2)
    direction = np.zeros(features)
    direction[0] = signal**0.5
    risks = []
    for _ in range(draws):
        inverse = np.linalg.pinv(inputs := source.normal(size=(samples, features)))
        risks.append(np.sum((inverse @ (inputs @ direction) - direction) ** 2) + noise * np.sum(inverse**2))
    return np.array(risks)


@pytest.mark.parametrize(("features", "samples"), [(8, 20), (20, 8), (13, 20), (27, 20)])
def test_the_exact_mean_is_that_of_pseudo_inverses(features: int, samples: int) -> None:
    risks = brute_force_risks(features, samples, 2.0, 0.5, 4000)
    error = 4 * risks.std() / math.sqrt(len(risks))
    assert mean_risk(features, samples, signal=2.0, noise=0.5) == pytest.approx(risks.mean(), abs=error)


@pytest.mark.parametrize(("features", "samples"), [(12, 12), (11, 12), (14, 12)])
def test_the_bidiagonal_draws_have_the_distribution_of_pseudo_inverses(features: int, samples: int) -> None:
    measured = brute_force_risks(features, samples, 1.0, 0.25, 4000)
    drawn = risk_draws(features, samples, signal=1.0, noise=0.25, draws=200_000, seed=3)
    for quantile in (0.25, 0.5, 0.75):
        assert np.quantile(measured, quantile) == pytest.approx(np.quantile(drawn, quantile), rel=0.08)


@pytest.mark.parametrize("features", [99, 100, 101])
def test_the_mean_is_infinite_at_the_threshold(features: int) -> None:
    assert mean_risk(features, 100, signal=1.0, noise=0.1) == math.inf


@given(samples=st.integers(5, 200), gap=st.integers(2, 300), over=st.booleans())
def test_the_asymptotic_formula_is_always_too_low(samples: int, gap: int, over: bool) -> None:
    features = samples + gap if over else max(1, samples - gap)
    if abs(features - samples) >= 2:
        exact = mean_risk(features, samples, signal=1.0, noise=0.5)
        assert asymptotic_risk(features, samples, signal=1.0, noise=0.5) < exact


def test_without_noise_fewer_features_than_samples_are_learned_exactly() -> None:
    assert mean_risk(100, 100, signal=3.0, noise=0.0) == 0


def test_the_optimal_ridge_beats_its_neighbours() -> None:
    source, features, samples, noise = np.random.default_rng(4), 30, 20, 0.5

    def mean_ridge_risk(ridge: float) -> float:
        risks = []
        for design in designs:
            inverse = np.linalg.inv(design.T @ design + ridge * np.eye(features))
            bias = ridge**2 * np.trace(inverse @ inverse) / features
            risks.append(bias + noise * np.trace(inverse @ design.T @ design @ inverse))
        return float(np.mean(risks))

    designs = [source.normal(size=(samples, features)) for _ in range(50)]
    best = optimal_ridge(features, signal=1.0, noise=noise)
    assert mean_ridge_risk(best) < min(mean_ridge_risk(0.7 * best), mean_ridge_risk(1.4 * best))
