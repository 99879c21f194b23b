r"""The exponent of loss against size for regressors on a smooth function of d variables, with unlimited data.

The loss of a size is the geometric mean over restarts: what training finds, whatever the number of restarts, where the
best of several would favour the small networks, whose good minima are easier to find.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.power_law import fit_power_law
from checkers.settings.sized_regressors import mesh_sizes, train_sizes
from checkers.testbeds.random_waves import Waves, draw_waves
from checkers.theory.free_knot_splines import free_knot_error
from lawbook import Measurement, Panel, Trials

Target = Literal["smooth", "rough"]
_SMOOTHNESS: dict[Target, float] = {"smooth": math.inf, "rough": 0.5}  # square-integrable derivatives
_WIDEST_GAP = 0.15  # more between the two samples, and the training sample is no population


def exponent(
    trials: Trials,
    *,
    dimension: int,
    widths: list[int],
    hidden_layers: int = 1,
    target: Target = "smooth",
    family: Literal["networks", "finite elements"] = "networks",
    counted: Literal["parameters", "pieces"] = "parameters",
    restarts: int = 4,
    points_per_parameter: int = 16,
    max_steps: int = 600,
) -> Measurement:
    """α of L ∝ N^−α over these widths; one target a seed. (Sharma & Kaplan 2020.)

    target: a Gaussian field of length scale 1, analytic or Matérn with half a derivative. family: "finite elements" are
    piecewise linear interpolants of the same targets with `widths` cells an axis, N their nodal values. counted: what N
    is, all weights and biases or, of one variable and one hidden layer, the pieces: one more than units, or the cells.
    Out of regime: seeds with a network not at rest after `max_steps`, or a training sample so small that fresh points
    give another loss.
    """
    waves = draw_waves(trials.seeds, dimension, smoothness=_SMOOTHNESS[target], device=trials.device)
    if family == "finite elements":
        sizes = mesh_sizes(trials, waves, dimension, widths)
    else:
        sizes = train_sizes(
            trials,
            waves,
            [(dimension, *[width] * hidden_layers, 1) for width in widths],
            restarts=restarts,
            points_per_parameter=points_per_parameter,
            max_steps=max_steps,
        )
    if counted == "pieces":
        extra = 1 if family == "networks" else 0
        sizes = replace(sizes, parameters=torch.tensor(widths, dtype=torch.float64) + extra)
    typical = sizes.losses.log().mean(1).exp()
    best = -fit_power_law(sizes.parameters, sizes.losses.amin(1)).slope
    panel = _panel(sizes.parameters, typical, sizes.losses.amin(1), dimension)
    if family == "networks" and hidden_layers == 1 and target == "smooth":
        if dimension == 1:
            spline = _best_spline(waves, widths)
            panel = panel.line("best spline with as many knots", sizes.parameters, spline, role="reference")
        else:
            panel = _with_power(panel, (dimension + 3) / dimension, "(d + 3)/d", "reference")
    return Measurement(
        values=-fit_power_law(sizes.parameters, typical).slope,
        in_regime=sizes.at_rest.all(2).all(1) & (sizes.gap.abs() <= _WIDEST_GAP).all(1),
        panels=panel,
        notes=[
            f"{int(sizes.at_rest.sum())} of {sizes.at_rest.numel()} regressors came to rest; fresh points raise the "
            f"loss by {100 * math.expm1(float(sizes.gap.mean())):.1f} % on average",
            f"from the best restarts the exponent would be {float(best.mean()):.2f}",
        ],
    )


def _panel(parameters: Tensor, typical: Tensor, best: Tensor, dimension: int) -> Panel:
    panel = (
        Panel("Loss at rest, against size", x="size N", y="loss over the target's variance", log="xy")
        .over_seeds("measured, geometric mean and range over seeds", parameters, typical, middle="geometric mean")
        .line("best restart", parameters, best.log().mean(0).exp())
    )
    return _with_power(panel, 4 / dimension, "4/d", "predicted")


def _with_power(panel: Panel, power: float, name: str, role: Literal["predicted", "reference"]) -> Panel:
    """A power law through the middle of the panel's first line."""
    x, y = (torch.tensor(places, dtype=torch.float64) for places in (panel.lines[0].x, panel.lines[0].y))
    law = (y.log().mean() - power * (x.log() - x.log().mean())).exp()
    return panel.line(f"exponent {name} = {power:.3g}", x, law, role=role)


def _best_spline(waves: Waves, widths: list[int]) -> Tensor:
    """The least relative error of a spline with as many knots, [widths], geometric mean over seeds."""
    cells = torch.linspace(-1, 1, 4001, dtype=torch.float64, device=waves.phases.device)
    middles = ((cells[1:] + cells[:-1]) / 2).unsqueeze(1)
    pieces = torch.tensor(widths, dtype=torch.float64, device=cells.device) + 1
    least = free_knot_error(waves.laplacian()(middles), 2.0, pieces)
    return (least / waves(middles).var(1, keepdim=True)).log().mean(0).exp()
