r"""How far the tangent kernel moves, from lazy to rich: over output scale, width and step size.

In the NTK parameterisation with output $\alpha(h - h_0)$ and step size $\eta/\alpha^2$, a unit's weights move by
$\gamma = 1/(\alpha\sqrt n)$ of their size. To first order the kernel's change is a mean over n units of terms of size γ
whose signs are those of random weights, $\gamma/\sqrt n = 1/(\alpha n)$; to second order the signs agree, $\gamma^2 =
1/(\alpha^2 n)$. Independent, they add in quadrature, to the group
$$G = \gamma^2\sqrt{1+\alpha^2} = \frac{\sqrt{1+\alpha^2}}{\alpha^2 n}.$$
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.instruments.slopes import log_log_slope
from checkers.settings.kernel_movement import Movement, Setting, combined_group, train_and_compare
from lawbook import Measurement, Panel, Trials


def movement_exponent(
    trials: Trials,
    *,
    output_scales: list[float],
    width: int = 128,
    setting: Setting = Setting(centre=True),
    step_size: float = 0.5,
    steps: int = 20,
) -> Measurement:
    """Slope over log α of the log relative change of the tangent kernel.

    (Chizat et al. 2018, arXiv:1812.07956; Geiger et al. 2019, arXiv:1906.08034.)
    """
    movement = _sweep(trials, setting, width, output_scales, step_size, steps)
    sizes = _table(movement.kernel, trials, output_scales)
    groups = combined_group(torch.tensor(output_scales, dtype=torch.float64), width)
    level = (sizes.log() - groups.log()).mean().exp()
    title = f"Change of the tangent kernel at width {width}"
    return Measurement(
        values=log_log_slope(output_scales, sizes),
        in_regime=~_table(movement.diverged, trials, output_scales).any(dim=1),
        panels=Panel(title, x="output scale α", y="relative change of the kernel", log="xy")
        .over_seeds("measured", output_scales, sizes, middle="geometric mean")
        .line("∝ √(1+α²)/α²", output_scales, level * groups, role="predicted"),
    )


def boundary_exponent(
    trials: Trials,
    *,
    output_scales: list[float],
    widths: list[int],
    threshold: float = 0.5,
    setting: Setting = Setting(hidden_layers=1, centre=True),
    step_size: float = 0.5,
    steps: int = 40,
) -> Measurement:
    """Slope over log width of the log output scale below which the kernel changes by more than `threshold`.

    The crossing is interpolated between `output_scales`, increasing; a seed whose kernel does not cross there at some
    width is out of regime. (Chizat et al. 2018, arXiv:1812.07956.)
    """
    tables = []
    for width in trials.track(widths, "width"):
        movement = _sweep(trials, setting, width, output_scales, step_size, steps)
        tables.append(_table(movement.kernel, trials, output_scales))
    changes = torch.stack(tables, dim=1)
    # From large output scales down, where the change first rises to the threshold.
    places = torch.tensor(output_scales, dtype=torch.float64).log().flip(0)
    risen = first_fall(places, -changes.log().flip(-1), -math.log(threshold))
    borders = risen.place.exp()
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
        in_regime=risen.between.all(dim=1),
        panels=[
            chart.map("measured", output_scales, widths, changes.log().mean(dim=0).exp()),
            edges.over_seeds("measured", widths, borders, middle="geometric mean").line(
                "∝ n^-0.5", widths, law, role="predicted"
            ),
        ],
    )


def _sweep(
    trials: Trials, setting: Setting, width: int, output_scales: list[float], step_size: float, steps: int
) -> Movement:
    """All output scales and seeds in one batch, output scale by output scale."""
    scales = torch.tensor(output_scales, dtype=torch.float64, device=trials.device)
    return train_and_compare(
        trials.seeds * len(output_scales),
        setting,
        setting.task(trials.device),
        width,
        output_scales=scales.repeat_interleave(len(trials)),
        step_size=step_size,
        steps=steps,
    )


def _table(values: Tensor, trials: Trials, output_scales: list[float]) -> Tensor:
    """Runs as [seeds, output scales]."""
    return values.cpu().reshape(len(output_scales), len(trials)).T
