"""Minimum-norm least squares through the interpolation peak, against the exact finite-size risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.instruments.positive_definite import solve_positive_definite
from checkers.testbeds.randomness import normal
from checkers.theory.ridgeless_risk import mean_risk, optimal_ridge, risk_draws
from lawbook import Measurement, Panel, Trials

PREDICTED_DRAWS = 200_000
SHARES = (torch.arange(200, dtype=torch.float64) + 0.5) / 200


@dataclass(frozen=True)
class Regression:
    """Training sets of `samples` isotropic inputs, `draws` of them a seed; signal: ‖β‖², noise: σ².

    ridge: none, or the best one for the number of features.
    """

    samples: int
    draws: int
    signal: float = 1.0
    noise: float = 0.25
    ridge: Literal["none", "tuned"] = "none"

    def exact(self, features: int) -> float:
        """The mean risk without a ridge."""
        return mean_risk(features, self.samples, signal=self.signal, noise=self.noise)


def risk_at(trials: Trials, *, features: int, setting: Regression) -> Measurement:
    """Excess risk ‖β̂ − β‖², mean over training sets."""
    risk = _risks(trials, features, setting)
    exact = setting.exact(features)
    panel = _distribution(risk, features, setting)
    return Measurement(
        values=risk.mean(1), panels=panel.line("exact mean", [exact, exact], [0.0, 1.0], role="predicted")
    )


def mean_risk_ratio(trials: Trials, *, features: list[int], setting: Regression) -> Measurement:
    """Excess risk, mean over training sets, over the exact mean; then the mean over `features`."""
    risk = _mean_risks(trials, features, setting)
    exact = torch.tensor([setting.exact(p) for p in features], dtype=torch.float64)
    return Measurement(values=(risk / exact).mean(1), panels=_risk_panel(risk, features, setting))


def second_minimum(trials: Trials, *, features: list[int], setting: Regression) -> Measurement:
    """p/(n + 1) at which the mean risk is least beyond the peak: of a quartic in log(p/(n + 1) − 1) through `features`.

    Through the exact risks it errs by less than 10⁻³. A seed whose least risk lies at an end of `features` is out of
    regime and counts that end.
    """
    risk = _mean_risks(trials, features, setting)
    places = np.log(np.asarray(features) / (setting.samples + 1) - 1)
    grid = np.linspace(places[0], places[-1], 2001)
    quartics = np.polynomial.polynomial.polyfit(places, risk.numpy().T, 4)
    lowest = np.polynomial.polynomial.polyval(grid, quartics).argmin(1)
    return Measurement(
        values=1 + np.exp(grid[lowest]),
        in_regime=(lowest > 0) & (lowest < len(grid) - 1),
        panels=_risk_panel(risk, features, setting),
    )


def peak_median_ratio(trials: Trials, *, extra_features: int = 0, setting: Regression) -> Measurement:
    """Median risk over training sets with p = n + extra_features, over the predicted median of p = n."""
    samples = setting.samples
    risk = _risks(trials, samples + extra_features, setting)
    drawn = risk_draws(samples, samples, signal=setting.signal, noise=setting.noise, draws=PREDICTED_DRAWS, seed=1)
    predicted = torch.as_tensor(drawn)
    panel = _distribution(risk, samples + extra_features, setting)
    return Measurement(
        values=risk.median(1).values / predicted.median(),
        panels=panel.line("predicted for p = n", torch.quantile(predicted, SHARES), SHARES, role="predicted"),
    )


def _risks(trials: Trials, features: int, setting: Regression) -> Tensor:
    """‖E β̂ − β‖² + σ² tr(variance of β̂), given the inputs, `[runs, draws]`; β has random direction."""
    draw = {"device": trials.device, "dtype": torch.float64}
    draws, samples = setting.draws, setting.samples
    inputs = normal(trials.seeds, (draws, samples, features), stream=f"inputs {features}", **draw)
    direction = normal(trials.seeds, (draws, features, 1), stream=f"target {features}", **draw)
    target = setting.signal**0.5 * direction / direction.norm(dim=-2, keepdim=True)
    delta = optimal_ridge(features, signal=setting.signal, noise=setting.noise) if setting.ridge == "tuned" else 0.0
    # The estimator is β̂ = (XᵀX + δ)⁻¹Xᵀy = Xᵀ(XXᵀ + δ)⁻¹y, with the inverse taken on the smaller side.
    wide = features >= samples
    identity = torch.eye(min(samples, features), **draw)
    gram = (inputs @ inputs.mT if wide else inputs.mT @ inputs) + delta * identity
    inverse = solve_positive_definite(gram, identity.expand_as(gram))
    seen = inputs @ target
    expected = inputs.mT @ (inverse @ seen) if wide else inverse @ (inputs.mT @ seen)
    spread = inverse.diagonal(dim1=-2, dim2=-1).sum(-1) - delta * inverse.square().sum((-2, -1))
    return ((expected - target).square().sum((-2, -1)) + setting.noise * spread).cpu()


def _mean_risks(trials: Trials, features: list[int], setting: Regression) -> Tensor:
    """`[runs, features]`."""
    numbers = trials.track(features, "numbers of features")
    return torch.stack([_risks(trials, p, setting).mean(1) for p in numbers], 1)


def _risk_panel(risk: Tensor, features: list[int], setting: Regression) -> Panel:
    grid = [p for p in range(min(features), max(features) + 1) if abs(p - setting.samples) > 1]
    return (
        Panel(f"Excess risk, n = {setting.samples}", x="features p", y="excess risk", log="xy")
        .over_seeds("measured, mean and range over seeds", features, risk)
        .line("exact mean", grid, [setting.exact(p) for p in grid], role="predicted")
    )


def _distribution(risk: Tensor, features: int, setting: Regression) -> Panel:
    title = f"Distribution of the risk at p = {features}, n = {setting.samples}"
    panel = Panel(title, x="excess risk", y="share of training sets below", log="x")
    return panel.line("measured", torch.quantile(risk.flatten(), SHARES), SHARES)
