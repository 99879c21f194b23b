"""Gaussian averages against SciPy's quadrature and each other."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad

from checkers.theory.dual_kernels import dual_kernel, own_kernel

FUNCTIONS = {
    "relu": (lambda u: np.maximum(u, 0), lambda u: (u > 0).astype(float)),
    "erf": (
        lambda u: torch.erf(torch.from_numpy(u)).numpy(),
        lambda u: 2 / math.sqrt(math.pi) * np.exp(-(u**2)),
    ),
    "tanh": (np.tanh, lambda u: 1 / np.cosh(u) ** 2),
    "linear": (lambda u: u, np.ones_like),
}
PAIRS = [(1.0, 1.0, 0.3), (0.5, 2.0, -0.6), (3.0, 0.1, 0.5), (4.0, 4.0, 3.999)]


def by_quadrature(activation: str, p: float, q: float, k: float) -> tuple[float, float]:
    """A plain tensor grid, fine enough for four digits even of ReLU's kink."""
    nodes = np.linspace(-9, 9, 6001)
    weights = np.exp(-(nodes**2) / 2)
    weights /= weights.sum()
    averages = []
    for function in FUNCTIONS[activation]:
        total = 0.0
        slope, rest = k / math.sqrt(p), math.sqrt(max(q - k * k / p, 0))
        for z, w in zip(nodes[::10], weights[::10] / weights[::10].sum(), strict=True):
            total += w * function(np.array([math.sqrt(p) * z]))[0] * (function(slope * z + rest * nodes) @ weights)
        averages.append(total)
    return averages[0], averages[1]


@pytest.mark.parametrize("activation", ["relu", "erf", "tanh", "linear"])
@pytest.mark.parametrize(("p", "q", "k"), PAIRS)
def test_agrees_with_a_plain_grid(activation: str, p: float, q: float, k: float) -> None:
    measured = dual_kernel(activation, *(torch.tensor(value) for value in (p, q, k)))
    value, derivative = by_quadrature(activation, p, q, k)
    tolerance = 5e-3 if activation == "relu" else 1e-6
    assert measured.value.item() == pytest.approx(value, rel=tolerance, abs=tolerance)
    assert measured.derivative.item() == pytest.approx(derivative, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("variance", [0.01, 1.0, 10.0, 50.0])
def test_tanh_on_the_diagonal_agrees_with_adaptive_quadrature(variance: float) -> None:
    q = torch.tensor(variance, dtype=torch.float64)

    def density(z: float) -> float:
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    expected = quad(lambda z: math.tanh(math.sqrt(variance) * z) ** 2 * density(z), -12, 12, epsabs=1e-13)[0]
    assert dual_kernel("tanh", q, q, q).value.item() == pytest.approx(expected, rel=1e-5 if variance > 10 else 1e-11)
    assert own_kernel("tanh", q).value.item() == pytest.approx(expected, rel=1e-10)


def step_limit(correlation: float) -> float:
    """The arcsine law: what the average tends to where tanh is a sign."""
    return 2 / math.pi * math.asin(correlation)


@pytest.mark.parametrize("variance", [12.0, 1e2, 1e4, 1e8])
@pytest.mark.parametrize("correlation", [0.3, 0.9, -0.99])
def test_tanh_of_large_variance_agrees_with_quadrature_split_at_its_steps(variance: float, correlation: float) -> None:
    q, rest = math.sqrt(variance), math.sqrt(variance * (1 - correlation**2))

    def density(z: float) -> float:
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    def inner(z: float) -> float:
        step, width = -correlation * q * z / rest, 20 / rest
        marks = sorted({min(max(at, -9.0), 9.0) for at in (step - width, step, step + width)})
        return quad(lambda y: math.tanh(correlation * q * z + rest * y) * density(y), -9, 9, points=marks, limit=200)[0]

    marks = [-20 / q, 0, 20 / q] if q > 3 else [0]
    expected = quad(lambda z: math.tanh(q * z) * inner(z) * density(z), -9, 9, points=marks, limit=200)[0]
    pair = (torch.tensor(v, dtype=torch.float64) for v in (variance, variance, correlation * variance))
    measured = dual_kernel("tanh", *pair).value.item()
    assert measured == pytest.approx(expected, abs=1e-7)
    if variance == 1e8:
        assert measured == pytest.approx(step_limit(correlation), abs=1e-6)


@pytest.mark.parametrize("activation", ["relu", "erf", "tanh", "linear"])
def test_pairs_that_are_not_finite_are_nan_alone_and_integers_are_refused(activation: str) -> None:
    q = torch.tensor([1.0, math.nan, math.inf, 2.0], dtype=torch.float64)
    dual = dual_kernel(activation, q, q, 0.5 * q)
    assert dual.value.isfinite().tolist() == dual.derivative.isfinite().tolist() == [True, False, False, True]
    assert not dual.value[1:3].isinf().any()
    with pytest.raises(TypeError):
        dual_kernel(activation, torch.tensor([1]), torch.tensor([1]), torch.tensor([0]))


@pytest.mark.parametrize("activation", ["relu", "erf", "tanh", "linear"])
def test_an_input_with_itself_is_the_pair_of_full_correlation(activation: str) -> None:
    q = torch.tensor([0.0, 0.3, 4.0], dtype=torch.float64)
    own, pair = own_kernel(activation, q), dual_kernel(activation, q, q, q)
    torch.testing.assert_close(own.value, pair.value)
    torch.testing.assert_close(own.derivative, pair.derivative)


@pytest.mark.parametrize("activation", ["relu", "erf", "tanh", "linear"])
def test_the_derivative_average_is_the_slope_by_covariance(activation: str) -> None:
    p, q, k, step = 1.3, 0.7, 0.4, 1e-5
    ahead, here, behind = (
        dual_kernel(activation, *(torch.tensor(v, dtype=torch.float64) for v in (p, q, k + shift)))
        for shift in (step, 0, -step)
    )
    slope = (ahead.value - behind.value).item() / (2 * step)
    assert here.derivative.item() == pytest.approx(slope, rel=1e-6)


def test_shapes_broadcast_and_zero_variance_is_finite() -> None:
    variances = torch.tensor([0.0, 1.0], dtype=torch.float64)
    for activation in FUNCTIONS:
        dual = dual_kernel(activation, variances[:, None], variances, torch.zeros(2, 2))
        assert dual.value.shape == dual.derivative.shape == (2, 2)
        assert dual.value.isfinite().all()
        assert dual.derivative.isfinite().all()
