r"""How well a diffusion describes stochastic gradient descent of step size η at fixed time T, on a quadratic loss.

Single losses $\tfrac12(x - a_i)^\top\Lambda(x - a_i)$, Λ diagonal, have gradients $\Lambda(x - \bar a)$ plus noise of
the constant covariance $\Sigma = \Lambda\operatorname{Cov}(a)\Lambda/B$. The diffusion
$dX = -\nabla(L + c\,\eta\lVert\nabla L\rVert^2)\,dt + (\eta\Sigma)^{1/2}dW$ has closed moments in every mode; with
c = 0 it is of first weak order, with c = ¼ of second (Li, Tai & E 2015, 2018). So has descent itself, which needs no
sampling.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.settings.power_panel import power_panel
from checkers.testbeds.randomness import generator, normal, uniform
from lawbook import Measurement, Panel, Trials

Stepping = Literal["explicit", "implicit"]


def error_exponent(
    trials: Trials,
    *,
    quantity: Literal["covariance", "second moment"],
    coefficient: float,
    steps: list[int],
    time: float = 2.0,
    noise: float = 1.0,
    told_noise: float = 1.0,
    stepping: Stepping = "explicit",
    modes: int = 8,
) -> Measurement:
    r"""Slope over log η of the log error of the diffusion's moments at time T; moments of both sides are exact.

    quantity: the relative error of the trace of the covariance, or the error of E‖x‖². coefficient: c of the penalty.
    steps: how many make T. noise, told_noise: standard deviation of the gradients' noise over a drawn one, and what the
    diffusion is told of it. stepping: a step takes the gradient where it starts, or where it ends. Curvatures between
    0.2 and 1, the noise and the start are drawn for each seed.
    """
    device, wide = trials.device, torch.float64
    shape = (modes,)
    curvature = uniform(trials.seeds, shape, stream="curvature", low=0.2, device=device, dtype=wide)
    variance = uniform(trials.seeds, shape, stream="noise", low=0.5, device=device, dtype=wide)
    start = normal(trials.seeds, shape, stream="start", device=device, dtype=wide)
    sizes = [time / count for count in steps]
    errors = []
    for size, count in zip(sizes, steps, strict=True):
        mean, spread = _descent(curvature, noise**2 * variance, start, size, count, stepping)
        about, around = _diffusion(curvature, told_noise**2 * variance, start, size, time, coefficient)
        if quantity == "covariance":
            errors.append((around.sum(1) / spread.sum(1) - 1).abs())
        else:
            errors.append((mean.square() + spread - about.square() - around).sum(1).abs())
    found = torch.stack(errors, 1).cpu()
    power = 1.0 if quantity == "covariance" else 2.0
    return Measurement(
        values=log_log_slope(sizes, found),
        panels=power_panel(f"Error of the {quantity}", "step size η", "error at time T", sizes, found, power),
    )


def sampled_second_moment(
    trials: Trials,
    *,
    step_size: float,
    coefficient: float = 0.25,
    time: float = 3.0,
    batch: int = 4,
    told_batch: int = 4,
    replacement: bool = True,
    examples: int = 32,
    walkers: int = 2000,
    curvatures: tuple[float, ...] = (1.0, 0.5, 0.25),
    start: float = 0.5,
) -> Measurement:
    r"""E‖x_T‖² of sampled minibatch descent over that of the diffusion, x measured from the minimum.

    walkers: runs a seed, all on the seed's own `examples` Gaussian points. batch, told_batch: B, and what the diffusion
    is told. replacement: else batches run through all examples in a fresh order each epoch (B must divide them).
    start: distance from the minimum along every mode. coefficient: c of the penalty.
    """
    steps = round(time / step_size)
    device, wide = trials.device, torch.float64
    points = normal(trials.seeds, (examples, len(curvatures)), stream="examples", device=device, dtype=wide)
    points = points - points.mean(1, keepdim=True)
    curvature = torch.tensor(curvatures, dtype=wide, device=device).expand(len(trials), -1)
    x = torch.full((len(trials), walkers, len(curvatures)), start, dtype=wide, device=device)
    sources = [generator(seed, "batches") for seed in trials.seeds]
    moments, queue = [x.square().sum(-1).mean(1)], []
    for _ in trials.track(range(steps), "sampled descent"):
        if not queue:
            queue = _batches(sources, walkers, examples, batch, replacement)
        chosen = queue.pop().to(device)
        rows = points.unsqueeze(1).expand(-1, walkers, -1, -1)
        shown = rows.gather(2, chosen[..., None].expand(-1, -1, -1, points.shape[2])).mean(2)
        x = x - step_size * curvature[:, None] * (x - shown)
        moments.append(x.square().sum(-1).mean(1))
    variance = curvature.square() * points.square().mean(1) / told_batch
    first = torch.full_like(curvature, start)
    times = [step_size * count for count in range(steps + 1)]
    told = []
    for moment in times:
        mean, spread = _diffusion(curvature, variance, first, step_size, moment, coefficient)
        told.append((mean.square() + spread).sum(1))
    ratios = torch.stack(moments, 1) / torch.stack(told, 1)
    panel = Panel("Second moment over that of the diffusion", x="time", y="ratio")
    return Measurement(
        values=ratios[:, -1].cpu(),
        panels=panel.over_seeds("measured", times, ratios.cpu()).line("diffusion", times, 1.0, role="predicted"),
    )


def _descent(
    curvature: Tensor, variance: Tensor, start: Tensor, size: float, count: int, stepping: Stepping
) -> tuple[Tensor, Tensor]:
    """Mean and variance of every mode after `count` steps."""
    factor = 1 - size * curvature if stepping == "explicit" else 1 / (1 + size * curvature)
    kick = size**2 * variance * (1.0 if stepping == "explicit" else factor.square())
    left = factor ** (2 * count)
    return start * factor**count, kick * (1 - left) / (1 - factor.square())


def _diffusion(
    curvature: Tensor, variance: Tensor, start: Tensor, size: float, time: float, coefficient: float
) -> tuple[Tensor, Tensor]:
    """Mean and variance of every mode of the diffusion at `time`."""
    rate = curvature * (1 + 2 * coefficient * size * curvature)
    left = torch.exp(-2 * rate * time)
    return start * left.sqrt(), size * variance * (1 - left) / (2 * rate)


def _batches(
    sources: list[torch.Generator], walkers: int, examples: int, batch: int, replacement: bool
) -> list[Tensor]:
    """An epoch's batches, [seeds, walkers, batch] each."""
    if replacement:
        shape = (walkers, batch)
        return [torch.stack([torch.randint(examples, shape, generator=source) for source in sources])]
    keys = torch.stack([torch.rand((walkers, examples), generator=source) for source in sources])
    return list(keys.argsort(-1).split(batch, dim=-1))
