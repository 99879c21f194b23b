r"""How the change of the tangent kernel, the features and the weights in training scales with width and with time.

Why smooth units and ReLU differ, in the NTK parameterisation. Preactivations move by $\Delta h \sim
n^{-1/2}$. The kernel is a mean over n units of terms that carry a random sign, so if each moves by about Δh
the mean moves by $n^{-1/2} \Delta h \sim n^{-1}$. A step function of h instead jumps by one at the $n|\Delta
h| \sim n^{1/2}$ units per input that cross the kink, up as often as down: a sum of $n^{1/4}$ over n, hence
$n^{-3/4}$, and the root of time where a smooth unit has time itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.settings.kernel_movement import Setting, train_and_compare
from checkers.settings.power_panel import power_panel
from lawbook import Measurement, Panel, Trials

TITLES = {
    "kernel": "relative change of the tangent kernel",
    "features": "rms change of the last preactivations",
    "first_weights": "relative change of the first weights",
    "second_weights": "relative change of the second weights",
    "flips": "share of the last preactivations that change sign",
}
LEARNED = 0.9  # a run whose loss has not fallen below this share of its start says nothing about training


def movement_slope(
    trials: Trials,
    *,
    quantity: Literal["kernel", "features", "first_weights", "second_weights", "flips"] = "kernel",
    predicted: float = -1.0,
    widths: list[int],
    setting: Setting = Setting(),
) -> Measurement:
    """Slope over log width of the log change of `quantity` after the same time at every width.

    predicted: the slope of the line drawn beside it. A seed is in regime where
    its loss fell to 0.9 of its start or less at every width. (Jacot et al. 2018, arXiv:1806.07572;
    Huang & Yau 2019, arXiv:1909.08156; Dyer & Gur-Ari 2019, arXiv:1909.11304.)
    """
    movements = [train_and_compare(trials, setting, width, [quantity]) for width in trials.track(widths, "width")]
    sizes = torch.stack([movement.sizes[quantity] for movement in movements], dim=1)
    remaining = torch.stack([movement.remaining for movement in movements], dim=1)
    return Measurement(
        values=log_log_slope(widths, sizes),
        in_regime=(remaining <= LEARNED).all(dim=1),
        panels=_panel(TITLES[quantity], "width n", widths, sizes, predicted),
        notes=[f"loss left, mean over seeds: {', '.join(f'{left:.2f}' for left in remaining.mean(dim=0))}"],
    )


def disagreement_slope(
    trials: Trials,
    *,
    widths: list[int],
    setting: Setting = Setting(parameterisation="mean-field"),
    draws: int = 4,
) -> Measurement:
    """Slope over log width of how far independent networks disagree in what their features have learned.

    The change in training of the last hidden activations' kernel, of `draws` networks a seed: the root of its variance
    over networks, over the norm of its mean. Falls with width where the change has a limit that does not depend on the
    draw. (Mei et al. 2018, arXiv:1804.06561; Bordelon & Pehlevan 2023, arXiv:2304.03408.)
    """
    rows = []
    for width in trials.track(widths, "width"):
        movements = [
            train_and_compare(trials, setting, width, ["similarities"], stream=f"network {draw}")
            for draw in range(draws)
        ]
        changes = torch.stack([movement.sizes["similarities"].flatten(1) for movement in movements])
        rows.append(changes.var(dim=0).sum(dim=1).sqrt() / changes.mean(dim=0).norm(dim=1))
    scatter = torch.stack(rows, dim=1)
    title = "scatter of the learned similarities over networks"
    return Measurement(values=log_log_slope(widths, scatter), panels=_panel(title, "width n", widths, scatter, -0.5))


def flip_one_sidedness(
    trials: Trials,
    *,
    width: int,
    setting: Setting = Setting(activation="relu", hidden_layers=1, centre=True, step_size=0.2, steps=10),
) -> Measurement:
    """Over inputs, the mean of (flips up − flips down)² over the mean number of flips, of one hidden layer.

    1 where every unit that flips takes its sign independently; the number of flips where all take the same.
    """
    asked = ("flips", "one_sidedness")
    movement = train_and_compare(trials, setting, width, asked)
    shares, ratios = (movement.sizes[name] for name in asked)
    counts = width * shares
    return Measurement(
        values=ratios,
        in_regime=~movement.diverged,
        panels=Panel("Signs of flips", x="flips an input", y="(up − down)² / flips", log="y")
        .line("measured, a seed each", counts.sort().values, ratios[counts.argsort()])
        .line("independent signs", counts.sort().values, 1.0, role="predicted")
        .line("all of one sign", counts.sort().values, counts.sort().values, role="reference"),
        notes=[f"{float(counts.mean()):.1f} of {width} units flip at an input, mean over inputs and seeds"],
    )


def time_exponent(
    trials: Trials,
    *,
    predicted: float = 0.5,
    width: int = 2048,
    setting: Setting = Setting(activation="relu", hidden_layers=1, centre=True, examples=48, step_size=0.1),
    steps: list[int],
) -> Measurement:
    """Slope over log time of the log relative change of a network's tangent kernel, at one width.

    steps: when to look, increasing, early enough that outputs have hardly moved (the setting's are not used).
    predicted: the slope of the line drawn beside it. A run that diverged is out of regime.
    """
    movements = [
        train_and_compare(trials, replace(setting, steps=count), width, ["kernel"])
        for count in trials.track(steps, "steps")
    ]
    sizes = torch.stack([movement.sizes["kernel"] for movement in movements], dim=1)
    times = [count * setting.step_size for count in steps]
    return Measurement(
        values=log_log_slope(times, sizes),
        in_regime=~movements[-1].diverged,
        panels=_panel(TITLES["kernel"], "time η·steps", times, sizes, predicted),
    )


def _panel(quantity: str, x: str, places: Sequence[float], sizes: Tensor, power: float) -> Panel:
    return power_panel(quantity[0].upper() + quantity[1:], x, quantity, places, sizes, power)
