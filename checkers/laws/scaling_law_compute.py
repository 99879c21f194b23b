"""The compute-optimal frontier of one-pass SGD on the leading features of power-law data, against the exact one.

Compute is C = width × steps: every width is trained on the same stream of samples, and at every C the best width is
taken. The frontier of the exact expected risk is found in just the same way, on the same widths and the same C.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.gaussian_spectra import power_law_spectrum
from checkers.testbeds.randomness import normal, permutation, signs
from checkers.theory.online_regression_risk import (
    expected_risk,
    frontier_exponent,
    optimal_width_exponent,
)
from lawbook import Measurement, Panel, Trials

Allocation = Literal["optimal", "narrowest", "widest"]
Exponent = Literal["risk", "width"]
STEPS_DRAWN_AT_ONCE = 50
BUDGETS = 25
COMPUTE = "compute C = width × steps"


def exponent_ratio(
    trials: Trials,
    *,
    exponent: Exponent,
    capacity: float,
    target: float,
    widths: list[int],
    features: int,
    batch_size: int,
    step_size: float,
    budgets: list[float],
    allocation: Allocation = "optimal",
    permuted_target: bool = False,
) -> Measurement:
    """Measured over predicted exponent of the best risk (or of the best width) against compute C = width × steps.

    Feature variances k^{−capacity}, contributions to the target k^{−target} with random signs. budgets: smallest and
    largest C of the fit. allocation: which width is given each budget. permuted_target: the contributions come in
    random order, of which the prediction knows nothing.
    """
    compute = torch.logspace(math.log10(budgets[0]), math.log10(budgets[1]), BUDGETS, dtype=torch.float64)
    steps = math.ceil(budgets[1] / widths[0])
    contribution = power_law_spectrum(features, target)
    spectrum = power_law_spectrum(features, capacity)
    risks = _trained_risks(
        trials, spectrum, contribution, widths, steps, step_size, batch_size, permuted_target
    )
    exact = torch.as_tensor(
        expected_risk(spectrum, contribution, widths, steps=steps, step_size=step_size, batch_size=batch_size)
    )
    predicted_risk, predicted_width = frontier(exact[None], widths, compute, "optimal")
    best_risk, best_width = frontier(risks, widths, compute, allocation)
    chosen, expected = (best_risk, predicted_risk) if exponent == "risk" else (best_width, predicted_width)
    slopes, predicted_slope = log_log_slope(compute, chosen), log_log_slope(compute, expected).item()
    asymptotic = (
        -frontier_exponent(capacity, target) if exponent == "risk" else optimal_width_exponent(capacity)
    )
    return Measurement(
        values=slopes / predicted_slope,
        panels=[
            _risk_panel(compute, best_risk, predicted_risk[0], risks.mean(0), widths),
            Panel("Best width against compute", x=COMPUTE, y="best width", log="xy")
            .over_seeds("measured, mean and range over seeds", compute, best_width)
            .line("exact frontier", compute, predicted_width[0], role="predicted"),
        ],
        notes=[
            f"measured exponent {slopes.mean().item():.4f}, predicted at this size {predicted_slope:.4f}, "
            f"asymptotically {asymptotic:.4f}"
        ],
    )


def frontier(
    risks: Tensor, widths: list[int], compute: Tensor, allocation: Allocation
) -> tuple[Tensor, Tensor]:
    """Risk and width, `[runs, budgets]` each, that `allocation` gives to every budget C = width × steps.

    risks: `[runs, widths, steps + 1]`. Between whole steps log(risk) is linear in log(steps); the best width is the
    vertex of the parabola through the best of the given widths and its neighbours, in log(width).
    """
    logs = torch.stack(
        [_log_risk_at(risks[:, index], compute / width) for index, width in enumerate(widths)], 1
    )
    if allocation != "optimal":
        index = 0 if allocation == "narrowest" else len(widths) - 1
        return logs[:, index].exp(), torch.full_like(logs[:, index], widths[index])
    best = logs.argmin(1, keepdim=True).clamp(1, len(widths) - 2)
    left, middle, right = (logs.gather(1, best + shift)[:, 0] for shift in (-1, 0, 1))
    places = torch.log(torch.tensor(widths, dtype=torch.float64))
    x0, x1, x2 = (places[best[:, 0] + shift] for shift in (-1, 0, 1))
    rise, fall = (right - middle) / (x2 - x1), (middle - left) / (x1 - x0)
    curvature = (rise - fall) / (x2 - x0)
    vertex = (x0 + x1) / 2 - fall / (2 * curvature.clamp_min(1e-12))
    vertex = torch.minimum(torch.maximum(vertex, x0), x2)
    return logs.amin(1).exp(), vertex.exp()


def _trained_risks(
    trials: Trials,
    spectrum: Tensor,
    contribution: Tensor,
    widths: list[int],
    steps: int,
    step_size: float,
    batch_size: int,
    permuted_target: bool,
) -> Tensor:
    """Exact risk Σ λ_k e_k² of the weights of every run and width before each step, `[runs, widths, steps + 1]`."""
    features, draw = len(spectrum), {"device": trials.device, "dtype": torch.float64}
    spectrum, power = spectrum.to(trials.device), contribution.to(trials.device).expand(len(trials), -1)
    if permuted_target:
        order = permutation(trials.seeds, features, stream="target order", device=trials.device)
        power = power.gather(1, order)
    target = signs(trials.seeds, (features,), stream="target", **draw) * (power / spectrum).sqrt()
    seen = torch.arange(features, device=trials.device) < torch.tensor(widths, device=trials.device)[:, None]
    error = target[:, None, :].repeat(1, len(widths), 1)  # target minus weights
    mask, scale = seen.to(error.dtype), spectrum.sqrt()
    risks = torch.empty(steps + 1, len(trials), len(widths), **draw)
    for step in trials.track(range(steps), "stochastic gradient descent"):
        if step % STEPS_DRAWN_AT_ONCE == 0:
            shape = (STEPS_DRAWN_AT_ONCE, batch_size, features)
            block = normal(trials.seeds, shape, stream=f"inputs {step}", **draw) * scale
        risks[step] = error.square() @ spectrum
        inputs = block[:, step % STEPS_DRAWN_AT_ONCE]
        missed = error @ inputs.mT
        error.sub_(mask * (missed @ inputs), alpha=step_size / batch_size)
    risks[steps] = error.square() @ spectrum
    return risks.permute(1, 2, 0).cpu()


def _log_risk_at(risks: Tensor, steps: Tensor) -> Tensor:
    """log(risk) of every run at fractional step counts ≥ 1; risks: `[runs, steps + 1]`."""
    below = steps.floor().long().clamp(1, risks.shape[1] - 2)
    share = torch.log(steps / below) / torch.log((below + 1) / below)
    low, high = torch.log(risks[:, below]), torch.log(risks[:, below + 1])
    return low + share.clamp(0, 1) * (high - low)


def _risk_panel(
    compute: Tensor, best: Tensor, predicted: Tensor, mean_risks: Tensor, widths: list[int]
) -> Panel:
    panel = (
        Panel("Risk against compute", x=COMPUTE, y="risk", log="xy")
        .over_seeds("best width, mean and range over seeds", compute, best)
        .line("exact frontier", compute, predicted, role="predicted")
    )
    steps = np.unique(np.geomspace(1, mean_risks.shape[1] - 1, 60).astype(int))
    for index, width in list(enumerate(widths))[:: max(1, len(widths) // 5)]:
        panel = panel.line(f"width {width}", width * steps, mean_risks[index, steps], role="reference")
    return panel
