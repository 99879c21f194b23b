"""When the loss of a two-layer network drops, one mode of the target after the other, by the theory of linear ones."""

from __future__ import annotations

import math
from typing import Literal

import torch

from checkers.settings.linear_modes import (
    LinearModes,
    capped_relative_error,
    follow_modes,
    gaussian_layers,
    symmetric_strength,
)
from checkers.theory.saxe_modes import half_time
from lawbook import Measurement, Panel, Trials


def drop_time_error(
    trials: Trials,
    *,
    setting: LinearModes,
    init_scale: float,
    told: Literal["target", "target of other labels"] = "target",
) -> Measurement:
    """Largest over modes of |time of half its drop / predicted − 1|, capped at 1; a drop that never comes counts 1.

    Predicted from the target's modes and the initial weights alone, as of a linear network. told: the modes in the
    order in which the inputs have them, or moved on by one place, as if each input had the label of the one before.
    (Saxe et al. 2013, eq. 7.)
    """
    layers = gaussian_layers(trials, setting, init_scale)
    weakest, typical_start = setting.modes[-1], setting.width * init_scale**2 / 2
    horizon = (abs(math.log(weakest / typical_start)) + 6) / (2 * weakest)
    measured = follow_modes(trials, setting, layers, horizon).half_times(setting)
    strengths = setting.strengths()
    if told == "target of other labels":
        strengths = strengths.roll(1)
    predicted = torch.as_tensor(half_time(strengths, symmetric_strength(layers).cpu()))
    panel = Panel("Times of the drops", x="singular value s", y="time of half the drop", log="xy")
    return Measurement(
        values=capped_relative_error(measured, predicted).amax(1),
        panels=panel.over_seeds("measured", setting.modes, measured).line(
            "predicted", setting.modes, predicted.mean(0), role="predicted"
        ),
    )
