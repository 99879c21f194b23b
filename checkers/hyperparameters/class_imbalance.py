r"""Softmax regression on classes of frequency $\pi_k \propto k^{-s}$: how long each class takes, by descent and by
sign descent.

(Kunstner et al. 2024, arXiv:2402.19449, section 3 and theorem 4.)
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.randomness import normal
from lawbook import Measurement, Panel, Trials

Optimiser = Literal["descent", "sign descent"]


def time_exponent(
    trials: Trials,
    *,
    optimiser: Optimiser,
    imbalance: float = 1.0,
    classes: int = 128,
    step_size: float,
    steps: int,
    overlap: float = 0.01,
    fitted: float = 0.5,
) -> Measurement:
    """Log–log slope over rank k of the first step at which class k has probability `fitted`.

    imbalance: s, frequencies ∝ k^{−s}. One input a class: one-hot plus Gaussian noise of norm `overlap`. Full batch,
    logits zero at the start. A seed with a class never fitted is out of regime.
    """
    device, wide = trials.device, torch.float64
    noise = normal(trials.seeds, (classes, classes), stream="inputs", device=device, dtype=wide)
    inputs = torch.eye(classes, dtype=wide, device=device) + overlap / classes**0.5 * noise
    ranks = torch.arange(1, classes + 1, dtype=wide, device=device)
    frequency = ranks.pow(-imbalance)
    frequency = frequency / frequency.sum()
    weights = torch.zeros(len(trials), classes, classes, dtype=wide, device=device)
    times = torch.full((len(trials), classes), torch.inf, dtype=wide, device=device)
    for step in trials.track(range(steps), optimiser):
        probability = (inputs @ weights).softmax(-1)
        own = probability.diagonal(dim1=-2, dim2=-1)
        times = torch.where((own >= fitted) & times.isinf(), step, times)
        gradient = inputs.mT @ (frequency[:, None] * (probability - _identity(probability)))
        weights = weights - step_size * (gradient.sign() if optimiser == "sign descent" else gradient)
    reached = times.isfinite().all(-1)
    shown = times.clamp(1, steps).cpu()
    line = shown[:, -1].log().mean().exp() * (ranks.cpu() / classes).pow(imbalance)
    return Measurement(
        values=log_log_slope(ranks, shown.to(device)),
        in_regime=reached,
        panels=Panel("Time to fit a class", x="rank of the class", y="steps", log="xy")
        .over_seeds(optimiser, ranks.cpu(), shown, middle="geometric mean")
        .line("inverse of the frequency", ranks.cpu(), line, role="predicted"),
    )


def _identity(like: Tensor) -> Tensor:
    return torch.eye(like.shape[-1], dtype=like.dtype, device=like.device)
