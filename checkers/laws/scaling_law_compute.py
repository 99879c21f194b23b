"""The compute-optimal frontier of one-pass SGD on the leading features of power-law data.

Compute is C = width × steps: every width is trained on the same stream of samples, and at every C the best is taken.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.instruments.compute_frontier import Frontier, best_frontier, single_width
from checkers.instruments.slopes import log_log_slope
from checkers.settings.online_regression import OnlineRegression
from lawbook import Measurement, Panel, Trials

BUDGETS = 25
COMPUTE = "compute C = width × steps"


def frontier_exponent(
    trials: Trials,
    *,
    of: Literal["risk", "width"],
    setting: OnlineRegression,
    widths: list[int],
    budgets: list[float],
    allocation: Literal["optimal", "narrowest", "widest"] = "optimal",
    permuted_target: bool = False,
) -> Measurement:
    """The exponent of compute in the best risk (its fall) or in the best width (its growth).

    budgets: smallest and largest C of the fit. allocation: which width is given each budget. permuted_target: features
    contribute to the target in random order. The frontier of the exact expected risk is drawn beside the measured one.
    (Bordelon et al. 2024, arXiv:2402.01092.)
    """
    compute = torch.logspace(math.log10(budgets[0]), math.log10(budgets[1]), BUDGETS, dtype=torch.float64)
    steps = math.ceil(budgets[1] / widths[0])
    risks = setting.trained_risks(trials, widths, steps, permuted=permuted_target)
    exact = best_frontier(setting.exact_risks(widths, steps)[None], widths, compute)
    if allocation == "optimal":
        found = best_frontier(risks, widths, compute)
    else:
        found = single_width(risks, widths, {"narrowest": 0, "widest": -1}[allocation], compute)
    values, expected = (
        (-log_log_slope(compute, frontier.risk) if of == "risk" else log_log_slope(compute, frontier.width))
        for frontier in (found, exact)
    )
    return Measurement(
        values=values,
        panels=[
            _risk_panel(compute, found, exact, risks.mean(0), widths),
            Panel("Best width against compute", x=COMPUTE, y="best width", log="xy")
            .over_seeds("measured, mean and range over seeds", compute, found.width)
            .line("exact frontier", compute, exact.width[0], role="predicted"),
        ],
        notes=f"the exact finite frontier has the exponent {expected.item():.4f} at this size",
    )


def _risk_panel(compute: Tensor, found: Frontier, exact: Frontier, mean_risks: Tensor, widths: list[int]) -> Panel:
    panel = (
        Panel("Risk against compute", x=COMPUTE, y="risk", log="xy")
        .over_seeds("best width, mean and range over seeds", compute, found.risk)
        .line("exact frontier", compute, exact.risk[0], role="predicted")
    )
    steps = np.unique(np.geomspace(1, mean_risks.shape[1] - 1, 60).astype(int))
    for index, width in list(enumerate(widths))[:: max(1, len(widths) // 5)]:
        panel = panel.line(f"width {width}", width * steps, mean_risks[index, steps], role="reference")
    return panel
