"""Batched parameters as one flat vector a run, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.accurate_sums import finite_runs
from checkers.instruments.arguments import check_float, check_parameters

Parameters = Mapping[str, Tensor]
Loss = Callable[[dict[str, Tensor]], Tensor]


def run_count(parameters: Parameters) -> int:
    """The length of the leading runs axis. ValueError where the tensors disagree or there are none."""
    lengths = {name: tensor.shape[0] if tensor.ndim else 0 for name, tensor in parameters.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"parameters need one leading runs axis of one length; they have {lengths}")
    return next(iter(lengths.values()))


def parameter_count(parameters: Parameters) -> int:
    """How many numbers one run has."""
    return sum(tensor[0].numel() for tensor in parameters.values())


def finite(parameters: Parameters) -> Bool[Tensor, " runs"]:
    """Whether all of a run's parameters are finite."""
    runs = run_count(parameters)
    return torch.stack([finite_runs(tensor.detach().reshape(runs, -1)) for tensor in parameters.values()]).all(0)


def flatten(parameters: Parameters) -> Float[Tensor, "runs parameters"]:
    """All of a run's parameters in one row, in the mapping's order."""
    check_parameters(parameters)
    runs = run_count(parameters)
    return torch.cat([tensor.reshape(runs, -1) for tensor in parameters.values()], dim=1)


def unflatten(vectors: Float[Tensor, "runs parameters"], like: Parameters) -> dict[str, Tensor]:
    """The inverse of `flatten`: views of `vectors` in the shapes of `like`. ValueError for rows of another length."""
    check_float("vectors", vectors.dtype)
    runs = vectors.shape[0]
    sizes = [tensor[0].numel() for tensor in like.values()]
    if vectors.ndim != 2 or vectors.shape[1] != sum(sizes):
        raise ValueError(f"vectors must be [runs, {sum(sizes)}], as the parameters are, not {tuple(vectors.shape)}")
    pieces = torch.split(vectors, sizes, dim=1)
    return {
        name: piece.reshape(runs, *tensor.shape[1:]) for (name, tensor), piece in zip(like.items(), pieces, strict=True)
    }
