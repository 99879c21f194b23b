"""What a built-in symmetry is worth: samples that kernel regression saves when its kernel is averaged over a group."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.instruments.positive_definite import solve_positive_definite
from checkers.testbeds.randomness import normal
from checkers.theory.invariant_spectra import degree_eigenvalues, harmonic_count, shift_invariant_count
from checkers.theory.kernel_regression_risk import predicted_risk
from lawbook import Measurement, Panel, Trials

TARGET_DEGREE = 2
RESOLVED_DEGREES = 4
RIDGE = 1e-6


def sample_gain(
    trials: Trials,
    *,
    dimension: int = 31,
    target: Literal["invariant", "generic"] = "invariant",
    targets: int = 15,
    test_points: int = 400,
    grid: int = 10,
) -> Measurement:
    """The factor by which averaging a kernel over shifts cuts the samples that halve the risk, over its prediction.

    Inputs are uniform on the sphere of radius √d, the kernel is exp(⟨x, y⟩/d), the targets are random quadratic
    harmonics: such that cyclic shifts leave alone, or (control) generic ones; the risk is their mean. A kernel that
    never halves the risk counts as halving it at the largest sample tried, so the control stays finite. Prediction:
    omniscient risk with the multiplicities of `invariant_spectra`; d must be an odd prime.
    (Mei, Misiakiewicz & Montanari 2021, arXiv:2102.13219; Bietti, Venturi & Bruna 2021, arXiv:2106.07148.)
    """
    panel = Panel("Risk over the samples", x="training samples", y="test risk over target power", log="x")
    measured, expected = [], []
    for group, label in ((1, "plain kernel"), (dimension, "averaged over shifts")):
        spectrum = _resolved_spectrum(dimension, averaged=group > 1)
        guess = harmonic_count(dimension, TARGET_DEGREE) / group
        fine = np.unique(np.geomspace(max(2.0, guess / 5), 4 * guess, 60).astype(int))
        expected.append(_half_crossing(fine, _predicted_risks(spectrum, fine)[None])[0])
        sizes = np.unique(np.geomspace(max(2.0, guess / 4), 3 * guess, grid).round().astype(int))
        risks = _measured_risks(trials, dimension, group, target, targets, sizes, test_points, label)
        measured.append(_half_crossing(sizes, risks))
        panel = panel.over_seeds(label, sizes, risks).line(
            f"{label}, predicted", sizes, _predicted_risks(spectrum, sizes), role="predicted"
        )
    gain, prediction = measured[0] / measured[1], float(expected[0] / expected[1])
    note = f"gain {gain.mean().item():.2f}, predicted {prediction:.2f}, for a group of {dimension}"
    return Measurement(values=gain / prediction, panels=panel, notes=[note])


def _resolved_spectrum(dimension: int, *, averaged: bool) -> tuple[np.ndarray, np.ndarray, float]:
    """Eigenvalues and target power of the low degrees, one entry a harmonic; the higher degrees act as a ridge."""
    count = shift_invariant_count if averaged else harmonic_count
    counts = [count(dimension, degree) for degree in range(RESOLVED_DEGREES)]
    eigenvalues = degree_eigenvalues(np.exp, dimension, RESOLVED_DEGREES)
    tail = math.e - sum(value * harmonic_count(dimension, degree) for degree, value in enumerate(eigenvalues))
    power = np.repeat(np.arange(RESOLVED_DEGREES) == TARGET_DEGREE, counts) / counts[TARGET_DEGREE]
    return np.repeat(eigenvalues, counts), power, RIDGE + tail / (dimension if averaged else 1)


def _predicted_risks(spectrum: tuple[np.ndarray, np.ndarray, float], sizes: np.ndarray) -> Tensor:
    eigenvalues, power, ridge = spectrum
    return torch.tensor([predicted_risk(eigenvalues, power, int(size), ridge=ridge) for size in sizes])


def _measured_risks(
    trials: Trials,
    dimension: int,
    group: int,
    target: str,
    targets: int,
    sizes: np.ndarray,
    test_points: int,
    label: str,
) -> Tensor:
    """Mean squared test error over the targets, each of unit power: `[seeds, sizes]`."""
    points = normal(
        trials.seeds,
        (int(sizes[-1]) + test_points, dimension),
        stream="points",
        device=trials.device,
        dtype=torch.float64,
    )
    points = points / points.norm(dim=2, keepdim=True) * math.sqrt(dimension)
    values = _harmonics(trials, points, target, targets)
    test, truth = points[:, -test_points:], values[:, -test_points:]
    risks = []
    for size in trials.track(sizes.tolist(), label):
        inputs = points[:, :size]
        gram = _kernel(inputs, inputs, group) + RIDGE * torch.eye(size).to(points)
        weights = solve_positive_definite(gram, values[:, :size])
        predicted = _kernel(test, inputs, group) @ weights
        risks.append((predicted - truth).square().mean(dim=(1, 2)) / truth.square().mean(dim=(1, 2)))
    return torch.stack(risks, dim=1).cpu()


def _kernel(left: Tensor, right: Tensor, group: int) -> Tensor:
    """exp(⟨x, y⟩/d), averaged over `group` cyclic shifts of y."""
    dimension = left.shape[2]
    total = torch.zeros(1).to(left)
    for shift in range(group):
        total = total + torch.exp(left @ right.roll(shift, dims=2).mT / dimension)
    return total / group


def _harmonics(trials: Trials, points: Tensor, target: str, targets: int) -> Tensor:
    """Random quadratic harmonics xᵀAx with trace-free A, `[seeds, points, targets]`; circulant A for invariant ones."""
    dimension = points.shape[2]
    if target == "invariant":
        lags = torch.stack(
            [(points * points.roll(lag, dims=2)).mean(dim=2) for lag in range(1, (dimension + 1) // 2)], dim=2
        )
        mix = normal(trials.seeds, (lags.shape[2], targets), stream="target").to(points)
        return lags @ mix
    matrices = normal(trials.seeds, (targets, dimension, dimension), stream="target").to(points)
    traces = matrices.diagonal(dim1=2, dim2=3).sum(dim=2) / dimension
    matrices = matrices - traces[:, :, None, None] * torch.eye(dimension).to(points)
    return torch.einsum("spi,stij,spj->spt", points, matrices, points) / dimension


def _half_crossing(sizes: np.ndarray, risks: Tensor) -> Tensor:
    """The sample size at which each row of risks first falls to half of 1, linear in log size."""
    return first_fall(torch.as_tensor(np.log(sizes)), risks, 0.5).place.exp()
