"""At which rate in the width two independently trained networks come to agree in what they have learned."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.settings.kernel_movement import Setting, train_and_compare
from checkers.settings.power_panel import power_panel
from checkers.testbeds.randomness import permutation
from lawbook import Measurement, Trials


def dissimilarity_slope(
    trials: Trials,
    *,
    widths: list[int],
    setting: Setting = Setting(parameterisation="mean-field"),
    compared: Literal["as trained", "inputs in another order"] = "as trained",
    draws: int = 4,
) -> Measurement:
    """Slope over log width of log(1 − similarity) of what the features of two networks have learned.

    The similarity is the cosine between the changes in training of their last hidden activations' kernels, mean over
    all pairs of `draws` networks a seed; the initial kernels, which agree at large width whatever is learned, have no
    part in it. compared: the null has one network's inputs in another order, drawn for every seed and pair.
    (Bordelon & Pehlevan 2023, arXiv:2304.03408.)
    """
    rows = []
    for width in trials.track(widths, "width"):
        changes = [
            train_and_compare(trials, setting, width, ["similarities"], stream=f"network {draw}").sizes["similarities"]
            for draw in range(draws)
        ]
        agreements = []
        for one, other in combinations(range(draws), 2):
            right = changes[other]
            if compared == "inputs in another order":
                right = _reordered(trials, right, f"order {one} {other}")
            agreements.append(_cosine(changes[one], right))
        rows.append(1 - torch.stack(agreements).mean(dim=0))
    left = torch.stack(rows, dim=1)
    return Measurement(
        values=log_log_slope(widths, left),
        panels=power_panel("Disagreement in what was learned", "width n", "1 − similarity", widths, left, power=-1.0),
    )


def _cosine(kernels: Tensor, others: Tensor) -> Tensor:
    return torch.cosine_similarity(kernels.flatten(1), others.flatten(1), dim=1)


def _reordered(trials: Trials, kernels: Tensor, stream: str) -> Tensor:
    order = permutation(trials.seeds, kernels.shape[1], stream=stream)
    return torch.stack([kernel[own][:, own] for kernel, own in zip(kernels, order, strict=True)])
