"""Minimum-norm least squares through the interpolation peak, against the exact finite-size risk."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.positive_definite import solve_positive_definite
from checkers.testbeds.randomness import normal
from checkers.theory.ridgeless_risk import asymptotic_risk, mean_risk, optimal_ridge, risk_draws
from lawbook import Measurement, Panel, Trials

Ridge = Literal["none", "tuned"]
Formula = Literal["exact", "asymptotic"]
PREDICTED_DRAWS = 200_000


def mean_risk_ratio(
    trials: Trials,
    *,
    samples: int,
    features: list[int],
    draws: int,
    signal: float,
    noise: float,
    ridge: Ridge = "none",
    formula: Formula = "exact",
) -> Measurement:
    """Excess risk, mean over `draws` training sets, over the formula for the mean; then the mean over `features`.

    signal: ‖β‖²; noise: σ². The risk of a training set is averaged over label noise exactly.
    """
    risk = torch.stack(
        [
            training_set_risk(trials, samples, count, draws, signal, noise, ridge).mean(1)
            for count in features
        ],
        1,
    )
    theory = mean_risk if formula == "exact" else asymptotic_risk
    predicted = torch.tensor(
        [theory(count, samples, signal=signal, noise=noise) for count in features], dtype=torch.float64
    )
    grid = [p for p in range(min(features), max(features) + 1) if abs(p - samples) > 1]
    curve = [theory(p, samples, signal=signal, noise=noise) for p in grid]
    return Measurement(
        values=(risk / predicted).mean(1),
        panels=Panel(f"Excess risk, n = {samples}", x="features p", y="excess risk", log="xy")
        .over_seeds("measured, mean and range over seeds", features, risk)
        .line(f"{formula} mean", grid, curve, role="predicted"),
    )


def peak_risk(
    trials: Trials, *, samples: int, features: int, signal: float, noise: float, ridge: Ridge = "none"
) -> Measurement:
    """Excess risk of one training set over the predicted median, near p = n where the mean is infinite or useless."""
    risk = training_set_risk(trials, samples, features, 1, signal, noise, ridge)[:, 0]
    predicted = torch.as_tensor(
        risk_draws(features, samples, signal=signal, noise=noise, draws=PREDICTED_DRAWS, seed=1)
    )
    share = (torch.arange(len(risk), dtype=torch.float64) + 0.5) / len(risk)
    title = f"Distribution of the risk at p = {features}, n = {samples}"
    return Measurement(
        values=risk / predicted.median(),
        panels=Panel(title, x="excess risk", y="share of training sets below", log="x")
        .line("measured", risk.sort().values, share)
        .line("predicted", torch.quantile(predicted, share), share, role="predicted"),
    )


def training_set_risk(
    trials: Trials, samples: int, features: int, draws: int, signal: float, noise: float, ridge: Ridge
) -> Tensor:
    """‖E β̂ − β‖² + σ² tr(variance of β̂), given the inputs, `[runs, draws]`; β has random direction."""
    draw = {"device": trials.device, "dtype": torch.float64}
    inputs = normal(trials.seeds, (draws, samples, features), stream=f"inputs {features}", **draw)
    direction = normal(trials.seeds, (draws, features, 1), stream=f"target {features}", **draw)
    target = signal**0.5 * direction / direction.norm(dim=-2, keepdim=True)
    delta = optimal_ridge(features, signal=signal, noise=noise) if ridge == "tuned" else 0.0
    wide = features >= samples
    gram = inputs @ inputs.mT if wide else inputs.mT @ inputs
    gram = gram + delta * torch.eye(gram.shape[-1], **draw)
    # The estimator is β̂ = solution·y, with the inverse taken on the smaller side.
    solved = solve_positive_definite(gram, inputs if wide else inputs.mT)
    solution = solved.mT if wide else solved
    bias = (solution @ (inputs @ target) - target).square().sum((-2, -1))
    return (bias + noise * solution.square().sum((-2, -1))).cpu()
