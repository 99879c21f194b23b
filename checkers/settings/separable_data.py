"""Linearly separable points, and linear classifiers trained on them towards the hard margin, on the logistic loss."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.testbeds.randomness import normal
from checkers.theory.max_margin import hard_margin_vector
from lawbook import Trials

Method = Literal["logistic", "signs", "squared"]
RECORDED = 60
FIRST_RECORD = 5


@dataclass(frozen=True)
class Descent:
    """Points labelled by a random direction and moved away from its plane by `gap`; how weights move from zero.

    method: gradient descent on the logistic loss, steps along the signs of its gradient, or gradient descent on squared
    loss. pace: a "constant" step size, or "normalised", divided by the loss, which runs through the path of
    gradient flow ever faster. Squared loss has a constant step size at either pace.
    """

    points: int
    dimension: int
    gap: float
    step_size: float
    steps: int
    method: Method = "logistic"
    pace: Literal["constant", "normalised"] = "normalised"


@dataclass(frozen=True, eq=False)
class MarginPath:
    """Records along a run, `[runs, records]`, and the squared length of its hard-margin vector ŵ, `[runs]`.

    All are of the same weights. log_time: of s, the sum of the step sizes taken before. angle: to ŵ.
    """

    log_time: Tensor
    log_loss: Tensor
    angle: Tensor
    squared_length: Tensor


def margin_path(trials: Trials, setting: Descent) -> MarginPath:
    """Every run's records, at some 60 steps that are even in their logarithm."""
    signed = _signed_points(trials, setting)
    best = torch.as_tensor(np.stack([hard_margin_vector(one) for one in signed.cpu().numpy()])).to(signed)
    weights = torch.zeros_like(best)[:, :, None]
    log_time = torch.full_like(best[:, 0], -torch.inf)
    recorded_at = set(np.unique(np.geomspace(FIRST_RECORD, setting.steps, RECORDED).astype(int)).tolist())
    rows = []
    for step in trials.track(range(setting.steps + 1), "training"):
        margins = (signed @ weights)[:, :, 0]
        if setting.method == "squared":
            log_loss = torch.log((1 - margins).square().mean(1) / 2)
            push = ((1 - margins)[:, None, :] @ signed / setting.points).mT
            log_pace = torch.full_like(log_loss, math.log(setting.step_size))
        else:
            log_losses = _log_softplus(-margins)
            log_loss = torch.logsumexp(log_losses, 1) - math.log(setting.points)
            # Shares of the gradient, divided by the loss before they can underflow.
            shares = torch.exp(-torch.nn.functional.softplus(margins) - math.log(setting.points) - log_loss[:, None])
            push = (shares[:, None, :] @ signed).mT
            log_pace = math.log(setting.step_size) - log_loss
        if setting.method == "signs":
            push = torch.sign(push)
        if setting.pace == "constant" and setting.method != "squared":
            push = push * torch.exp(log_loss)[:, None, None] if setting.method == "logistic" else push
            log_pace = torch.full_like(log_loss, math.log(setting.step_size))
        if step in recorded_at:
            rows.append((log_time, log_loss, _angle(weights[:, :, 0], best)))
        weights = weights + setting.step_size * push
        log_time = torch.logaddexp(log_time, log_pace)
    clock, losses, angles = (torch.stack(column, 1).cpu() for column in zip(*rows, strict=True))
    return MarginPath(clock, losses, angles, best.square().sum(1).cpu())


def _signed_points(trials: Trials, setting: Descent) -> Tensor:
    """Points times their labels, `[runs, points, dimension]`: all lie on the positive side of one plane."""
    draw = {"device": trials.device, "dtype": torch.float64}
    teacher = normal(trials.seeds, (setting.dimension, 1), stream="teacher", **draw)
    teacher = teacher / teacher.norm(dim=1, keepdim=True)
    inputs = normal(trials.seeds, (setting.points, setting.dimension), stream="inputs", **draw)
    return inputs * torch.sign(inputs @ teacher) + setting.gap * teacher.mT


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
