r"""How far the tangent kernel moves, from lazy to rich: over output scale, width and step size.

In the NTK parameterisation with output $\alpha(h - h_0)$ and step size $\eta/\alpha^2$, a unit's weights move by
$\gamma = 1/(\alpha\sqrt n)$ of their size. To first order the kernel's change is a mean over n units of terms of size γ
whose signs are those of random weights, $\gamma/\sqrt n = 1/(\alpha n)$; to second order the signs agree, $\gamma^2 =
1/(\alpha^2 n)$. Independent, they add in quadrature, to the group
$$G = \gamma^2\sqrt{1+\alpha^2} = \frac{\sqrt{1+\alpha^2}}{\alpha^2 n}.$$
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.settings.kernel_movement import Movement, Task, combined_group, draw_task, train_and_compare
from checkers.testbeds.networks import MultilayerPerceptron
from lawbook import Measurement, Panel, Trials


def movement_exponent(
    trials: Trials,
    *,
    output_scales: list[float],
    width: int = 128,
    hidden_layers: int = 2,
    dataset: Literal["sphere", "digits", "fashion-mnist", "cifar10"] = "sphere",
    examples: int = 16,
    dimension: int = 8,
    step_size: float = 0.5,
    steps: int = 20,
    centre: bool = True,
) -> Measurement:
    """Slope over log α of the log relative change of the tangent kernel, tanh networks in the NTK parameterisation.

    centre: start from the zero function. (Chizat et al. 2018, arXiv:1812.07956; Geiger et al. 2019, arXiv:1906.08034.)
    """
    task = draw_task(dataset, examples, dimension, trials.device)
    layers = (task.inputs.shape[1], *[width] * hidden_layers, 1)
    movement = _sweep(
        trials, layers, "ntk", task, output_scales, step_size=step_size, steps=steps, centre=centre
    )
    sizes = _table(movement.kernel, trials, output_scales)
    groups = combined_group(torch.tensor(output_scales, dtype=torch.float64), width)
    level = (sizes.log() - groups.log()).mean().exp()
    title = f"Change of the tangent kernel at width {width}"
    return Measurement(
        values=log_log_slope(output_scales, sizes),
        in_regime=~_any(movement.diverged, trials, output_scales),
        panels=Panel(title, x="output scale α", y="relative change of the kernel", log="xy")
        .over_seeds("measured", output_scales, sizes, middle="geometric mean")
        .line("∝ √(1+α²)/α²", output_scales, level * groups, role="predicted"),
    )


def boundary_exponent(
    trials: Trials,
    *,
    output_scales: list[float],
    widths: list[int],
    parameterisation: Literal["ntk", "mean-field"] = "ntk",
    threshold: float = 0.5,
    hidden_layers: int = 1,
    dataset: Literal["sphere", "digits", "fashion-mnist", "cifar10"] = "sphere",
    examples: int = 16,
    dimension: int = 8,
    step_size: float = 0.5,
    steps: int = 40,
) -> Measurement:
    """Slope over log width of the log output scale below which the kernel changes by more than `threshold`.

    The crossing is interpolated between `output_scales`, increasing; a seed whose kernel does not cross there at some
    width is out of regime. Outputs start at zero. (Chizat et al. 2018, arXiv:1812.07956.)
    """
    task = draw_task(dataset, examples, dimension, trials.device)
    tables = []
    for width in trials.track(widths, "width"):
        layers = (task.inputs.shape[1], *[width] * hidden_layers, 1)
        movement = _sweep(
            trials, layers, parameterisation, task, output_scales, step_size=step_size, steps=steps
        )
        tables.append(_table(movement.kernel, trials, output_scales))
    changes = torch.stack(tables, dim=1)
    borders, crossed = _crossings(output_scales, changes, threshold)
    centre = float(borders.log().mean()) + sum(map(math.log, widths)) / (2 * len(widths))
    law = [math.exp(centre) / math.sqrt(width) for width in widths]
    chart = Panel(
        "Relative change of the tangent kernel",
        x="output scale α",
        y="width n",
        z="relative change",
        log="xyz",
    )
    edges = Panel(f"Where the kernel changes by {threshold:g}", x="width n", y="output scale α", log="xy")
    return Measurement(
        values=log_log_slope(widths, borders),
        in_regime=crossed,
        panels=[
            chart.map("measured", output_scales, widths, changes.log().mean(dim=0).exp()),
            edges.over_seeds("measured", widths, borders, middle="geometric mean").line(
                "∝ n^-0.5", widths, law, role="predicted"
            ),
        ],
    )


def _sweep(
    trials: Trials,
    layers: tuple[int, ...],
    parameterisation: str,
    task: Task,
    output_scales: list[float],
    *,
    step_size: float,
    steps: int,
    centre: bool = True,
) -> Movement:
    """All output scales and seeds in one batch, output scale by output scale."""
    scales = torch.tensor(output_scales, dtype=torch.float64, device=trials.device)
    network = MultilayerPerceptron(
        layers, "tanh", parameterisation, output_scale=scales.repeat_interleave(len(trials))
    )
    seeds = trials.seeds * len(output_scales)
    return train_and_compare(seeds, network, task, step_size=step_size, steps=steps, centre=centre)


def _table(values: Tensor, trials: Trials, output_scales: list[float]) -> Tensor:
    """Runs as [seeds, output scales]."""
    return values.cpu().reshape(len(output_scales), len(trials)).T


def _any(flags: Tensor, trials: Trials, output_scales: list[float]) -> Tensor:
    return _table(flags, trials, output_scales).any(dim=1)


def _crossings(output_scales: list[float], changes: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """The largest α [seeds, widths] at which the change still reaches `threshold`, and which seeds cross everywhere."""
    above = changes >= threshold
    last = torch.where(above, torch.arange(len(output_scales)), -1).amax(dim=2)
    inside = (last >= 0) & (last < len(output_scales) - 1)
    lower = last.clamp(0, len(output_scales) - 2)
    places = torch.tensor(output_scales, dtype=torch.float64).log()
    here, there = (changes.log().gather(2, (lower + shift)[..., None])[..., 0] for shift in (0, 1))
    share = ((here - math.log(threshold)) / (here - there)).clamp(0, 1)
    return (places[lower] + share * (places[lower + 1] - places[lower])).exp(), inside.all(dim=1)
