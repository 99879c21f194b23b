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
RIDGE = 1e-6
REACH = 2.5

Spectrum = tuple[np.ndarray, np.ndarray, float]
Inputs = Literal["sphere", "gaussian-features"]


def sample_gain(
    trials: Trials,
    *,
    dimension: int = 31,
    inputs: Literal["sphere", "gaussian-features"] = "sphere",
    generic_share: float = 0.0,
    targets: int = 15,
    test_points: int = 400,
    grid: int = 8,
) -> Measurement:
    """The factor by which averaging a kernel over shifts cuts the samples that halve the risk, over its prediction.

    Inputs are uniform on the sphere of radius √d, the kernel is exp(⟨x, y⟩/d), the targets are random quadratic
    harmonics that cyclic shifts leave alone, with `generic_share` of their power in ones that shifts do not; the risk
    is their mean. inputs: "gaussian-features" has independent Gaussians in the harmonics' place, up to degree 2, as the
    theory of the risk takes them to be. Prediction: omniscient risk with the multiplicities of `invariant_spectra`, no
    generic share; d must be an odd prime. A seed is in regime where both kernels halve the risk between two sample
    sizes tried. (Mei, Misiakiewicz & Montanari 2021, arXiv:2102.13219; Bietti, Venturi & Bruna 2021, arXiv:2106.07148.)
    """
    spectra = [_spectrum(dimension, inputs, averaged=averaged) for averaged in (False, True)]
    expected = [_predicted_half(spectrum) for spectrum in spectra]
    count = int(REACH * expected[0]) + test_points
    points = _points(trials, dimension, inputs, count)
    values = math.sqrt(1 - generic_share) * _targets(trials, points, dimension, inputs, targets, invariant=True)
    if generic_share:
        generic = _targets(trials, points, dimension, inputs, targets, invariant=False)
        values = values + math.sqrt(generic_share) * generic
    panel = Panel("Risk over the samples", x="training samples", y="test risk over target power", log="x")
    crossings = []
    for averaged, label in enumerate(("plain kernel", "averaged over shifts")):
        half, spectrum = expected[averaged], spectra[averaged]
        sizes = np.unique(np.geomspace(max(2.0, half / REACH), REACH * half, grid).astype(int))
        largest = int(sizes[-1])
        seen = torch.cat([points[:, :largest], points[:, -test_points:]], dim=1)
        gram = _kernel(seen, points[:, :largest], dimension, inputs, averaged=bool(averaged))
        ridge = RIDGE if inputs == "sphere" else spectrum[2]
        risks = []
        for size in trials.track(sizes.tolist(), label):
            known = gram[:, :size, :size] + ridge * torch.eye(size).to(gram)
            predicted = gram[:, largest:, :size] @ solve_positive_definite(known, values[:, :size])
            truth = values[:, -test_points:]
            risks.append((predicted - truth).square().mean(dim=(1, 2)) / truth.square().mean(dim=(1, 2)))
        measured = torch.stack(risks, dim=1).cpu()
        crossings.append(first_fall(torch.as_tensor(np.log(sizes)), measured, 0.5))
        panel = panel.over_seeds(label, sizes, measured).line(
            f"{label}, predicted", sizes, _predicted_risks(spectrum, sizes), role="predicted"
        )
    gain = (crossings[0].place - crossings[1].place).exp()
    prediction = expected[0] / expected[1]
    note = f"gain {gain.mean().item():.2f}, predicted {prediction:.2f}, for a group of {dimension}"
    between = crossings[0].between & crossings[1].between
    return Measurement(gain / prediction, in_regime=between, panels=panel, notes=[note])


def _counts(dimension: int, degrees: int, *, averaged: bool) -> list[int]:
    count = shift_invariant_count if averaged else harmonic_count
    return [count(dimension, degree) for degree in range(degrees)]


