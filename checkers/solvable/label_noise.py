r"""Label noise flattens: $\tfrac12(uv - 1 - \varepsilon_t)^2$ with fresh noise each step pulls u and v together.

With r the residual $uv - 1 - \varepsilon_t$ of a step, $u'^2 - v'^2 = (u^2 - v^2)(1 - \eta^2 r^2)$ exactly, and at rest
$E r^2 = 2\sigma^2/(2 - \eta(u^2 + v^2))$ to leading order (Blanc et al. 2019; Li, Wang & Arora 2021).
"""

from __future__ import annotations

import torch

from checkers.testbeds.randomness import generator
from lawbook import Measurement, Panel, Trials


def decay_rate_ratio(
    trials: Trials,
    *,
    step_size: float,
    noise: float = 1.0,
    told_noise: float = 1.0,
    corrected: bool = True,
    time: float = 8.0,
    burn_in: int = 200,
    walkers: int = 64,
    start: tuple[float, float] = (1.6, 0.625),
) -> Measurement:
    r"""Mean decay a step of ln|u² − v²| over that of $-E\ln(1 - \eta^2 r^2)$ for Gaussian r of the predicted variance.

    time: η² × steps, walkers: independent runs a seed. noise: σ of the labels; told_noise: what the prediction is told.
    corrected: with the factor 2/(2 − η(u² + v²)), at each step's own u² + v²; else $\eta^2\sigma^2$ alone.
    """
    steps = round(time / step_size**2)
    runs = (len(trials), walkers)
    u = torch.full(runs, start[0], dtype=torch.float64, device=trials.device)
    v = torch.full(runs, start[1], dtype=torch.float64, device=trials.device)
    sources = [generator(seed, "label noise") for seed in trials.seeds]
    decay = torch.zeros(runs, dtype=torch.float64, device=trials.device)
    predicted = torch.zeros_like(decay)
    shown, traces = [], []
    block = 256
    for first in trials.track(range(0, steps + burn_in, block), "noisy descent"):
        length = min(block, steps + burn_in - first)
        draws = torch.stack(
            [torch.randn((length, walkers), generator=source, dtype=torch.float64) for source in sources], 1
        ).to(trials.device)
        for step, drawn in enumerate(noise * draws, start=first):
            residual = u * v - 1 - drawn
            trace = u.square() + v.square()
            if step >= burn_in:
                decay -= torch.log1p(-(step_size * residual).square())
                variance = told_noise**2 * (2 / (2 - step_size * trace) if corrected else 1.0)
                small = step_size**2 * variance
                # −E ln(1 − x²) of a Gaussian x of variance `small`, to the third order.
                predicted += small * (1 + 1.5 * small + 5 * small**2) if corrected else small
            u, v = u - step_size * residual * v, v - step_size * residual * u
        shown.append((first + length) * step_size**2)
        traces.append(trace.mean(-1))
    return Measurement(
        values=(decay.mean(-1) / predicted.mean(-1)).cpu(),
        panels=Panel("Trace of the Hessian", x="step size² × steps", y="u² + v²")
        .over_seeds("measured", shown, torch.stack(traces, -1).cpu())
        .line("flattest minimum", [0, shown[-1]], 2.0, role="predicted"),
    )
