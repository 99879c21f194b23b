"""Kernel ridge regression in the kernel's own eigenbasis: features, spectra, targets, and the test risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.gaussian_spectra import power_law_spectrum
from checkers.testbeds.randomness import normal, signs, uniform
from lawbook import Panel, Trials

Design = Literal["gaussian", "signs", "circle"]


@dataclass(frozen=True)
class Eigenbasis:
    """A kernel by its spectrum, a target by its coefficients, and what eigenfunctions are at random inputs.

    spectrum: eigenvalues k^{−spectrum_exponent}, or e^{−spectrum_exponent·k}. Target coefficients are
    ±k^{−target_exponent/2}. design: eigenfunctions are independent Gaussians, independent signs, or Fourier modes of a
    point on the circle, where sine and cosine of a frequency share an eigenvalue.
    """

    modes: int
    spectrum_exponent: float
    target_exponent: float
    spectrum: Literal["power law", "exponential"] = "power law"
    design: Design = "gaussian"

    def eigenvalues(self) -> Tensor:
        """`[modes]`, float64."""
        if self.spectrum == "exponential":
            return torch.exp(-self.spectrum_exponent * torch.arange(1, self.modes + 1, dtype=torch.float64))
        return eigenvalues(self.modes, self.spectrum_exponent, self.design)

    def target_power(self) -> Tensor:
        """v_k², `[modes]`, float64."""
        return target_power(self.modes, self.target_exponent)


def draw_features(trials: Trials, count: int, modes: int, design: Design) -> Tensor:
    """Eigenfunctions of unit variance at random inputs, `[runs, count, modes]`."""
    stream, device = f"inputs {count}", trials.device
    if design == "gaussian":
        return normal(trials.seeds, (count, modes), stream=stream, device=device, dtype=torch.float64)
    if design == "signs":
        return signs(trials.seeds, (count, modes), stream=stream, device=device, dtype=torch.float64)
    angle = 2 * torch.pi * uniform(trials.seeds, (count, 1), stream=stream, device=device, dtype=torch.float64)
    frequency = torch.arange(1, modes // 2 + 1, dtype=torch.float64, device=device)
    waves = torch.stack([torch.cos(angle * frequency), torch.sin(angle * frequency)], -1)
    return 2**0.5 * waves.flatten(2)


def eigenvalues(modes: int, exponent: float, design: Design = "gaussian") -> Tensor:
    """k^{−exponent}, or ⌈k/2⌉^{−exponent} on the circle, `[modes]`, float64."""
    if design == "circle":
        return power_law_spectrum(modes // 2, exponent).repeat_interleave(2)
    return power_law_spectrum(modes, exponent)


def target_power(modes: int, exponent: float) -> Tensor:
    """v_k² = k^{−exponent}, `[modes]`, float64."""
    return power_law_spectrum(modes, exponent)


def sign_averaged_risk(features: Tensor, spectrum: Tensor, power: Tensor, ridge: float, noise: float) -> Tensor:
    """Test risk of every run's training set, averaged exactly over the signs of the target and over label noise.

    features: `[runs, n, modes]`; power: `[modes]` or `[runs, modes]`. With T = ΛΨᵀ(ΨΛΨᵀ + δI)⁻¹Ψ the risk is
    Σ_j v_j² ‖(I − T)e_j‖² + σ²(1 + ‖ΛΨᵀ(ΨΛΨᵀ + δI)⁻¹‖²_F).
    """
    scaled = features * spectrum
    gram = scaled @ features.mT
    gram.diagonal(dim1=1, dim2=2).add_(ridge)
    factor = torch.linalg.cholesky(gram)
    solved = torch.cholesky_solve(features, factor)
    second = scaled @ scaled.mT
    diagonal = spectrum * (features * solved).sum(1)
    lost = 1 - 2 * diagonal + (solved * (second @ solved)).sum(1)
    risk = (lost * power).sum(-1)
    if noise:
        inverse = torch.cholesky_inverse(factor)
        risk = risk + noise * (1 + (inverse * (second @ inverse)).sum((1, 2)))
    return risk


def risk_panel(samples: list[int], risk: Tensor, predicted: Tensor) -> Panel:
    """Measured `[runs, sizes]` and predicted `[sizes]` learning curves."""
    return (
        Panel("Learning curve", x="training samples n", y="test risk", log="xy")
        .over_seeds("measured, mean and range over seeds", samples, risk)
        .line("predicted", samples, predicted, role="predicted")
    )
