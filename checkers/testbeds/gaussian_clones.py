"""Gaussian mixtures that share a data set's first moments class by class. (Refinetti et al. 2022, 2211.11567.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from checkers.testbeds import randomness

Covariances = Literal["own", "pooled", "isotropic"]


@dataclass(frozen=True, eq=False)
class ClassMoments:
    """mean [classes, d], covariance [classes, d, d] (divided by n, not n − 1) and each class' frequency; float64."""

    mean: Float[Tensor, "classes d"]
    covariance: Float[Tensor, "classes d d"]
    frequency: Float[Tensor, " classes"]

    def keeping(self, covariances: Covariances) -> ClassMoments:
        """These means with each class' own covariance, the mean one for all, or that one's mean variance for all."""
        if covariances == "own":
            return self
        pooled = (self.frequency[:, None, None] * self.covariance).sum(dim=0)
        if covariances == "isotropic":
            pooled = pooled.diagonal().mean() * torch.eye(len(pooled)).to(pooled)
        return replace(self, covariance=pooled.expand_as(self.covariance))

    def shifted(self) -> ClassMoments:
        """Every class with the moments of the next one."""
        return replace(self, mean=self.mean.roll(-1, dims=0), covariance=self.covariance.roll(-1, dims=0))


def class_moments(inputs: Float[Tensor, "n d"], labels: Int[Tensor, " n"], classes: int) -> ClassMoments:
    """The moments of every class. ValueError where a class has no example."""
    counts = labels.bincount(minlength=classes)
    if bool((counts == 0).any()):
        raise ValueError(f"classes {(counts == 0).nonzero().flatten().tolist()} have no example to take moments of")
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
    stream: str = "clones",
    dtype: torch.dtype = torch.float32,
) -> tuple[Float[Tensor, "runs count d"], Int[Tensor, "runs count"]]:
    """`count` examples of the Gaussian mixture for every seed, classes at their frequency: inputs and labels."""
    device, (classes, dimension) = moments.mean.device, moments.mean.shape
    roots = _roots(moments)
    places = randomness.uniform(seeds, (count,), stream=f"{stream}/labels", device=device, dtype=torch.float64)
    labels = torch.searchsorted(moments.frequency.cumsum(0)[:-1].contiguous(), places, right=True)
    white = randomness.normal(seeds, (count, dimension), stream=stream, device=device, dtype=torch.float64)
    inputs = torch.empty(len(seeds), count, dimension, device=device, dtype=dtype)
    for label in range(classes):
        chosen = labels == label
        inputs[chosen] = (moments.mean[label] + white[chosen] @ roots[label].mT).to(dtype)
    return inputs, labels


def draw_twins(
    moments: ClassMoments,
    seeds: Sequence[int],
    labels: Int[Tensor, " n"],
    *,
    stream: str = "twins",
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "runs n d"]:
    """Gaussian examples with these labels for every seed, whose own class moments are `moments` exactly.

    ValueError where a class has no more examples than dimensions, so that none can have a full covariance.
    """
    device, (classes, dimension) = moments.mean.device, moments.mean.shape
    fewest = int(labels.bincount(minlength=classes).min())
    if fewest <= dimension:
        raise ValueError(f"a class of {fewest} examples cannot have every covariance in {dimension} dimensions")
    roots = _roots(moments)
    inputs = torch.empty(len(seeds), len(labels), dimension, device=device, dtype=dtype)
    for run, seed in enumerate(seeds):
        white = randomness.normal([seed], (len(labels), dimension), stream=stream, device=device, dtype=torch.float64)[
            0
        ]
        for label in range(classes):
            chosen = labels == label
            centred = white[chosen] - white[chosen].mean(dim=0)
            triangle = torch.linalg.cholesky(centred.mT @ centred / len(centred))
            whitened = torch.linalg.solve_triangular(triangle, centred.mT, upper=False)
            inputs[run, chosen] = (moments.mean[label] + (roots[label] @ whitened).mT).to(dtype)
    return inputs


def _roots(moments: ClassMoments) -> Tensor:
    """Matrices R [classes, d, d] with R Rᵀ the covariance."""
    variances, directions = torch.linalg.eigh(moments.covariance)
    return directions * variances.clamp(min=0).sqrt().unsqueeze(1)
