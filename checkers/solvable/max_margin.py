"""Logistic regression on separable data: how fast does the loss fall, how fast does the direction settle?

For the direction waiting is hopeless (1/log t), so time is run faster: every step is divided by the loss, which follows
the path of gradient flow and only changes its clock. The flow's own time s grows by step size / loss a step, and its
logarithm reaches hundreds. The loss is followed under plain descent, whose clock is t = step size × steps.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.settings.separable_data import Descent, margin_path
from lawbook import Measurement, Panel, Trials


def direction_exponent(trials: Trials, *, setting: Descent, after: float) -> Measurement:
    """Slope of log(angle between w and the hard-margin vector) against log(log s), after log s = `after`.

    A run with fewer than five records after `after` is measured over the last half of them, and is out of regime.
    """
    path = margin_path(trials, setting)
    clock = path.log_time.mean(0)
    law = path.angle[:, -1].mean() * clock[-1] / clock
    reached, late = _late(path.log_time, after)
    log_clock = "log s, the logarithm of the flow's time"
    return Measurement(
        values=_slopes(torch.log(path.log_time.clamp_min(1)), torch.log(path.angle), late),
        in_regime=reached,
        panels=Panel("Direction of the weights", x=log_clock, y="angle to the hard-margin vector", log="xy")
        .over_seeds("measured, mean and range over seeds", clock, path.angle)
        .line("∝ 1/log s", clock, law, role="predicted"),
    )


def loss_constant(
    trials: Trials, *, setting: Descent, after: float, formula: Literal["descent", "flow"] = "descent"
) -> Measurement:
    r"""s·L over ‖ŵ‖²·x/(eˣ − 1), x = step size / ‖ŵ‖², at the end; ŵ is the hard-margin vector.

    Every normalised step lowers log L by x once the gradient has settled, so that s, the sum of step size / L over the
    steps before, is a geometric series that ends at step size / (L(eˣ − 1)). Under a constant step size x shrinks
    with the loss, and the limit is ‖ŵ‖², as it is for flow. A run whose log s ends at or below `after` is out of
    regime.
    """
    path = margin_path(trials, setting)
    limit = path.squared_length
    if formula == "descent" and setting.pace == "normalised":
        limit = setting.step_size / torch.expm1(setting.step_size / limit)
    ratio = torch.exp(path.log_time + path.log_loss) / limit[:, None]
    clock = path.log_time.mean(0)
    return Measurement(
        values=ratio[:, -1],
        in_regime=path.log_time[:, -1] > after,
        panels=Panel("Loss times the flow's time", x="log s", y="s·L over its limit")
        .over_seeds("measured, median and range over seeds", clock, ratio, middle="median")
        .line("limit", clock, 1.0, role="predicted"),
    )


def loss_exponent(trials: Trials, *, setting: Descent, after: float) -> Measurement:
    """Slope of log(loss) against log s after log s = `after`; regime as in `direction_exponent`."""
    path = margin_path(trials, setting)
    clock = path.log_time.mean(0)
    law = path.log_loss[:, -1].mean() - (clock - clock[-1])
    reached, late = _late(path.log_time, after)
    return Measurement(
        values=_slopes(path.log_time, path.log_loss, late),
        in_regime=reached,
        panels=Panel("Loss against time", x="log s", y="log loss")
        .over_seeds("measured, mean and range over seeds", clock, path.log_loss)
        .line("slope −1", clock, law, role="predicted"),
    )


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
