"""Small transformers on one pass over a text: what size buys, and whether small runs foretell the largest one."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.loss_law import fit_loss_law, standard_starts
from checkers.settings.language_models import LanguageModels, Runs
from lawbook import Measurement, Panel, Trials

Law = Literal["sum of powers", "product of powers", "exponential in size"]
EVERY_STARTING_POINT = 9
SMALLEST_GAIN = 1e-3


def size_gain(trials: Trials, *, setting: LanguageModels) -> Measurement:
    """Held-out loss of the narrowest minus that of the widest model, in nats a byte, at the same data.

    (Kaplan et al. 2020, arXiv:2001.08361, section 3.)
    """
    runs = setting.train(trials)
    final = runs.losses[:, :, -1]
    return Measurement(values=final[:, 0] - final[:, -1], panels=_size_panel(runs))


def held_out_error(
    trials: Trials, *, setting: LanguageModels, law: Law = "sum of powers", largest_stops_at: float = 1.0
) -> Measurement:
    """Error of the widest model's predicted final loss over what that model gains on the second widest.

    The prediction is from the law fitted to the narrower models at each look; nothing of the widest is seen. 0 is a
    perfect prediction; 1 is as good as predicting no gain at all. law: E + A N^−α + B D^−β, or A N^−α D^−β without a
    floor, or E + A exp(−αN) + B D^−β; N counts the weights that multiply activations (blocks and readout), D the bytes
    seen. largest_stops_at: the share of its steps after which the widest model's loss is taken, though it is predicted
    for all of them. (Hoffmann et al. 2022, arXiv:2203.15556, approach 3.)
    """
    runs = setting.train(trials)
    predicted = foretold_losses(runs, law)
    look = min(range(len(runs.data)), key=lambda k: abs(runs.data[k] / runs.data[-1] - largest_stops_at))
    gain = (runs.losses[:, -2, -1] - runs.losses[:, -1, -1]).clamp_min(SMALLEST_GAIN)
    return Measurement(
        values=(predicted[:, -1] - runs.losses[:, -1, look]).abs() / gain, panels=_data_panel(runs, predicted)
    )


def foretold_losses(runs: Runs, law: Law) -> Tensor:
    """Losses of the largest model at every look, [seeds, looks], from the law fitted to all smaller ones."""
    looks = len(runs.data)
    sizes = runs.sizes.repeat_interleave(looks)
    data = runs.data.repeat(len(runs.sizes))
    small, losses = sizes < runs.sizes[-1], runs.losses.flatten(1)
    if law == "product of powers":
        design = torch.stack([torch.ones_like(sizes), sizes.log(), data.log()], 1)
        powers = torch.linalg.lstsq(design[small], losses[:, small].log().mT).solution
        return (design[~small] @ powers).exp().mT
    if law == "exponential in size":
        sizes = (10 * sizes / runs.sizes[-2]).exp()  # of which a power is an exponential in size
    starts = standard_starts()[::EVERY_STARTING_POINT]
    fitted = fit_loss_law(sizes[small], data[small], losses[:, small], starts=starts).law
    return fitted.predict(sizes[~small], data[~small])


def _size_panel(runs: Runs) -> Panel:
    panel = Panel("Held-out loss over model size", x="weights of blocks and readout", y="nats a byte", log="x")
    for look, data in enumerate(runs.data):
        panel = panel.over_seeds(f"after {int(data):,} bytes", runs.sizes, runs.losses[:, :, look])
    return panel


def _data_panel(runs: Runs, predicted: Tensor) -> Panel:
    panel = Panel("Held-out loss over data", x="bytes seen", y="nats a byte", log="xy")
    for place, size in enumerate(runs.sizes):
        panel = panel.line(f"{int(size):,} weights", runs.data, runs.losses[:, place].mean(dim=0))
    return panel.line("largest, predicted from the others", runs.data, predicted.mean(0), role="predicted")
