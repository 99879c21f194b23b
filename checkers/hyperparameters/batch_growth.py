r"""Growing the batch instead of decaying the step size, on quadratics with gradient noise of constant covariance.

One mode of curvature λ, noise of variance σ²/B: $w' = w - \eta(\lambda w + \xi)$, $\mathrm{Var}\,\xi = \sigma^2/B$,
has the stationary variance $\eta\sigma^2/(B\lambda(2 - \eta\lambda))$. (Smith et al. 2017, arXiv:1711.00489; the
exact floor is elementary.)
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.randomness import generator
from lawbook import Measurement, Panel, Trials

Schedule = Literal["grow the batch", "decay the step size", "neither"]
NOISE = 1.0


def floor_ratio(
    trials: Trials,
    *,
    step_size: float,
    factor: float,
    schedule: Schedule = "grow the batch",
    walkers: int = 4096,
    relaxations: float = 8.0,
    looks: int = 200,
) -> Measurement:
    """Excess loss at rest with the batch `factor` times as large, over that with the step size as much smaller.

    step_size: ηλ, λ = 1. Both start where the early phase rests. schedule: what is done in the numerator. Averages over
    `walkers` runs a seed and `looks` steps, after `relaxations` relaxation times.
    """
    grown = _rest(trials, *_phase(schedule, step_size, factor), walkers, relaxations, looks, "numerator")
    decayed = _rest(
        trials, *_phase("decay the step size", step_size, factor), walkers, relaxations, looks, "denominator"
    )
    return Measurement(values=(grown / decayed).cpu())


def curve_distance(
    trials: Trials,
    *,
    step_size: float,
    factor: float,
    condition: float = 10.0,
    modes: int = 16,
    schedule: Schedule = "grow the batch",
    epochs: int = 60,
    steps_per_epoch: int = 20,
) -> Measurement:
    """Largest over epochs of |ln(excess loss with the batch grown / with the step size decayed)|, exactly in mean.

    Curvatures from 1/condition to 1, η = step_size; half of the epochs before the change. An epoch has as many
    examples on both sides: `factor` times fewer steps where the batch is grown. Second moments are followed exactly,
    from starts of a random size a mode, so that seeds differ in the start alone.
    """
    curvatures = torch.logspace(0, -1, modes, base=condition, dtype=torch.float64)
    sources = [generator(seed, "start") for seed in trials.seeds]
    start = 25 * torch.stack([torch.rand(modes, generator=source, dtype=torch.float64) for source in sources])
    early = _follow(start, curvatures, step_size, NOISE, steps_per_epoch * (epochs // 2))
    moment = early[:, -1]
    half = epochs - epochs // 2
    curves = []
    for how in (schedule, "decay the step size"):
        eta, noise = _phase(how, step_size, factor)
        steps = round(steps_per_epoch / factor) if how == "grow the batch" else steps_per_epoch
        path = _follow(moment, curvatures, eta, noise, steps * half)[:, ::steps]
        curves.append((curvatures * path).sum(-1) / 2)
    gap = (curves[0] / curves[1]).log().abs().amax(-1)
    before = (curvatures * early[:, ::steps_per_epoch]).sum(-1) / 2
    after = range(epochs // 2, epochs // 2 + half + 1)
    return Measurement(
        values=gap.cpu(),
        panels=Panel("Excess loss", x="epoch", y="excess loss", log="y")
        .over_seeds("before", range(epochs // 2 + 1), before)
        .over_seeds(schedule, after, curves[0])
        .over_seeds("decay the step size", after, curves[1], role="reference"),
    )


def _phase(schedule: str, step_size: float, factor: float) -> tuple[float, float]:
    """η and σ²/B after the change."""
    if schedule == "grow the batch":
        return step_size, NOISE / factor
    return (step_size / factor if schedule == "decay the step size" else step_size), NOISE


def _rest(
    trials: Trials, step_size: float, noise: float, walkers: int, relaxations: float, looks: int, stream: str
) -> Tensor:
    """Mean of w²/2 at rest, (seeds,)."""
    sources = [generator(seed, stream) for seed in trials.seeds]
    steps = round(relaxations / step_size)
    total = torch.zeros(len(trials), dtype=torch.float64)
    w = torch.zeros(len(trials), walkers, dtype=torch.float64)
    spacing = max(1, round(0.5 / step_size))
    for step in trials.track(range(steps + looks * spacing), stream):
        drawn = torch.stack([torch.randn(walkers, generator=source, dtype=torch.float64) for source in sources])
        w = (1 - step_size) * w - step_size * noise**0.5 * drawn
        if step >= steps and (step - steps) % spacing == 0:
            total += w.square().mean(-1) / 2
    return total / looks


def _follow(moment: Tensor, curvatures: Tensor, step_size: float, noise: float, steps: int) -> Tensor:
    """E w² of every mode along the way, (seeds, steps + 1, modes)."""
    path = [moment]
    for _ in range(steps):
        path.append((1 - step_size * curvatures).square() * path[-1] + step_size**2 * noise)
    return torch.stack(path, 1)
