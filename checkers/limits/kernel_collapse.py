"""Whether the change of the tangent kernel is a function of one dimensionless group, and of which.

Cells are output scale × width, trained at a share of the largest stable step size. A cubic in the log group is fitted
on every other width and judged on the widths between; `lazy_and_rich` says where the groups come from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from checkers.settings.kernel_movement import Setting, combined_group, sweep_output_scales
from checkers.theory.infinite_width import infinite_width_kernels
from lawbook import Measurement, Panel, Trials

CEILING = 1e3  # keeps the logarithm of a run that blew up finite
DEGREE = 3


def collapse_residual(
    trials: Trials,
    *,
    output_scales: list[float],
    widths: list[int],
    group: Literal["combined", "mean-field", "first-order", "output-scale"] = "combined",
    setting: Setting = Setting(hidden_layers=1, centre=True),
    step_fraction: float = 0.4,
    time: float = 20.0,
    draws: int = 16,
) -> Measurement:
    r"""Held-out root mean square residual of the log change of the tangent kernel, as a function of one group.

    Cells are α × width, trained for the same `time`. step_fraction: of the threshold 2/λ_max of the infinitely wide
    network at the start. group: "combined" G of `lazy_and_rich`, "mean-field" γ² = 1/(α²n), "first-order"
    γ/√n = 1/(αn), or "output-scale" 1/α². draws: networks a seed and cell, whose logarithms are averaged.
    """
    timed = _timed(setting, step_fraction, time)
    changes = torch.stack([_changes(trials, timed, width, output_scales, draws) for width in widths], dim=1)
    scales = torch.tensor(output_scales, dtype=torch.float64)
    rows = {
        "combined": lambda width: combined_group(scales, width),
        "mean-field": lambda width: 1 / (scales.square() * width),
        "first-order": lambda width: 1 / (scales * width),
        "output-scale": lambda width: 1 / scales.square(),
    }
    places = torch.stack([rows[group](width) for width in widths])
    fitted = _cubic(places[::2].log().flatten(), changes[:, ::2].flatten(1))
    predicted = torch.einsum("wap,rp->rwa", _powers(places.log()), fitted)
    residuals, held_out = (table[:, 1::2].flatten(1) for table in (changes - predicted, changes))
    return Measurement(
        values=residuals.square().mean(dim=1).sqrt(),
        panels=_panels(output_scales, widths, changes, places, predicted),
        notes=[
            f"{changes[0].numel()} cells, {residuals.shape[1]} of them held out",
            f"the held-out logarithms themselves have a standard deviation of {float(held_out.std(dim=1).mean()):.2f}",
        ],
    )


def _timed(setting: Setting, step_fraction: float, time: float) -> Setting:
    """The setting with a share of the infinitely wide network's largest stable step, for so long a time."""
    inputs, depth = setting.task("cpu").inputs, setting.hidden_layers + 1
    kernel = infinite_width_kernels(inputs, depth=depth, activation="tanh").ntk[-1]
    limit = 2 * setting.examples / float(torch.linalg.eigvalsh(kernel)[-1])
    steps = max(1, round(time / (step_fraction * limit)))
    return replace(setting, step_size=time / steps, steps=steps)


def _changes(trials: Trials, setting: Setting, width: int, output_scales: list[float], draws: int) -> Tensor:
    """Logarithm of the kernel's relative change, mean over networks, [seeds, output scales]."""
    moved = [
        sweep_output_scales(trials, setting, width, output_scales, f"network {draw}")[0]
        for draw in trials.track(range(draws), f"width {width}")
    ]
    return torch.stack(moved).clamp(max=CEILING).log().mean(dim=0)


def _powers(places: Tensor) -> Tensor:
    return torch.stack([(places / 5) ** power for power in range(DEGREE + 1)], dim=-1)


def _cubic(places: Tensor, values: Tensor) -> Tensor:
    """Least-squares coefficients [runs, powers] of values [runs, places]."""
    solution: Tensor = torch.linalg.lstsq(_powers(places), values.T).solution
    return solution.T


def _panels(
    output_scales: list[float], widths: list[int], changes: Tensor, places: Tensor, predicted: Tensor
) -> list[Panel]:
    """Every width's change over the group, the fit, and the map."""
    middle = changes.mean(dim=0).exp()
    title, group = "Change of the kernel over the group", "dimensionless group"
    over_group = Panel(title, x=group, y="relative change of the kernel", log="xy")
    for row, width in enumerate(widths):
        over_group = over_group.line(f"width {width}", places[row], middle[row])
    order = places.flatten().argsort()
    fit = predicted.mean(dim=0).exp().flatten()[order]
    chart = Panel("Map of the change", x="output scale α", y="width n", z="relative change", log="xyz")
    return [
        over_group.line("cubic fitted on every other width", places.flatten()[order], fit, role="reference"),
        chart.map("measured", output_scales, widths, middle),
    ]
