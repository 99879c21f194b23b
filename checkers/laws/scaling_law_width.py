"""Loss against width for two-layer linear networks trained on a power-law spectrum."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope, slope
from checkers.settings.linear_bottleneck import Bottleneck
from lawbook import Measurement, Panel, Trials


def fitted_exponent(
    trials: Trials,
    *,
    setting: Bottleneck,
    widths: list[int],
    irreducible: float = 0.0,
    offset: Literal["known", "ignored", "fitted"] = "known",
) -> Measurement:
    """α from a straight line through log(L − L∞) against log(N + ½), one α a seed.

    irreducible: a constant L∞ added to the loss (label noise). offset: what the fit does about it: takes off the known
    value, ignores it, or, as is usual where nothing is known, fits an offset and a line in log N together, by least
    squares in log(L − L∞).
    """
    observed = setting.trained_losses(trials, widths) + irreducible
    places = torch.tensor(widths, dtype=torch.float64)
    if offset == "fitted":
        slopes = _slope_with_free_offset(torch.log(places), observed)
    else:
        known = irreducible if offset == "known" else 0.0
        slopes = log_log_slope(places + 0.5, observed - known)
    return Measurement(values=-slopes, panels=_loss_panel(setting, widths, observed, irreducible))


def loss_ratio(trials: Trials, *, setting: Bottleneck, widths: list[int]) -> Measurement:
    """Trained loss over the exact finite sum ½ Σ_{k>N} k^{−2g}, mean over the widths; never below 1."""
    losses = setting.trained_losses(trials, widths)
    ratio = losses / setting.exact_losses(widths)
    return Measurement(
        values=ratio.mean(1),
        panels=[
            Panel("Trained loss over exact sum", x="width N", y="ratio", log="x")
            .over_seeds("measured, mean and range over seeds", widths, ratio)
            .line("exact", widths, 1.0, role="predicted"),
            _loss_panel(setting, widths, losses, 0.0),
        ],
    )


def _slope_with_free_offset(log_widths: Tensor, losses: Tensor) -> Tensor:
    """The slope at the offset, of 2,000 between −L_min and L_min, where a line through log(L − offset) fits best."""
    smallest = losses.amin(1, keepdim=True)
    offsets = smallest * torch.linspace(-1, 0.999, 2000, dtype=torch.float64)
    logs = torch.log(losses[:, None, :] - offsets[:, :, None])
    slopes = slope(log_widths, logs)
    residual = logs - logs.mean(-1, keepdim=True) - slopes[..., None] * (log_widths - log_widths.mean())
    return slopes.gather(1, residual.square().sum(-1).argmin(1, keepdim=True))[:, 0]


def _loss_panel(setting: Bottleneck, widths: list[int], losses: Tensor, irreducible: float) -> Panel:
    places = torch.tensor(widths, dtype=torch.float64) + 0.5
    exact, alpha = setting.exact_losses(widths) + irreducible, 2 * setting.spectrum_exponent - 1
    return (
        Panel("Loss after training, against width", x="width N + 1/2", y="loss", log="xy")
        .over_seeds("measured, mean and range over seeds", places, losses)
        .line("exact sum", places, exact, role="predicted")
        .line(f"power law, exponent {alpha:g}", places, places**-alpha / (2 * alpha), role="reference")
    )
