"""Kernel ridge regression in the kernel's own eigenbasis: features, spectra, targets, and the test risk."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.gaussian_spectra import power_law_spectrum
from checkers.testbeds.randomness import normal, signs, uniform
from lawbook import Panel, Trials

Design = Literal["gaussian", "signs", "circle"]


def draw_features(trials: Trials, count: int, modes: int, design: Design) -> Tensor:
    """Eigenfunctions of unit variance at random inputs, `[runs, count, modes]`."""
    stream, device = f"inputs {count}", trials.device
    if design == "gaussian":
        return normal(trials.seeds, (count, modes), stream=stream, device=device, dtype=torch.float64)
    if design == "signs":
        return signs(trials.seeds, (count, modes), stream=stream, device=device, dtype=torch.float64)
    angle = (
        2 * torch.pi * uniform(trials.seeds, (count, 1), stream=stream, device=device, dtype=torch.float64)
    )
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


def sign_averaged_risk(
    features: Tensor, spectrum: Tensor, power: Tensor, ridge: float, noise: float
) -> Tensor:
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
