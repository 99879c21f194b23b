"""Fixed points and depth scales against iterating the maps and against published values."""

import math

import numpy as np
import pytest

from checkers.theory.signal_propagation import (
    correlation_map,
    critical_growth,
    critical_weight_scale,
    fixed_variance,
    signal_propagation,
    variance_map,
)

SETTINGS = [("tanh", 0.9, 0.3), ("tanh", 1.8, 0.3), ("erf", 0.6, 0.2), ("erf", 2.0, 0.1), ("relu", 1.2, 0.5)]


@pytest.mark.parametrize(("activation", "weight_scale", "bias_scale"), SETTINGS)
def test_layers_tend_to_the_fixed_points_at_the_stated_rates(
    activation: str, weight_scale: float, bias_scale: float
) -> None:
    found = signal_propagation(activation, weight_scale, bias_scale)
    q, distances = 1.02 * found.variance + 0.01, []
    for _ in range(12):
        q = variance_map(activation, weight_scale, bias_scale, q)
        distances.append(abs(q - found.variance))
    rate = (distances[6] / distances[3]) ** (1 / 3)
    assert -1 / math.log(rate) == pytest.approx(found.variance_depth, rel=0.02)
    if activation == "relu":
        return  # its correlation map is not differentiable at 1, so distances shrink slower than any χ says
    c, gaps = found.correlation - 1e-3, []
    for _ in range(12):
        c = correlation_map(activation, weight_scale, bias_scale, found.variance, c)
        gaps.append(abs(c - found.correlation))
    rate = (gaps[6] / gaps[1]) ** (1 / 5)
    assert -1 / math.log(rate) == pytest.approx(found.correlation_depth, rel=0.02)


def test_phases_are_told_apart() -> None:
    assert signal_propagation("tanh", 0.9, 0.3).phase == "ordered"
    chaotic = signal_propagation("tanh", 2.0, 0.3)
    assert chaotic.phase == "chaotic"
    assert chaotic.chi_1 > 1 > chaotic.chi
    assert 0 < chaotic.correlation < 1
    unbiased = signal_propagation("tanh", 2.0)
    assert unbiased.correlation == pytest.approx(0, abs=1e-9)


def test_without_biases_the_edge_is_where_small_signals_neither_grow_nor_shrink() -> None:
    assert critical_weight_scale("tanh", 0.0) == pytest.approx(1, abs=1e-3)
    assert critical_weight_scale("erf", 0.0) == pytest.approx(math.sqrt(math.pi) / 2, abs=1e-3)


def test_at_the_edge_the_depth_scale_of_correlations_diverges() -> None:
    edge = critical_weight_scale("tanh", 0.3)
    assert edge == pytest.approx(1.39, abs=0.02)
    near = [signal_propagation("tanh", edge + shift, 0.3).correlation_depth for shift in (-0.1, -0.01, -0.001)]
    assert near[0] < near[1] / 5 < near[2] / 25
    assert signal_propagation("tanh", edge, 0.3).phase == "critical"


def test_a_small_unbiased_network_forgets_its_inputs() -> None:
    assert signal_propagation("tanh", 0.8).variance == 0
    assert signal_propagation("tanh", 0.8).chi_1 == pytest.approx(0.64)


def test_relu_above_its_critical_scale_and_activations_without_an_edge_are_refused() -> None:
    with pytest.raises(ValueError, match=r"below 1\.414"):
        signal_propagation("relu", math.sqrt(2), 0.1)
    with pytest.raises(ValueError, match="no chaotic phase"):
        critical_weight_scale("relu", 0.1)


def test_on_the_critical_line_the_reciprocal_distance_grows_by_half_the_second_derivatives_power() -> None:
    weight_scale = critical_weight_scale("tanh", 0.3)
    variance = fixed_variance("tanh", weight_scale, 0.3)
    found = critical_growth("tanh", weight_scale, variance)
    z = np.linspace(-10, 10, 20_001)
    values = np.tanh(math.sqrt(variance) * z)
    second = -2 * values * (1 - values**2)
    power = np.sum(np.exp(-(z**2) / 2) * second**2) * (z[1] - z[0]) / math.sqrt(2 * math.pi)
    assert found == pytest.approx(weight_scale**2 * variance * power / 2, rel=1e-4)
    after = correlation_map("tanh", weight_scale, 0.3, variance, 0.99)
    assert 1 / (1 - after) - 1 / 0.01 == pytest.approx(found, rel=0.03)
