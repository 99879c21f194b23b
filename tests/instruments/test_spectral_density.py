"""Stochastic Lanczos quadrature on known spectra."""

from __future__ import annotations

import torch

from checkers.instruments.spectral_density import spectral_density


def _spectrum(size: int) -> torch.Tensor:
    draws = torch.rand(2, size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    draws[0, :10] += 5
    return draws


def test_moments_match_the_trace() -> None:
    spectrum = _spectrum(2000)
    density = spectral_density(lambda v: spectrum * v, runs=2, size=2000, steps=30, probes=8)
    torch.testing.assert_close(density.weights.sum(dim=1), torch.ones(2, dtype=torch.float64), rtol=1e-9, atol=1e-9)
    for power in (1, 2):
        torch.testing.assert_close(density.moment(power), (spectrum**power).mean(dim=1), rtol=0.05, atol=0)


def test_outliers_carry_their_share_of_the_mass() -> None:
    spectrum = _spectrum(2000)
    density = spectral_density(lambda v: spectrum * v, runs=2, size=2000, steps=40, probes=16)
    above = (density.weights * (density.nodes > 3)).sum(dim=1)
    torch.testing.assert_close(above[0], torch.tensor(10 / 2000, dtype=torch.float64), rtol=0.3, atol=0)
    assert above[1] == 0


def test_the_smoothed_density_integrates_to_one() -> None:
    spectrum = _spectrum(500)
    density = spectral_density(lambda v: spectrum * v, runs=2, size=500)
    grid = torch.linspace(-2, 8, 2001, dtype=torch.float64)
    area = torch.trapezoid(density.smoothed(grid, 0.1), grid, dim=1)
    torch.testing.assert_close(area, torch.ones(2, dtype=torch.float64), rtol=1e-6, atol=0)


def test_an_invariant_subspace_ends_the_quadrature_exactly() -> None:
    entries = torch.tensor([[1.0, 2.0, 1.0, 2.0, 2.0, 1.0]], dtype=torch.float64)
    density = spectral_density(lambda v: entries * v, runs=1, size=6, steps=6, probes=1)
    weighty = density.nodes[density.weights > 1e-12]
    torch.testing.assert_close(weighty, torch.tensor([1.0, 2.0], dtype=torch.float64))
