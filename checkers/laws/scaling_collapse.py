r"""Loss curves of compute-optimal runs of all sizes are one curve, each divided by where it ends.

Width N is trained for $T = T_0 (N/N_0)^\gamma$ steps and its excess loss at the share x of them, over that at the end,
is compared over widths. The model is that of the compute frontier, so γ and the irreducible loss are known: γ is the
capacity exponent, for width N learns feature N in $N^a$ steps. (Qiu et al. 2025, 2507.02119.)
"""

from __future__ import annotations

import torch
from torch import Tensor

from checkers.settings.online_regression import OnlineRegression
from lawbook import Measurement, Panel, Trials

SHARES = torch.logspace(-1, 0, 25, dtype=torch.float64)


def spread_over_sizes(
    trials: Trials,
    *,
    setting: OnlineRegression,
    widths: list[int],
    shortest: int,
    growth: float,
    unaccounted: float = 0.0,
    permuted_target: bool = False,
) -> Measurement:
    """The largest over x of the standard deviation over widths of the normalised curve, relative to its mean.

    shortest: T of the narrowest width. growth: T's exponent in width. unaccounted: a loss that every run has and that
    is not taken off. permuted_target: features contribute to the target in random order, so that no power law holds.
    Shares x run from 0.1 to 1; between steps the risk is interpolated. The spread of the exact expected risks, which
    have no noise, is in the notes.
    """
    horizons = [shortest * (width / widths[0]) ** growth for width in widths]
    steps = round(max(horizons)) + 1
    curves = _normalised(setting.trained_risks(trials, widths, steps, permuted=permuted_target) + unaccounted, horizons)
    exact = _normalised(setting.exact_risks(widths, steps)[None] + unaccounted, horizons)
    shares = SHARES.tolist()
    panel = Panel("Excess loss over its last value", x="share x of the run", y="ℓ(x), mean over seeds", log="xy")
    for index in sorted({0, len(widths) // 2, len(widths) - 1}):
        panel = panel.over_seeds(f"width {widths[index]}", shares, curves[:, index])
    return Measurement(
        _spread(curves).amax(1),
        panels=[
            panel.line("exact, mean over widths", shares, exact[0].mean(0), role="predicted"),
            Panel("Spread over widths", x="share x of the run", y="relative standard deviation", log="x")
            .over_seeds("measured", shares, _spread(curves))
            .line("exact expected risks", shares, _spread(exact)[0], role="predicted"),
        ],
        notes=f"exact expected risks spread by {_spread(exact).amax():.4f} at these sizes",
    )


def _normalised(risks: Tensor, horizons: list[float]) -> Tensor:
    """Each width's risk at the shares of its own horizon over that at its end, `[runs, widths, shares]`."""
    curves = []
    for index, horizon in enumerate(horizons):
        places = SHARES * horizon
        before = places.floor().long().clamp_max(risks.shape[2] - 2)
        rest = places - before
        risk = risks[:, index]
        curve = risk[:, before] * (1 - rest) + risk[:, before + 1] * rest
        curves.append(curve / curve[:, -1:])
    return torch.stack(curves, 1)


def _spread(curves: Tensor) -> Tensor:
    return curves.std(1) / curves.mean(1)
