r"""Gradient descent stopped at time t against ridge regression of penalty 1/t, in risk of estimating the coefficients.

Descent on ‖y − Xβ‖²/(2n) from zero keeps $1 - e^{-ts}$ of an eigendirection of XᵀX/n of size s, ridge of penalty λ
keeps $s/(s + \lambda)$. With λ = 1/t the ratio of the two risks is at most $\max_x ((1 - e^{-x})(1 + x)/x)^2 =
1.6862$, at x = ts = 1.7933. (Ali, Kolter & Tibshirani 2018, arXiv:1810.10082, theorem 1.)
"""

from __future__ import annotations

import torch

from checkers.testbeds.randomness import normal
from lawbook import Measurement, Panel, Trials


def largest_risk_ratio(
    trials: Trials,
    *,
    samples: int,
    dimension: int,
    times: list[float],
    signal: float = 1.0,
    decay: float = 0.0,
    penalty_power: float = 1.0,
    penalty_factor: float = 1.0,
    noise_draws: int = 200,
    step_size: float = 0.05,
) -> Measurement:
    """Largest over times of the risk of stopped descent over that of ridge, ‖β̂ − β‖² averaged over drawn noise.

    times: where descent is stopped, step_size × steps in units of 1/(mean eigenvalue). decay: the inputs' variances
    fall as rank^{−decay}, of mean one. signal: ‖β‖², noise of variance one a sample. Ridge has the penalty
    penalty_factor · t^{−penalty_power}. All noise vectors of a seed descend at once.
    """
    device, wide = trials.device, torch.float64
    scales = torch.arange(1, dimension + 1, dtype=wide, device=device).pow(-decay / 2)
    scales = scales / scales.square().mean().sqrt()
    inputs = normal(trials.seeds, (samples, dimension), stream="inputs", device=device, dtype=wide) * scales
    direction = normal(trials.seeds, (dimension, 1), stream="signal", device=device, dtype=wide)
    truth = signal**0.5 * direction / direction.norm(dim=1, keepdim=True)
    noise = normal(trials.seeds, (samples, noise_draws), stream="noise", device=device, dtype=wide)
    gram, cross = inputs.mT @ inputs / samples, inputs.mT @ (inputs @ truth + noise) / samples
    estimate = torch.zeros_like(cross)
    eye = torch.eye(dimension, dtype=wide, device=device)
    descents, ridges, done = [], [], 0
    for time in trials.track(times, "stopping times"):
        for _ in range(round(time / step_size) - done):
            estimate = estimate - step_size * (gram @ estimate - cross)
        done = round(time / step_size)
        penalty = penalty_factor * (done * step_size) ** -penalty_power
        ridge = torch.linalg.solve(gram + penalty * eye, cross)
        descents.append((estimate - truth).square().sum(1).mean(-1))
        ridges.append((ridge - truth).square().sum(1).mean(-1))
    descent, of_ridge = torch.stack(descents, -1), torch.stack(ridges, -1)
    return Measurement(
        values=(descent / of_ridge).amax(-1).cpu(),
        panels=Panel("Risk along the path", x="time, or 1/penalty", y="squared error of the coefficients", log="xy")
        .over_seeds("stopped descent", times, descent.cpu())
        .over_seeds("ridge", times, of_ridge.cpu(), role="reference"),
    )
