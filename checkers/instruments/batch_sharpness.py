r"""Batch sharpness $\mathbb E_B[g_B^\top H_B g_B / \lVert g_B\rVert^2]$ (Andreyev & Beneventano 2024).

arXiv:2412.20553. $g_B$ and $H_B$ are the gradient and Hessian of the same minibatch's loss. (The first
version of that paper measured another quantity, the mean top eigenvalue of minibatch Hessians.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import unit_scale
from checkers.instruments.curvature import gradient, hessian_product
from checkers.instruments.parameters import Loss, Parameters


@dataclass(frozen=True)
class BatchSharpness:
    """The mean over batches and its standard error, a run; NaN where a batch's gradient is 0 or not finite."""

    mean: Float[Tensor, " runs"]
    standard_error: Float[Tensor, " runs"]


def batch_sharpness(losses: Iterable[Loss], parameters: Parameters) -> BatchSharpness:
    """The batch sharpness of every run, over the minibatches whose losses are given (at least two).

    losses: functions parameters -> [runs], one a minibatch. ValueError for fewer than two.
    """
    quotients = []
    for loss in losses:
        direction = unit_scale(gradient(loss, parameters))
        curved = hessian_product(loss, parameters)(direction)
        quotients.append((direction * curved).sum(dim=1) / direction.square().sum(dim=1))
    if len(quotients) < 2:
        raise ValueError(f"batch sharpness needs at least two minibatches, not {len(quotients)}")
    drawn = torch.stack(quotients)
    return BatchSharpness(drawn.mean(dim=0), drawn.std(dim=0) / len(quotients) ** 0.5)
