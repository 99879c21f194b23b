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

from checkers.instruments.crossings import first_fall
from checkers.instruments.slopes import log_log_slope
from checkers.settings.kernel_movement import Setting, combined_group, sweep_output_scales
from checkers.settings.power_panel import power_panel
from lawbook import Measurement, Panel, Trials


def movement_exponent(
    trials: Trials,
    *,
    output_scales: list[float],
    width: int = 128,
    setting: Setting = Setting(centre=True),
) -> Measurement:
    """Slope over log α of the log relative change of the tangent kernel.

    (Chizat et al. 2018, arXiv:1812.07956; Geiger et al. 2019, arXiv:1906.08034.)
    """
    sizes, diverged = sweep_output_scales(trials, setting, width, output_scales)
    groups = combined_group(torch.tensor(output_scales, dtype=torch.float64), width)
    level = (sizes.log() - groups.log()).mean().exp()
    title = f"Change of the tangent kernel at width {width}"
    return Measurement(
        values=log_log_slope(output_scales, sizes),
        in_regime=~diverged.any(dim=1),
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
    setting: Setting = Setting(hidden_layers=1, centre=True, steps=40),
) -> Measurement:
    """Slope over log width of the log output scale below which the kernel changes by more than `threshold`.

    The crossing is interpolated between `output_scales`, increasing; a seed whose kernel does not cross there at some
    width is out of regime. (Chizat et al. 2018, arXiv:1812.07956.)
    """
    tables = [sweep_output_scales(trials, setting, width, output_scales)[0] for width in trials.track(widths, "width")]
    changes = torch.stack(tables, dim=1)
    # From large output scales down, where the change first rises to the threshold.
    places = torch.tensor(output_scales, dtype=torch.float64).log().flip(0)
    risen = first_fall(places, -changes.log().flip(-1), -math.log(threshold))
    borders = risen.place.exp()
    title, scale = "Relative change of the tangent kernel", "output scale α"
    chart = Panel(title, x=scale, y="width n", z="relative change", log="xyz")
    return Measurement(
        values=log_log_slope(widths, borders),
        in_regime=risen.between.all(dim=1),
        panels=[
            chart.map("measured", output_scales, widths, changes.log().mean(dim=0).exp()),
            power_panel(f"Where the kernel changes by {threshold:g}", "width n", scale, widths, borders, -0.5),
        ],
    )
