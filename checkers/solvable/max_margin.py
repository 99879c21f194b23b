"""Logistic regression on separable data: how fast does the loss fall, how fast does the direction settle?

Waiting for the limit is hopeless (1/log t), so time is run faster: every step is divided by the loss, which follows
the path of gradient flow and only changes its clock. The flow's own time s grows by step size / loss a step, and its
logarithm reaches hundreds.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.testbeds.randomness import normal
from checkers.theory.max_margin import hard_margin_vector
from lawbook import Measurement, Panel, Trials

Method = Literal["logistic", "signs", "squared"]
RECORDED = 60


def direction_exponent(
    trials: Trials,
    *,
    points: int,
    dimension: int,
    gap: float,
    step_size: float,
    steps: int,
    after: float,
    method: Method = "logistic",
) -> Measurement:
    """Slope of log(angle between w and the hard-margin vector) against log(log s), after log s = `after`.

    Labels are the sign of a random direction, and points are moved away from its plane by `gap`. method: gradient
    descent on the logistic loss, steps along the signs of its gradient, or gradient descent on squared loss. A run with
    fewer than five records after `after` is measured over the last half of them, and is out of regime.
    """
    log_time, _, angle, _ = _trained(trials, points, dimension, gap, step_size, steps, method)
    log_log_time = torch.log(log_time.clamp_min(1))
    clock = log_time.mean(0)
    law = angle[:, -1].mean() * clock[-1] / clock
    reached, late = _late(log_time, after)
    axes = Panel(
        "Direction of the weights",
        x="log s, the logarithm of the flow's time",
        y="angle to the hard-margin vector",
        log="xy",
    )
    return Measurement(
        values=_slopes(log_log_time, torch.log(angle), late),
        in_regime=reached,
        panels=axes.over_seeds("measured, mean and range over seeds", clock, angle).line(
            "∝ 1/log s", clock, law, role="predicted"
        ),
    )


def loss_exponent(
    trials: Trials,
    *,
    points: int,
    dimension: int,
    gap: float,
    step_size: float,
    steps: int,
    after: float,
    method: Method = "logistic",
) -> Measurement:
    """Slope of log(loss) against log s over the same times, by the same rule of regime."""
    log_time, log_loss, _, _ = _trained(trials, points, dimension, gap, step_size, steps, method)
    clock = log_time.mean(0)
    law = log_loss[:, -1].mean() - (clock - clock[-1])
    reached, late = _late(log_time, after)
    return Measurement(
        values=_slopes(log_time, log_loss, late),
        in_regime=reached,
        panels=Panel("Loss against the flow's time", x="log s", y="log loss")
        .over_seeds("measured, mean and range over seeds", clock, log_loss)
        .line("slope −1", clock, law, role="predicted"),
    )


def loss_constant(
    trials: Trials,
    *,
    points: int,
    dimension: int,
    gap: float,
    step_size: float,
    steps: int,
    after: float,
    method: Method = "logistic",
) -> Measurement:
    r"""s·L over ‖ŵ‖²·x/(eˣ − 1), x = step size / ‖ŵ‖², at the end; ŵ is the hard-margin vector.

    Every step lowers log L by x once the gradient has settled, so that s, the sum of step size / L over the steps
    before, is a geometric series that ends at step size / (L(eˣ − 1)). A run whose log s ends at or below `after` is
    out of regime.
    """
    log_time, log_loss, _, squared_length = _trained(trials, points, dimension, gap, step_size, steps, method)
    decrease = step_size / squared_length
    ratio = torch.exp(log_time + log_loss + torch.log(torch.expm1(decrease) / step_size)[:, None])
    clock = log_time.mean(0)
    return Measurement(
        values=ratio[:, -1],
        in_regime=log_time[:, -1] > after,
        panels=Panel("Loss times the flow's time", x="log s", y="s·L over its limit")
        .over_seeds("measured, median and range over seeds", clock, ratio, middle="median")
        .line("limit", clock, 1.0, role="predicted"),
    )


def _trained(
    trials: Trials,
    points: int,
    dimension: int,
    gap: float,
    step_size: float,
    steps: int,
    method: Method,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """log s, log loss and angle to the hard-margin vector ŵ at recorded points, `[runs, times]` each; ‖ŵ‖², `[runs]`.

    All three are of the same weights: s counts the steps that led to them.
    """
    draw = {"device": trials.device, "dtype": torch.float64}
    teacher = normal(trials.seeds, (dimension, 1), stream="teacher", **draw)
    teacher = teacher / teacher.norm(dim=1, keepdim=True)
    inputs = normal(trials.seeds, (points, dimension), stream="inputs", **draw)
    # With labels multiplied in, every point lies on the teacher's positive side.
    signed = inputs * torch.sign(inputs @ teacher) + gap * teacher.mT
    best = torch.as_tensor(np.stack([hard_margin_vector(one) for one in signed.cpu().numpy()])).to(signed)
    weights = torch.zeros(len(trials), dimension, 1, **draw)
    log_time = torch.full((len(trials),), -torch.inf, **draw)
    recorded_at = set(np.unique(np.geomspace(5, steps, RECORDED).astype(int)).tolist())
    rows = []
    for step in trials.track(range(steps + 1), "training"):
        margins = (signed @ weights)[:, :, 0]
        if method == "squared":
            log_loss = torch.log((1 - margins).square().mean(1) / 2)
            push = ((1 - margins)[:, :, None] * signed).mean(1)[:, :, None]
            pace = torch.full_like(log_loss, math.log(step_size))
        else:
            log_losses = _log_softplus(-margins)
            log_loss = torch.logsumexp(log_losses, 1) - math.log(points)
            # Shares of the gradient, divided by the loss before they can underflow.
            shares = torch.exp(-torch.nn.functional.softplus(margins) - math.log(points) - log_loss[:, None])
            push = (shares[:, :, None] * signed).sum(1)[:, :, None]
            pace = math.log(step_size) - log_loss
        if method == "signs":
            push = torch.sign(push)
        if step in recorded_at:
            rows.append((log_time, log_loss, _angle(weights[:, :, 0], best)))
        weights = weights + step_size * push
        log_time = torch.logaddexp(log_time, pace)
    clock, losses, angles = (torch.stack(column, 1).cpu() for column in zip(*rows, strict=True))
    return clock, losses, angles, best.square().sum(1).cpu()


def _log_softplus(x: Tensor) -> Tensor:
    """log(log(1 + eˣ)), accurate where eˣ underflows."""
    softplus = torch.nn.functional.softplus(x.clamp_min(-30))
    return torch.where(x < -30, x, torch.log(softplus))


def _angle(one: Tensor, other: Tensor) -> Tensor:
    """Angle between rows, accurate when small: the arctangent of the perpendicular over the parallel part."""
    other = other / other.norm(dim=1, keepdim=True)
    along = (one * other).sum(1)
    across = (one - along[:, None] * other).norm(dim=1)
    return torch.atan2(across, along)


def _late(log_time: Tensor, after: float) -> tuple[Tensor, Tensor]:
    """Whether each run has five records with log s > after, and which records to use: those, else the last half."""
    half = torch.arange(log_time.shape[1]) >= log_time.shape[1] // 2
    beyond = log_time > after
    reached = beyond.sum(1) >= 5
    return reached, torch.where(reached[:, None], beyond, half)


def _slopes(x: Tensor, y: Tensor, used: Tensor) -> Tensor:
    """Least-squares slope of each row of y against x over the records used."""
    weights = used.to(x.dtype)
    x = (x - (weights * x).sum(1, keepdim=True) / weights.sum(1, keepdim=True)) * weights
    return (x * y).sum(1) / x.square().sum(1)
