r"""The catapult of a two-layer linear network with one input and target zero, $f = v^\top u/\sqrt n$, loss $f^2/2$.

With $\lambda = (\lVert u\rVert^2 + \lVert v\rVert^2)/n$ descent is a map of two numbers, at every width n:
$f' = f(1 - \eta\lambda + \eta^2 f^2/n)$, $\lambda' = \lambda + (\eta f^2/n)(\eta\lambda - 4)$ (Lewkowycz et al. 2020).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.randomness import normal
from lawbook import Measurement, Panel, Trials

Units = Literal["linear", "tanh"]
RISE = 10.0


@dataclass(frozen=True)
class Path:
    """Losses and curvatures of one descent, each (runs, steps + 1), float64; η is that of each run."""

    loss: Tensor
    curvature: Tensor
    step_size: Tensor


def caught_share(trials: Trials, *, multiple: float, width: int = 1024, steps: int = 400) -> Measurement:
    """1 for a seed whose loss reaches ten times its start and then falls below it with ηλ < 2; else 0.

    multiple: η in units of 1/λ₀, each seed's own. A run that is not finite counts 0.
    """
    path = _descend(trials, width, multiple, trials.track(range(steps), "gradient descent"))
    rises = path.loss.amax(-1) >= RISE * path.loss[:, 0]
    settles = (path.loss[:, -1] < path.loss[:, 0]) & (path.step_size * path.curvature[:, -1] < 2)
    shown = range(min(steps, 40) + 1)
    scaled = (path.step_size[:, None] * path.curvature)[:, : len(shown)].cpu()
    return Measurement(
        values=(rises & settles).double(),
        panels=(
            Panel("Loss", x="step", y="loss", log="y").over_seeds(
                "measured", shown, path.loss[:, : len(shown)].cpu(), middle="median"
            ),
            Panel("Step size × curvature", x="step", y="ηλ")
            .over_seeds("measured", shown, scaled, middle="median")
            .line("2, where descent on a quadratic turns unstable", [0, shown[-1]], 2.0, role="predicted"),
        ),
    )


def peak_exponent(trials: Trials, *, multiple: float, widths: list[int], steps: int = 60) -> Measurement:
    """Slope over log n of log(largest loss of the run), widths of one seed drawn independently."""
    peaks = []
    for width in widths:
        path = _descend(trials, width, multiple, trials.track(range(steps), f"width {width}"))
        peaks.append(path.loss.amax(-1))
    peak = torch.stack(peaks, -1).cpu()
    line = peak[:, -1].log().mean().exp() * torch.tensor(widths, dtype=torch.float64) / widths[-1]
    return Measurement(
        values=log_log_slope(widths, peak),
        panels=Panel("Height of the catapult", x="width", y="largest loss", log="xy")
        .over_seeds("measured, geometric mean and range over seeds", widths, peak, middle="geometric mean")
        .line("proportional to the width", widths, line, role="predicted"),
    )


def map_error(
    trials: Trials, *, multiple: float, width: int = 64, steps: int = 30, units: Units = "linear"
) -> Measurement:
    """Largest error of one step of the map, of f and of λ relative to their sizes, along a run; at most 1."""
    u, v = _weights(trials, width)
    step_size = multiple / _curvature(u, v)
    worst = torch.zeros(len(trials), dtype=torch.float64, device=trials.device)
    for _ in trials.track(range(steps), "gradient descent"):
        f, curvature = _output(u, v, units), _curvature(u, v)
        u, v = _step(u, v, step_size, units)
        push = step_size * f.square() / width
        mapped = f * (1 - step_size * curvature + step_size * push)
        off_output = (_output(u, v, units) - mapped).abs() / (f.abs() + mapped.abs())
        off_curvature = (_curvature(u, v) - curvature - push * (step_size * curvature - 4)).abs() / curvature
        error = torch.maximum(off_output, off_curvature)
        # Capped at one, which a run that has overflowed is off by as well.
        worst = torch.maximum(worst, torch.where(error < 1, error, 1.0))
    return Measurement(values=worst)


def _descend(trials: Trials, width: int, multiple: float, steps: Iterable[int]) -> Path:
    u, v = _weights(trials, width)
    step_size = multiple / _curvature(u, v)
    losses, curvatures = [_output(u, v).square() / 2], [_curvature(u, v)]
    for _ in steps:
        u, v = _step(u, v, step_size)
        losses.append(_output(u, v).square() / 2)
        curvatures.append(_curvature(u, v))
    # What overflows has gone up for good.
    loss = torch.stack(losses, -1).nan_to_num(nan=torch.inf)
    return Path(loss, torch.stack(curvatures, -1), step_size)


def _weights(trials: Trials, width: int) -> tuple[Tensor, Tensor]:
    draws = normal(
        trials.seeds,
        (2, width),
        stream=f"weights of width {width}",
        device=trials.device,
        dtype=torch.float64,
    )
    return draws[:, 0], draws[:, 1]


def _output(u: Tensor, v: Tensor, units: Units = "linear") -> Tensor:
    hidden = u.tanh() if units == "tanh" else u
    return (hidden * v).sum(-1) / u.shape[-1] ** 0.5


def _curvature(u: Tensor, v: Tensor) -> Tensor:
    return (u.square() + v.square()).mean(-1)


def _step(u: Tensor, v: Tensor, step_size: Tensor, units: Units = "linear") -> tuple[Tensor, Tensor]:
    push = (step_size * _output(u, v, units) / u.shape[-1] ** 0.5)[:, None]
    if units == "tanh":
        return u - push * v * (1 - u.tanh().square()), v - push * u.tanh()
    return u - push * v, v - push * u
