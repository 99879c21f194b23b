"""Loss against width for two-layer linear networks trained on a power-law spectrum, the exponent predicted.

The target is diag(k^{−g}) with inputs the identity. Only the strongest `modes` modes are trained; the weaker ones,
which no network here would learn, add their known loss. Weights are random and rotation invariant, so a diagonal
target loses nothing.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope, slope
from checkers.testbeds.randomness import normal
from checkers.theory.deep_linear_bottleneck import bottleneck_exponent, bottleneck_loss
from lawbook import Measurement, Panel, Trials

Offset = Literal["known", "ignored", "fitted"]


def fitted_exponent(
    trials: Trials,
    *,
    spectrum_exponent: float,
    widths: list[int],
    modes: int,
    init_scale: float,
    step_size: float,
    horizon: float,
    irreducible: float = 0.0,
    offset: Offset = "known",
) -> Measurement:
    """α from a straight line through log(L − L∞) against log(N + ½), one α a seed.

    horizon: step size × steps at every width. irreducible: a constant L∞ added to the loss (label noise). offset: what
    the fit does about it: takes off the known value, ignores it, or, as is usual where nothing is known, fits an
    offset and a line in log N together, by least squares in log(L − L∞).
    """
    losses = trained_losses(trials, spectrum_exponent, widths, modes, init_scale, step_size, horizon)
    observed = losses + irreducible
    places = torch.tensor(widths, dtype=torch.float64)
    if offset == "fitted":
        slopes = _slope_with_free_offset(torch.log(places), observed)
    else:
        known = irreducible if offset == "known" else 0.0
        slopes = log_log_slope(places + 0.5, observed - known)
    return Measurement(values=-slopes, panels=_loss_panel(spectrum_exponent, widths, observed, irreducible))


def loss_ratio(
    trials: Trials,
    *,
    spectrum_exponent: float,
    widths: list[int],
    modes: int,
    init_scale: float,
    step_size: float,
    horizon: float,
) -> Measurement:
    """Trained loss over the exact finite sum ½ Σ_{k>N} k^{−2g}, mean over the widths; never below 1."""
    losses = trained_losses(trials, spectrum_exponent, widths, modes, init_scale, step_size, horizon)
    exact = torch.as_tensor(bottleneck_loss(widths, spectrum_exponent))
    ratio = losses / exact
    return Measurement(
        values=ratio.mean(1),
        panels=[
            Panel("Trained loss over exact sum", x="width N", y="ratio", log="x")
            .over_seeds("measured, mean and range over seeds", widths, ratio)
            .line("exact", widths, 1.0, role="predicted"),
            _loss_panel(spectrum_exponent, widths, losses, 0.0),
        ],
    )


def trained_losses(
    trials: Trials,
    spectrum_exponent: float,
    widths: list[int],
    modes: int,
    init_scale: float,
    step_size: float,
    horizon: float,
) -> Tensor:
    """Loss ½‖W2·W1 − diag(k^{−g})‖²_F over infinitely many modes, `[seeds, widths]`, after gradient descent."""
    draw = {"device": trials.device, "dtype": torch.float64}
    spectrum = torch.arange(1, modes + 1, **draw) ** -spectrum_exponent
    beyond = float(bottleneck_loss(modes, spectrum_exponent))
    losses = []
    for width in widths:
        start = init_scale * normal(trials.seeds, (2, width, modes), stream=f"weights {width}", **draw)
        incoming, outgoing = start[:, 0].contiguous(), start[:, 1].contiguous()
        for _ in trials.track(range(round(horizon / step_size)), f"width {width}"):
            incoming_step = outgoing * spectrum - (outgoing @ outgoing.mT) @ incoming
            outgoing_step = incoming * spectrum - (incoming @ incoming.mT) @ outgoing
            incoming.add_(incoming_step, alpha=step_size)
            outgoing.add_(outgoing_step, alpha=step_size)
        residual = outgoing.mT @ incoming - torch.diag(spectrum)
        losses.append(residual.square().sum((1, 2)) / 2 + beyond)
    return torch.stack(losses, 1).cpu()


def _line(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Least-squares slope and residual sum of squares of every row of y against x."""
    slopes = slope(x, y)
    residual = y - y.mean(-1, keepdim=True) - slopes[..., None] * (x - x.mean())
    return slopes, residual.square().sum(-1)


def _slope_with_free_offset(log_widths: Tensor, losses: Tensor) -> Tensor:
    """The slope at the offset, of 2,000 between −L_min and L_min, where a line through log(L − offset) fits best."""
    smallest = losses.amin(1, keepdim=True)
    fractions = torch.linspace(-1, 0.999, 2000, dtype=torch.float64)
    offsets = smallest * fractions
    slopes, misfits = _line(log_widths, torch.log(losses[:, None, :] - offsets[:, :, None]))
    return slopes.gather(1, misfits.argmin(1, keepdim=True))[:, 0]


def _loss_panel(spectrum_exponent: float, widths: list[int], losses: Tensor, irreducible: float) -> Panel:
    places = torch.tensor(widths, dtype=torch.float64) + 0.5
    exact = torch.as_tensor(bottleneck_loss(widths, spectrum_exponent)) + irreducible
    alpha = bottleneck_exponent(spectrum_exponent)
    law = places**-alpha / (2 * alpha)
    return (
        Panel("Loss after training, against width", x="width N + 1/2", y="loss", log="xy")
        .over_seeds("measured, mean and range over seeds", places, losses)
        .line("exact sum", places, exact, role="predicted")
        .line(f"power law, exponent {alpha:g}", places, law, role="reference")
    )
