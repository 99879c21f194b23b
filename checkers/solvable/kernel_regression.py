"""Kernel ridge regression in the kernel's own eigenbasis: measured test risk, and what the theory says of it."""

from __future__ import annotations

from typing import Literal

import torch

from checkers.instruments.positive_definite import solve_positive_definite
from checkers.settings.kernel_regression import (
    Design,
    draw_features,
    eigenvalues,
    risk_panel,
    sign_averaged_risk,
    target_power,
)
from checkers.testbeds.data import load
from checkers.testbeds.randomness import integers, normal, permutation
from checkers.theory.kernel_regression_risk import learnabilities, predicted_risk
from lawbook import Measurement, Panel, Trials


def risk_ratio(
    trials: Trials,
    *,
    samples: list[int],
    modes: int,
    spectrum_exponent: float,
    target_exponent: float,
    ridge: float,
    noise: float = 0.0,
    design: Design = "gaussian",
    permuted_target: bool = False,
) -> Measurement:
    """Measured over predicted test risk, mean over sample sizes; one training set of every size a seed.

    Eigenvalues k^{−spectrum_exponent} (for "circle" sine and cosine of a frequency share one), target coefficients
    ±k^{−target_exponent/2}. design: what eigenfunctions are at random inputs: independent Gaussians, independent signs,
    or Fourier modes of a point on the circle. permuted_target: the target's coefficients are in random order, of
    which the prediction knows nothing.
    """
    measured = []
    for count in samples:
        features = draw_features(trials, count, modes, design)
        power = target_power(modes, target_exponent).to(features)
        if permuted_target:
            power = power[permutation(trials.seeds, modes, stream="target order", device=trials.device)]
        spectrum = eigenvalues(modes, spectrum_exponent, design).to(features)
        measured.append(sign_averaged_risk(features, spectrum, power, ridge, noise))
    risk = torch.stack(measured, 1).cpu()
    predicted = torch.tensor(
        [
            predicted_risk(
                eigenvalues(modes, spectrum_exponent, design),
                target_power(modes, target_exponent),
                count,
                ridge=ridge,
                noise=noise,
            )
            for count in samples
        ],
        dtype=torch.float64,
    )
    return Measurement(values=(risk / predicted).mean(1), panels=risk_panel(samples, risk, predicted))


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
        chosen = integers(
            trials.seeds, (count,), stream=f"training set {count}", high=pool, device=trials.device
        )
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

    The domain is `points` Gaussian inputs with uniform law and the kernel exp(−‖x − x'‖/√dimension). Every
    eigenfunction in turn is the target, seen on `samples` of the points; its learnability is the overlap of
    prediction and target. share: the leading share of the eigenfunctions that is summed over.
    """
    draw = {"device": trials.device, "dtype": torch.float64}
    inputs = normal(trials.seeds, (points, dimension), stream="inputs", **draw)
    kernel = torch.exp(-torch.cdist(inputs, inputs) / dimension**0.5)
    order = permutation(trials.seeds, points, stream="training points", device=trials.device)[:, :samples]
    spectrum, basis = torch.linalg.eigh(kernel)
    rows = order[:, :, None]
    seen = kernel.gather(1, rows.expand(-1, -1, points))
    gram = seen.gather(2, order[:, None, :].expand(-1, samples, -1))
    gram = gram + ridge * torch.eye(samples, **draw)
    targets = basis.gather(1, rows.expand(-1, -1, points))
    predictions = seen.mT @ solve_positive_definite(gram, targets)
    learned = (basis * predictions).sum(1).flip(1)
    summed = learned[:, : round(share * points)].sum(1)
    values = spectrum.flip(1).mean(0).cpu() / points
    predicted = learnabilities(values, samples, ridge)
    axes = Panel("Learnability of every eigenfunction", x="kernel eigenvalue", y="learnability", log="x")
    return Measurement(
        values=(summed / samples - 1).abs(),
        panels=axes.over_seeds("measured, mean and range over seeds", values, learned).line(
            "λ/(λ+κ), independent samples", values, predicted, role="predicted"
        ),
    )
