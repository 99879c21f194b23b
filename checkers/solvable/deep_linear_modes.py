"""Two-layer linear networks from small random weights: when is each mode learned, and along which curve?"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.settings.linear_modes import (
    TIME,
    LinearModes,
    ModePaths,
    capped_relative_error,
    follow_modes,
    gaussian_layers,
    symmetric_strength,
    thinned,
)
from checkers.theory.saxe_modes import euler_lag, half_time, mode_strength
from lawbook import Measurement, Panel, Trials


def half_time_error(
    trials: Trials,
    *,
    setting: LinearModes,
    init_scale: float,
    corrections: Literal["none", "shadows", "lag", "both"] = "none",
) -> Measurement:
    """Largest over modes of |measured half-time / predicted half-time − 1|, capped at 1. (Saxe et al. 2013, eq. 7.)

    init_scale: standard deviation of every initial weight. corrections: what the prediction adds to the bare sigmoid of
    gradient flow, what the finite width does (`unshadowed_strength`) and what the finite step does (`euler_lag`).
    """
    layers = gaussian_layers(trials, setting, init_scale)
    paths = _paths(trials, setting, layers, init_scale)
    strengths = setting.strengths()
    shadowed = corrections in ("shadows", "both")
    initial = (unshadowed_strength if shadowed else symmetric_strength)(layers).cpu()
    predicted = torch.as_tensor(half_time(strengths, initial))
    if corrections in ("lag", "both"):
        lag = euler_lag(strengths / 2, strengths, initial, step_size=setting.step_size)
        predicted = predicted + torch.as_tensor(lag)
    measured = paths.half_times(setting)
    return Measurement(
        values=capped_relative_error(measured, predicted).amax(1),
        panels=[
            _panel(paths, setting, initial[0]),
            Panel("Half-time against mode strength", x="singular value s", y="half-time", log="xy")
            .over_seeds("measured, mean and range over seeds", setting.modes, measured)
            .line("predicted", setting.modes, predicted.mean(0), role="predicted"),
        ],
    )


def trajectory_error(trials: Trials, *, setting: LinearModes, init_scale: float) -> Measurement:
    """Largest over modes and times of |u(t) − sigmoid(t)| / s, the sigmoid starting at the unshadowed strength."""
    layers = gaussian_layers(trials, setting, init_scale)
    paths = _paths(trials, setting, layers, init_scale)
    strengths, initial = setting.strengths(), unshadowed_strength(layers).cpu()
    predicted = torch.as_tensor(mode_strength(paths.times[:, None, None], strengths, initial))
    error = (paths.strengths - predicted).abs() / strengths
    distance = Panel("Distance from the sigmoid, mean over seeds", x=TIME, y="|u − sigmoid| / s")
    for k, mode in enumerate(setting.modes):
        distance = distance.line(f"s = {mode:g}", *thinned(paths.times, error[:, :, k].mean(1)))
    return Measurement(values=error.amax((0, 2)), panels=[_panel(paths, setting, initial[0]), distance])


def unshadowed_strength(layers: list[Tensor]) -> Tensor:
    """u0 of every mode without its components along the hidden directions that stronger modes take first.

    Once mode j has grown along its hidden unit vector c_j, the component along c_j of a weaker mode k changes at rate
    s_k − s_j < 0 and is lost, so mode k grows from what is orthogonal to c_1 … c_{k−1}: a share (k−1)/width less.
    Modes must come in decreasing order of strength.
    """
    _, triangular = torch.linalg.qr((layers[0] + layers[1].mT) / 2)
    return triangular.diagonal(dim1=1, dim2=2).square()


def _paths(trials: Trials, setting: LinearModes, layers: list[Tensor], init_scale: float) -> ModePaths:
    """The modes until the weakest has settled: its waiting time, give or take, and six e-foldings more."""
    weakest, typical_start = setting.modes[-1], setting.width * init_scale**2 / 2
    e_foldings = abs(math.log(weakest / typical_start)) + 6
    return follow_modes(trials, setting, layers, e_foldings / (2 * weakest))


def _panel(paths: ModePaths, setting: LinearModes, initial: Tensor) -> Panel:
    return paths.panel(
        setting,
        [
            (paths.times, torch.as_tensor(mode_strength(paths.times, mode, start.item())))
            for mode, start in zip(setting.modes, initial, strict=True)
        ],
    )
