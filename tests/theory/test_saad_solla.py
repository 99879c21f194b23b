"""Gaussian averages against Monte Carlo, and the order-parameter equations against their known consequences."""

import numpy as np
import pytest
from scipy.special import erf

from checkers.theory.saad_solla import drift, four_point, risk, solve, three_point, two_point


@pytest.fixture(scope="module")
def sample() -> tuple[np.ndarray, np.ndarray]:
    source = np.random.default_rng(0)
    root = source.normal(size=(5, 5)) / 5**0.5
    return root @ root.T, source.normal(size=(1_000_000, 5)) @ root.T


def test_two_point_averages_agree_with_monte_carlo(sample: tuple[np.ndarray, np.ndarray]) -> None:
    covariance, fields = sample
    activity = erf(fields / 2**0.5)
    np.testing.assert_allclose(two_point(covariance), activity.T @ activity / len(fields), atol=3e-3)


def test_three_point_averages_agree_with_monte_carlo(sample: tuple[np.ndarray, np.ndarray]) -> None:
    covariance, fields = sample
    activity, slope = erf(fields / 2**0.5), np.sqrt(2 / np.pi) * np.exp(-(fields**2) / 2)
    measured = np.stack([(slope[:, [i]] * fields).T @ activity for i in range(2)]) / len(fields)
    np.testing.assert_allclose(three_point(covariance, 2), measured, atol=4e-3)


def test_four_point_averages_agree_with_monte_carlo(sample: tuple[np.ndarray, np.ndarray]) -> None:
    covariance, fields = sample
    activity, slope = erf(fields / 2**0.5), np.sqrt(2 / np.pi) * np.exp(-(fields**2) / 2)
    averages = four_point(covariance, 2)
    for i, k in ((0, 0), (0, 1), (1, 1)):
        measured = (slope[:, [i]] * slope[:, [k]] * activity).T @ activity / len(fields)
        np.testing.assert_allclose(averages[i, k], measured, atol=3e-3)


def test_a_student_equal_to_its_teacher_has_no_risk_and_stays() -> None:
    overlap = np.array([[1.0, 0.2], [0.2, 0.7]])
    assert float(risk(overlap, overlap, overlap)) == pytest.approx(0, abs=1e-12)
    moved_overlap, moved_alignment = drift(overlap, overlap, overlap, step_size=0.7)
    np.testing.assert_allclose(moved_overlap, 0, atol=1e-10)
    np.testing.assert_allclose(moved_alignment, 0, atol=1e-10)


def test_units_may_be_renumbered() -> None:
    overlap, alignment = np.array([[0.5, 0.1], [0.1, 0.3]]), np.array([[0.4, 0.1], [0.0, 0.3]])
    swap = np.array([[0.0, 1.0], [1.0, 0.0]])
    one = drift(overlap, alignment, np.eye(2), step_size=0.5)
    other = drift(swap @ overlap @ swap, swap @ alignment, np.eye(2), step_size=0.5)
    np.testing.assert_allclose(swap @ one[0] @ swap, other[0], atol=1e-13)
    np.testing.assert_allclose(swap @ one[1], other[1], atol=1e-13)


def test_the_risk_falls_and_each_student_unit_takes_a_teacher_unit() -> None:
    alignment = np.array([[0.5, 0.1], [0.1, 0.4]])
    overlap = alignment @ alignment.T + 0.09 * np.eye(2)
    solution = solve(overlap, alignment, np.eye(2), step_size=1.0, times=np.linspace(0, 100, 6))
    assert np.all(np.diff(solution.risk) < 0)
    assert solution.risk[-1] < 1e-3 * solution.risk[0]
    np.testing.assert_allclose(solution.student_teacher[-1], np.eye(2), atol=0.02)


def test_a_symmetric_start_stays_on_the_symmetric_plateau() -> None:
    alignment = np.full((2, 2), 0.1)
    overlap = np.full((2, 2), 0.05)
    solution = solve(overlap, alignment, np.eye(2), step_size=0.3, times=np.linspace(0, 20, 6))
    np.testing.assert_allclose(solution.student_teacher[:, 0], solution.student_teacher[:, 1], atol=1e-8)
    assert solution.risk[-1] > 0.005


def test_without_its_second_order_the_risk_falls_as_gradient_flow_says() -> None:
    alignment = np.array([[0.5, 0.1], [0.1, 0.4]])
    overlap = alignment @ alignment.T + 0.09 * np.eye(2)
    times = np.linspace(0, 4, 5)
    one = solve(overlap, alignment, np.eye(2), step_size=0.5, times=times, second_order=False)
    other = solve(overlap, alignment, np.eye(2), step_size=1.0, times=times / 2, second_order=False)
    np.testing.assert_allclose(one.risk, other.risk, rtol=1e-5)
    slow = solve(overlap, alignment, np.eye(2), step_size=1e-3, times=500 * times)
    np.testing.assert_allclose(one.risk, slow.risk, rtol=0.01)
