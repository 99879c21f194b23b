"""Kernel ridge regression in the kernel's own eigenbasis: measured test risk, and what the theory says of it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.instruments.positive_definite import solve_positive_definite
from checkers.settings.kernel_regression import Eigenbasis, draw_features, risk_panel, sign_averaged_risk
from checkers.testbeds.data import load
from checkers.testbeds.randomness import integers, normal, permutation
from checkers.theory.kernel_regression_risk import learnabilities, predicted_risk
from lawbook import Measurement, Panel, Trials


def risk_ratio(
    trials: Trials,
    *,
    samples: list[int],
    setting: Eigenbasis,
    ridge: float = 0.0,
    noise: float = 0.0,
    permuted_target: bool = False,
) -> Measurement:
    """Measured over predicted test risk, mean over sample sizes; one training set of every size a seed.

    permuted_target: the target's coefficients are in random order, of which the prediction knows nothing.
    """
    spectrum, power = setting.eigenvalues(), setting.target_power()
    measured, predicted = [], []
    for count in samples:
        features = draw_features(trials, count, setting.modes, setting.design)
        true_power = power.to(features)
        if permuted_target:
            order = permutation(trials.seeds, setting.modes, stream="target order", device=trials.device)
            true_power = true_power[order]
        measured.append(sign_averaged_risk(features, spectrum.to(features), true_power, ridge, noise))
        predicted.append(predicted_risk(spectrum, power, count, ridge=ridge, noise=noise))
    risk, theory = torch.stack(measured, 1).cpu(), torch.tensor(predicted, dtype=torch.float64)
    return Measurement(values=(risk / theory).mean(1), panels=risk_panel(samples, risk, theory))


def image_risk_ratio(
    trials: Trials,
    *,
    dataset: Literal["digits", "mnist1d", "fashion-mnist", "cifar10"],
    pool: int,
    samples: list[int],
    ridge: float,
    shuffled_labels: bool = False,
) -> Measurement:
    """Measured over predicted squared error on real images, mean over sample sizes, whose law is uniform on a pool.

    The target is the parity of the class, centred; the kernel exp(−‖x − x'‖/√d); spectrum and target coefficients are
    those of the whole pool of images. One training set of every size a seed, drawn with replacement.
    shuffled_labels: labels are in random order over the images, of which the prediction knows nothing.
    """
    examples = load(dataset).to(trials.device, torch.float64)
    inputs = torch.cat([examples.inputs, examples.test_inputs])[:pool]
    parity = torch.cat([examples.labels, examples.test_labels])[:pool] % 2
    target = parity.to(inputs) - parity.to(inputs).mean()
    kernel = torch.exp(-torch.cdist(inputs, inputs) / inputs.shape[1] ** 0.5)
    spectrum, basis = torch.linalg.eigh(kernel / pool)
    power = (basis.mT @ target).square() / pool
    targets = target.expand(len(trials), -1)
    if shuffled_labels:
        targets = target[permutation(trials.seeds, pool, stream="label order", device=trials.device)]
    measured, predicted = [], []
    for count in samples:
        chosen = integers(trials.seeds, (count,), stream=f"training set {count}", high=pool, device=trials.device)
        seen = kernel[chosen]
        gram = seen.gather(2, chosen[:, None, :].expand(-1, count, -1))
        gram.diagonal(dim1=1, dim2=2).add_(ridge)
        weights = solve_positive_definite(gram, targets.gather(1, chosen)[:, :, None])
        predictions = (seen.mT @ weights)[:, :, 0]
        measured.append((predictions - targets).square().mean(1))
        predicted.append(predicted_risk(spectrum.clamp_min(0).cpu(), power.cpu(), count, ridge=ridge))
    risk, theory = torch.stack(measured, 1).cpu(), torch.tensor(predicted, dtype=torch.float64)
    return Measurement(values=(risk / theory).mean(1), panels=risk_panel(samples, risk, theory))


def learnability_defect(
    trials: Trials, *, points: int, dimension: int, samples: int, ridge: float = 0.0, share: float = 1.0
) -> Measurement:
    """|Σ learnabilities / n − 1|, over an orthonormal basis of all functions on a finite set of inputs.

    share: the leading share of the eigenfunctions that is summed over.
    """
    spectrum, basis, kernel = _domain(trials, points, dimension)
    learned = _learned(trials, basis, kernel, samples, ridge, "training points")
    summed = learned[:, : round(share * points)].sum(1)
    return Measurement(
        values=(summed / samples - 1).abs(), panels=_learnability_panel(spectrum, learned, samples, ridge)
    )


def learnability_error(
    trials: Trials,
    *,
    points: int,
    dimension: int,
    samples: int,
    draws: int,
    ridge: float = 0.0,
    shuffled_spectrum: bool = False,
    formula: Literal["λ/(λ+κ)", "leading n"] = "λ/(λ+κ)",
) -> Measurement:
    """Root of Σ_i (𝓛_i − λ_i/(λ_i + κ))² / Σ_i (λ_i/(λ_i + κ))², 𝓛_i the mean over `draws` training sets.

    shuffled_spectrum: the kernel has its eigenvalues in random order over its eigenfunctions, of which the prediction
    knows nothing. formula: "leading n" learns the n leading eigenfunctions and no other.
    """
    spectrum, basis, kernel = _domain(trials, points, dimension)
    if shuffled_spectrum:
        order = permutation(trials.seeds, points, stream="spectrum order", device=trials.device)
        kernel = (basis * spectrum.gather(1, order)[:, None, :]) @ basis.mT
    learned = torch.stack(
        [
            _learned(trials, basis, kernel, samples, ridge, f"training points {draw}")
            for draw in trials.track(range(draws), "training sets")
        ]
    ).mean(0)
    if formula == "leading n":
        predicted = (torch.arange(points) < samples).double().expand(len(trials), -1)
    else:
        shares = [learnabilities(one / points, samples, ridge) for one in spectrum.cpu().numpy()]
        predicted = torch.as_tensor(np.stack(shares))
    distance = (learned.cpu() - predicted).square().sum(1) / predicted.square().sum(1)
    return Measurement(values=distance.sqrt(), panels=_learnability_panel(spectrum, learned, samples, ridge))


def _domain(trials: Trials, points: int, dimension: int) -> tuple[Tensor, Tensor, Tensor]:
    """Falling eigenvalues, eigenfunctions as columns, and the matrix of exp(−‖x − x'‖/√dimension) on Gaussian inputs.

    The inputs' law is uniform on these `points`, so that the kernel's eigenvalues are the matrix's over `points`.
    """
    inputs = normal(trials.seeds, (points, dimension), stream="inputs", device=trials.device, dtype=torch.float64)
    kernel = torch.exp(-torch.cdist(inputs, inputs) / dimension**0.5)
    spectrum, basis = torch.linalg.eigh(kernel)
    return spectrum.flip(1), basis.flip(2), kernel


def _learned(trials: Trials, basis: Tensor, kernel: Tensor, samples: int, ridge: float, stream: str) -> Tensor:
    """Every eigenfunction's learnability `[runs, points]`: it is the target, seen on `samples` points of the domain."""
    points = kernel.shape[1]
    order = permutation(trials.seeds, points, stream=stream, device=trials.device)[:, :samples]
    rows = order[:, :, None].expand(-1, -1, points)
    seen = kernel.gather(1, rows)
    gram = seen.gather(2, order[:, None, :].expand(-1, samples, -1))
    gram.diagonal(dim1=1, dim2=2).add_(ridge)
    # ⟨φ_i, f̂_i⟩, the prediction f̂_i being seenᵀ·gram⁻¹·(φ_i on the sample).
    weights = solve_positive_definite(gram, basis.gather(1, rows))
    return ((seen @ basis) * weights).sum(1)


def _learnability_panel(spectrum: Tensor, learned: Tensor, samples: int, ridge: float) -> Panel:
    values = spectrum.mean(0).cpu() / spectrum.shape[1]
    axes = Panel("Learnability of every eigenfunction", x="kernel eigenvalue", y="learnability", log="x")
    return axes.over_seeds("measured, mean and range over seeds", values, learned).line(
        "λ/(λ+κ), independent samples", values, learnabilities(values, samples, ridge), role="predicted"
    )
