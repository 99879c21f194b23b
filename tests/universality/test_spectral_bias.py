"""Half-times of Fourier modes, on a small configuration."""

import math
from typing import Literal

import pytest
import torch

from checkers.instruments.slopes import log_log_slope
from checkers.universality.spectral_bias import first_halving, half_time, kernel_spectrum
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_008)))
LOW = [1, 2, 3]


def mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def test_a_lazy_network_halves_its_errors_when_the_kernel_says() -> None:
    measured = half_time(TRIALS, width=512, frequencies=LOW)
    assert mean(measured.values) == pytest.approx(1.0, abs=0.1)
    assert all(measured.in_regime or ())


def test_a_rich_network_does_not() -> None:
    rich = half_time(TRIALS, width=128, frequencies=[1, 2, 3, 4, 5], output_scale=0.2, horizon=4.0)
    assert mean(rich.values) > 1.2


def test_the_kernel_of_the_readout_alone_predicts_other_times_and_another_order() -> None:
    five = [1, 2, 3, 4, 5]
    angles = torch.arange(32, dtype=torch.float64) * (2 * math.pi / 32)
    circle = torch.stack([angles.cos(), angles.sin()], dim=1) * math.sqrt(2)
    kernels: tuple[Literal["readout"], Literal["tangent"]] = ("readout", "tangent")
    readout, tangent = (-1 / torch.log1p(-0.4 * kernel_spectrum(circle, name)[five]) for name in kernels)
    assert float((readout / tangent).log().mean().exp()) == pytest.approx(7.75, abs=0.01)
    ratio = log_log_slope(five, readout[None]) / log_log_slope(five, tangent[None])
    assert float(ratio) == pytest.approx(1.386, abs=0.001)


def test_its_half_times_rise_with_frequency_as_predicted_and_those_of_fourier_features_do_not_rise() -> None:
    network = half_time(TRIALS, quantity="slope", width=512, frequencies=LOW)
    flat = half_time(TRIALS, quantity="slope", model="fourier-features", width=512, frequencies=LOW, horizon=6.0)
    assert mean(network.values) == pytest.approx(1.0, abs=0.05)
    assert abs(mean(flat.values)) < 0.1


def test_eigenvalues_are_those_of_the_kernel_matrix_and_fall_with_frequency() -> None:
    angles = torch.arange(16, dtype=torch.float64) * (2 * math.pi / 16)
    spectrum = kernel_spectrum(math.sqrt(2) * torch.stack([angles.cos(), angles.sin()], dim=1))
    assert bool((spectrum.diff() < 0).all())
    # the diagonal is Θ(x, x) = K + Θ₁·σ²E[φ'²] with K₁ = Θ₁ = 3: 3 + 1 + 3 = 7, and the mean eigenvalue of Θ is that
    multiplicity = torch.full_like(spectrum, 2.0)
    multiplicity[[0, -1]] = 1.0
    assert float((multiplicity * spectrum).sum()) == pytest.approx(7.0)


def test_halving_is_exact_between_observations_of_an_exponential_and_capped_at_the_end() -> None:
    steps = (0, 3, 10, 40)
    rates = torch.tensor([0.1, 0.02, 1e-4], dtype=torch.float64)
    halved, reached = first_halving(steps, torch.exp(-rates * torch.tensor(steps)[:, None]))
    assert halved.tolist() == pytest.approx([math.log(2) / 0.1, math.log(2) / 0.02, 40.0])
    assert reached.tolist() == [True, True, False]
