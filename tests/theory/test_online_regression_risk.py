"""The exact risk of one-pass SGD against a Monte Carlo of it, and the exponents of its frontier at large size."""

import numpy as np
import pytest

from checkers.theory.online_regression_risk import expected_risk


def test_the_recursion_is_the_mean_over_simulated_runs() -> None:
    source, steps, step_size, batch, width = np.random.default_rng(0), 20, 0.3, 2, 4
    spectrum, power = np.array([1.0, 0.6, 0.4, 0.3, 0.2, 0.1]), np.array([1.0, 0.8, 0.5, 0.4, 0.3, 0.2])
    error = np.tile(np.sqrt(power / spectrum), (20_000, 1))
    simulated = [np.mean(error**2 @ spectrum)]
    for _ in range(steps):
        inputs = source.normal(size=(len(error), batch, 6)) * np.sqrt(spectrum)
        missed = np.einsum("rbk,rk->rb", inputs, error)
        error[:, :width] -= step_size / batch * np.einsum("rb,rbk->rk", missed, inputs)[:, :width]
        simulated.append(np.mean(error**2 @ spectrum))
    exact = expected_risk(spectrum, power, [width], steps=steps, step_size=step_size, batch_size=batch)[0]
    np.testing.assert_allclose(simulated, exact, rtol=0.02)


def test_a_wide_model_without_noise_forgets_each_mode_at_its_own_rate() -> None:
    spectrum, power = np.array([1.0, 0.25]), np.array([2.0, 3.0])
    exact = expected_risk(spectrum, power, [2], steps=5, step_size=0.1, batch_size=10**9)[0]
    steps = np.arange(6)
    np.testing.assert_allclose(exact, 2 * 0.9 ** (2 * steps) + 3 * 0.975 ** (2 * steps), rtol=1e-6)


def test_features_that_no_width_sees_count_as_their_variance_alone() -> None:
    settings = {"steps": 7, "step_size": 0.3, "batch_size": 2}
    listed = expected_risk([1.0, 0.5, 0.2], [1.0, 0.6, 0.4], [2], **settings)
    summed = expected_risk([1.0, 0.5], [1.0, 0.6], [2], unseen=0.4, **settings)
    np.testing.assert_allclose(summed, listed, rtol=1e-12)


def test_the_frontier_of_large_models_has_the_asymptotic_exponents() -> None:
    capacity, target, features = 1.5, 2.0, 40_000
    index = np.arange(1, features + 1, dtype=float)
    widths = np.geomspace(16, 8000, 80).round()
    unseen = np.array([np.sum(index[int(width) :] ** -target) for width in widths])
    compute = np.geomspace(1e6, 1e8, 9)
    frontier, best = [], []
    for budget in compute:
        steps = budget / widths
        unlearned = [
            np.sum(index[: int(width)] ** -target * np.exp(-2 * index[: int(width)] ** -capacity * t))
            for width, t in zip(widths, steps, strict=True)
        ]
        risks = unseen + np.array(unlearned)
        frontier.append(risks.min())
        best.append(widths[risks.argmin()])
    slope = np.polyfit(np.log(compute), np.log(frontier), 1)[0]
    growth = np.polyfit(np.log(compute), np.log(best), 1)[0]
    assert -slope == pytest.approx((target - 1) / (capacity + 1), rel=0.03)
    assert growth == pytest.approx(1 / (capacity + 1), rel=0.08)
