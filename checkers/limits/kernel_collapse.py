"""Whether the change of the tangent kernel is a function of one dimensionless group, and of which.

Cells are output scale × width × step size. A cubic in the log group is fitted on every other width and judged on the
widths between; `lazy_and_rich` says where the groups come from.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.settings.kernel_movement import combined_group, draw_task, train_and_compare
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.theory.infinite_width import infinite_width_kernels
from lawbook import Measurement, Panel, Trials

CEILING = 1e3  # keeps the logarithm of a run that blew up finite
DEGREE = 3

Group = Literal["combined", "mean-field", "first-order", "output-scale"]


def collapse(
    trials: Trials,
    *,
    output_scales: list[float],
    widths: list[int],
    step_fractions: list[float],
    group: Group = "combined",
    hidden_layers: int = 1,
    dataset: Literal["sphere", "digits", "fashion-mnist", "cifar10"] = "sphere",
    examples: int = 16,
    dimension: int = 8,
    time: float = 20.0,
) -> Measurement:
    r"""Held-out R² of the log change of the tangent kernel as a function of one dimensionless group.

    Cells are α × width × step size, trained for the same `time`. step_fractions: of the threshold 2/λ_max of the
    infinitely wide network at the start. group: "combined" G of `lazy_and_rich`, "mean-field" γ² = 1/(α²n),
    "first-order" γ/√n = 1/(αn), or "output-scale" 1/α². The module says how it is fitted and judged.
    """
    cells = _cells(
        trials, output_scales, widths, step_fractions, hidden_layers, dataset, examples, dimension, time
    )
    places = _places(group, output_scales, widths, len(step_fractions))
    predicted = _predicted(places, cells)
    return Measurement(
        values=1 - _unexplained(predicted, cells),
        panels=_panels(output_scales, widths, cells, places, predicted),
        notes=[f"{cells[0].numel()} cells, {cells[0, 1::2].numel()} of them held out"],
    )


def unexplained_ratio(
    trials: Trials,
    *,
    output_scales: list[float],
    widths: list[int],
    step_fractions: list[float],
    group: Group = "combined",
    rival: Group = "mean-field",
    hidden_layers: int = 1,
    dataset: Literal["sphere", "digits", "fashion-mnist", "cifar10"] = "sphere",
    examples: int = 16,
    dimension: int = 8,
    time: float = 20.0,
) -> Measurement:
    """1 − R² of `collapse` for one group over that for a rival, on the same cells of the same networks."""
    cells = _cells(
        trials, output_scales, widths, step_fractions, hidden_layers, dataset, examples, dimension, time
    )
    left = []
    for name in (group, rival):
        places = _places(name, output_scales, widths, len(step_fractions))
        left.append(_unexplained(_predicted(places, cells), cells))
    return Measurement(
        values=left[0] / left[1],
        notes=[f"variance left: {group} {float(left[0].mean()):.3g}, {rival} {float(left[1].mean()):.3g}"],
    )


def _places(group: Group, output_scales: list[float], widths: list[int], step_sizes: int) -> Tensor:
    """The group in every cell, [widths, step sizes, output scales]."""
    scales = torch.tensor(output_scales, dtype=torch.float64)
    rows = {
        "combined": lambda width: combined_group(scales, width),
        "mean-field": lambda width: 1 / (scales.square() * width),
        "first-order": lambda width: 1 / (scales * width),
        "output-scale": lambda width: 1 / scales.square(),
    }
    places = torch.stack([rows[group](width) for width in widths])
    return places[:, None].expand(-1, step_sizes, -1)


def _cells(
    trials: Trials,
    output_scales: list[float],
    widths: list[int],
    step_fractions: list[float],
    hidden_layers: int,
    dataset: Literal["sphere", "digits", "fashion-mnist", "cifar10"],
    examples: int,
    dimension: int,
    time: float,
) -> Tensor:
    """The kernel's relative change, [seeds, widths, step sizes, output scales]."""
    task = draw_task(dataset, examples, dimension, trials.device)
    kernel = infinite_width_kernels(task.inputs.cpu(), depth=hidden_layers + 1, activation="tanh").ntk[-1]
    limit = 2 * examples / float(torch.linalg.eigvalsh(kernel)[-1])
    # All output scales and seeds in one batch, output scale by output scale.
    scales = torch.tensor(output_scales, dtype=torch.float64, device=trials.device)
    repeated, seeds = scales.repeat_interleave(len(trials)), trials.seeds * len(output_scales)
    tables = []
    for width in trials.track(widths, "width"):
        layers = (task.inputs.shape[1], *[width] * hidden_layers, 1)
        network = MultilayerPerceptron(layers, "tanh", "ntk", output_scale=repeated)
        for fraction in step_fractions:
            steps = max(1, round(time / (fraction * limit)))
            movement = train_and_compare(
                seeds, network, task, step_size=time / steps, steps=steps, centre=True
            )
            tables.append(movement.kernel.cpu().reshape(len(output_scales), len(trials)).T)
    return torch.stack(tables, dim=1).clamp(max=CEILING).unflatten(1, (len(widths), len(step_fractions)))


def _predicted(places: Tensor, cells: Tensor) -> Tensor:
    """Log changes in all cells by a cubic in the log group, fitted on every other width."""
    fitted = _cubic(places[::2].log().flatten(), cells[:, ::2].log().flatten(1))
    return torch.einsum("wfap,rp->rwfa", _powers(places.log()), fitted)


def _unexplained(predicted: Tensor, cells: Tensor) -> Tensor:
    """1 − R² on the widths that were not fitted, one a seed."""
    truth, guess = (table[:, 1::2].flatten(1) for table in (cells.log(), predicted))
    spread = (truth - truth.mean(dim=1, keepdim=True)).square().sum(dim=1)
    return (truth - guess).square().sum(dim=1) / spread


def _powers(places: Tensor) -> Tensor:
    return torch.stack([(places / 5) ** power for power in range(DEGREE + 1)], dim=-1)


def _cubic(places: Tensor, values: Tensor) -> Tensor:
    """Least-squares coefficients [runs, powers] of values [runs, places]."""
    solution: Tensor = torch.linalg.lstsq(_powers(places), values.T).solution
    return solution.T


def _panels(
    output_scales: list[float], widths: list[int], changes: Tensor, places: Tensor, predicted: Tensor
) -> list[Panel]:
    """Every width's change over the group, the fit, and the map at the smallest step size."""
    middle = changes.log().mean(dim=0).exp()[:, 0]
    over_group = Panel(
        "Change of the kernel over the group, smallest step size",
        x="dimensionless group",
        y="relative change of the kernel",
        log="xy",
    )
    for row, width in enumerate(widths):
        over_group = over_group.line(f"width {width}", places[row, 0], middle[row])
    order = places[:, 0].flatten().argsort()
    fit = predicted.mean(dim=0)[:, 0].exp().flatten()[order]
    chart = Panel("Map of the change", x="output scale α", y="width n", z="relative change", log="xyz")
    return [
        over_group.line(
            "cubic fitted on every other width", places[:, 0].flatten()[order], fit, role="reference"
        ),
        chart.map("measured", output_scales, widths, middle),
    ]
