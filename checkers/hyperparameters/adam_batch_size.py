"""Adam at two batch sizes on noisy least squares, its step size, averages and floor rescaled together or not.

The square-root rule multiplies the step size by √κ, 1 − β₁ and 1 − β₂ by κ, and ε by 1/√κ when the batch grows κ-fold:
both runs then follow one stochastic differential equation, if noise dominates the gradient. (Malladi et al. 2022,
2205.10287.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.gaussian_spectra import power_law_spectrum
from checkers.testbeds.optimisers import Adam
from checkers.testbeds.randomness import generator, signs
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

LARGEST = 10.0
TIMES = 16
DRAWN_AT_ONCE = 50

Kept = Literal["rescaled", "kept"]


def curve_distance(
    trials: Trials,
    *,
    rule: Literal["square-root", "linear", "constant"] = "square-root",
    averages: Kept = "rescaled",
    floor: Kept = "rescaled",
    factor: int = 8,
    batch_size: int = 8,
    step_size: float = 0.003,
    beta1: float = 0.9,
    beta2: float = 0.99,
    epsilon: float = 1e-8,
    noise: float = 4.0,
    steps: int = 1600,
    dimension: int = 16,
    replicas: int = 32,
) -> Measurement:
    """The largest |log ratio| of the two expected excess losses, over sixteen equal stretches of the examples seen.

    rule, averages, floor: what becomes of the step size, of 1 − β₁ and 1 − β₂, and of ε at `factor` times the batch
    size. Inputs are Gaussian with variances 1/k, the target has weights ±1 and label noise of standard deviation
    `noise`; training starts from zero. steps: at the smaller batch. Expected: the mean over `replicas` runs of a seed,
    over the last quarter of a stretch. Distances are capped at 10.
    """
    spectrum = power_law_spectrum(dimension, 1.0, device=trials.device, dtype=torch.float32)
    target = signs(trials.seeds, (dimension,), stream="target", device=trials.device)
    targets = target.repeat(replicas, 1)

    def excess(weights: Tensor) -> Tensor:
        return 0.5 * ((weights - targets).square() @ spectrum)

    def loss(parameters: dict[str, Tensor], batch: tuple[Tensor, Tensor]) -> Tensor:
        inputs, noises = batch
        missed = ((parameters["weights"] - targets)[:, None, :] * inputs).sum(2) - noises
        return 0.5 * missed.square().mean(1)

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        return {"excess": excess(snapshot.parameters["weights"]).reshape(replicas, -1).mean(0)}

    curves = []
    for kappa in (1, factor):
        faster = kappa if averages == "rescaled" else 1
        length = steps // kappa
        path = train(
            {"weights": torch.zeros_like(targets)},
            loss,
            Adam(
                step_size * {"square-root": kappa**0.5, "linear": float(kappa), "constant": 1.0}[rule],
                beta1=1 - faster * (1 - beta1),
                beta2=1 - faster * (1 - beta2),
                epsilon=epsilon / kappa**0.5 if floor == "rescaled" else epsilon,
            ),
            steps=length,
            batches=_batches(trials, spectrum, batch_size * kappa, noise, replicas),
            observe=observe,
            observe_at=range(1, length + 1),
            track=trials.track,
        )
        curves.append(_stretches(path.observed["excess"].double().cpu()))
    small, large = curves
    examples = [(index + 1) * steps * batch_size / TIMES for index in range(TIMES)]
    panel = Panel("Excess loss", x="examples seen", y="expected excess loss", log="y")
    for kappa, curve in zip((1, factor), curves, strict=True):
        panel = panel.over_seeds(f"batch size {batch_size * kappa}", examples, curve.T)
    distances = (large / small).log().abs()
    return Measurement(
        distances.amax(0).nan_to_num(LARGEST).clamp_max(LARGEST),
        panels=[
            panel,
            Panel("Distance of the curves", x="examples seen", y="|log ratio|").over_seeds(
                "measured", examples, distances.T
            ),
        ],
        notes=f"the excess falls by a factor {float((small[0] / small[-1]).mean()):.1f} between first and last stretch",
    )


def _stretches(curve: Tensor) -> Tensor:
    """Means over the last quarter of each of sixteen stretches of a curve, [stretches, seeds]."""
    return torch.stack([part[-max(1, len(part) // 4) :].mean(0) for part in curve.tensor_split(TIMES)])


def _batches(
    trials: Trials, spectrum: Tensor, size: int, noise: float, replicas: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Inputs [replicas·seeds, size, d] and label noise [replicas·seeds, size], drawn afresh at every step."""
    sources = [generator(seed, f"examples in batches of {size}") for seed in trials.seeds]
    shape = (DRAWN_AT_ONCE, replicas, size, len(spectrum) + 1)
    scales = torch.cat([spectrum.sqrt(), spectrum.new_tensor([noise])])
    while True:
        drawn = torch.stack([torch.randn(shape, generator=source) for source in sources], 2).to(trials.device)
        for examples in drawn.mul_(scales).flatten(1, 2):
            yield examples[..., :-1], examples[..., -1]