def _spectrum(dimension: int, inputs: Inputs, *, averaged: bool) -> Spectrum:
    """Eigenvalues and target power of the low degrees, one entry a harmonic; the higher degrees act as a ridge."""
    degrees = TARGET_DEGREE + (2 if inputs == "sphere" else 1)
    counts = _counts(dimension, degrees, averaged=averaged)
    eigenvalues = degree_eigenvalues(np.exp, dimension, degrees)
    tail = math.e - eigenvalues @ _counts(dimension, degrees, averaged=False)
    power = np.repeat(np.arange(degrees) == TARGET_DEGREE, counts) / counts[TARGET_DEGREE]
    return np.repeat(eigenvalues, counts), power, RIDGE + tail / (dimension if averaged else 1)


def _predicted_risks(spectrum: Spectrum, sizes: np.ndarray) -> Tensor:
    eigenvalues, power, ridge = spectrum
    return torch.tensor([predicted_risk(eigenvalues, power, int(size), ridge=ridge) for size in sizes])


def _predicted_half(spectrum: Spectrum) -> float:
    """The sample size at which the predicted risk is a half."""
    most = 4 * np.count_nonzero(spectrum[1])
    sizes = np.unique(np.geomspace(2, most, 100).astype(int))
    return float(first_fall(torch.as_tensor(np.log(sizes)), _predicted_risks(spectrum, sizes), 0.5).place.exp())


def _points(trials: Trials, dimension: int, inputs: Inputs, count: int) -> Tensor:
    """Points of the sphere [seeds, count, d], or the harmonics' Gaussian stand-ins [seeds, count, harmonics]."""
    axes = dimension if inputs == "sphere" else sum(_counts(dimension, TARGET_DEGREE + 1, averaged=False))
    drawn = normal(trials.seeds, (count, axes), stream="points", device=trials.device, dtype=torch.float64)
    return drawn / drawn.norm(dim=2, keepdim=True) * math.sqrt(dimension) if inputs == "sphere" else drawn


def _kernel(left: Tensor, right: Tensor, dimension: int, inputs: Inputs, *, averaged: bool) -> Tensor:
    """exp(⟨x, y⟩/d), or its average over the cyclic shifts of y; its low degrees where harmonics have stand-ins."""
    if inputs == "gaussian-features":
        eigenvalues = degree_eigenvalues(np.exp, dimension, TARGET_DEGREE + 1)
        kept = [
            degree_value * (torch.arange(count) < (own if averaged else count))
            for degree_value, count, own in zip(
                eigenvalues.tolist(),
                _counts(dimension, TARGET_DEGREE + 1, averaged=False),
                _counts(dimension, TARGET_DEGREE + 1, averaged=True),
                strict=True,
            )
        ]
        return (left * torch.cat(kept).to(left)) @ right.mT
    shifts = dimension if averaged else 1
    total = torch.zeros(1).to(left)
    for shift in range(shifts):
        total = total + torch.exp(left @ right.roll(shift, dims=2).mT / dimension)
    return total / shifts


def _targets(
    trials: Trials, points: Tensor, dimension: int, inputs: Inputs, targets: int, *, invariant: bool
) -> Tensor:
    """Random harmonics xᵀAx of power 1, `[seeds, points, targets]`: A circulant if invariant, and trace-free."""
    if inputs == "gaussian-features":
        before = sum(_counts(dimension, TARGET_DEGREE, averaged=False))
        count = _counts(dimension, TARGET_DEGREE + 1, averaged=invariant)[TARGET_DEGREE]
        features = points[:, :, before : before + count]
    elif invariant:
        lags = range(1, (dimension + 1) // 2)
        features = torch.stack([(points * points.roll(lag, dims=2)).mean(dim=2) for lag in lags], dim=2)
    else:
        rows, columns = torch.triu_indices(dimension, dimension, offset=1)
        features = points[:, :, rows] * points[:, :, columns]
    mix = normal(trials.seeds, (features.shape[2], targets), stream=f"target {invariant}").to(points)
    drawn = features @ mix
    return drawn / drawn.square().mean(dim=1, keepdim=True).sqrt()
