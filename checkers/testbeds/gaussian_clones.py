"""Gaussian mixtures that share a data set's first moments class by class.

A clone of order 1 keeps each class' mean, and the covariance averaged over classes; a clone of order 2 keeps each
class' mean and covariance. (Refinetti et al. 2022, 2211.11567.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from checkers.testbeds import randomness


@dataclass(frozen=True, eq=False)
class ClassMoments:
    """mean [classes, d], covariance [classes, d, d] (divided by n, not n − 1) and each class' frequency; float64."""

    mean: Float[Tensor, "classes d"]
    covariance: Float[Tensor, "classes d d"]
    frequency: Float[Tensor, " classes"]


def class_moments(inputs: Float[Tensor, "n d"], labels: Int[Tensor, " n"], classes: int) -> ClassMoments:
    """The moments of every class. ValueError where a class has no example."""
    counts = labels.bincount(minlength=classes)
    if bool((counts == 0).any()):
        raise ValueError(
            f"classes {(counts == 0).nonzero().flatten().tolist()} have no example to take moments of"
        )
    means, covariances = [], []
    for label in range(classes):
        members = inputs[labels == label].double()
        centred = members - members.mean(dim=0)
        means.append(members.mean(dim=0))
        covariances.append(centred.mT @ centred / len(members))
    return ClassMoments(torch.stack(means), torch.stack(covariances), counts.double() / len(labels))


def draw_clones(
    moments: ClassMoments,
    seeds: Sequence[int],
    count: int,
    *,
    order: Literal[1, 2],
    stream: str = "clones",
    dtype: torch.dtype = torch.float32,
) -> tuple[Float[Tensor, "runs count d"], Int[Tensor, "runs count"]]:
    """`count` examples of the Gaussian mixture for every seed, classes at their frequency: inputs and labels."""
    device, (classes, dimension) = moments.mean.device, moments.mean.shape
    covariance = moments.covariance
    if order == 1:
        pooled = (moments.frequency[:, None, None] * covariance).sum(dim=0)
        covariance = pooled.expand(classes, dimension, dimension)
    variances, directions = torch.linalg.eigh(covariance)
    roots = directions * variances.clamp(min=0).sqrt().unsqueeze(1)  # root rootᵀ is the covariance
    places = randomness.uniform(
        seeds, (count,), stream=f"{stream}/labels", device=device, dtype=torch.float64
    )
    labels = torch.searchsorted(moments.frequency.cumsum(0)[:-1].contiguous(), places, right=True)
    white = randomness.normal(seeds, (count, dimension), stream=stream, device=device, dtype=torch.float64)
    inputs = torch.empty(len(seeds), count, dimension, device=device, dtype=dtype)
    for label in range(classes):
        chosen = labels == label
        inputs[chosen] = (moments.mean[label] + white[chosen] @ roots[label].mT).to(dtype)
    return inputs, labels
