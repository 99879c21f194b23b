"""Linear regression from exactly whitened inputs: the setting in which deep linear networks are solved.

With inputs X [n, d], XᵀX/n = I, and targets Y = X Aᵀ, the loss of a linear map M is, up to a constant,
½‖M − A‖²_F, so nothing but A's singular values (the modes' strengths) matters. (Saxe et al. 2013, 1312.6120.)
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.testbeds import randomness


def linear_teacher(
    seeds: Sequence[int],
    strengths: Sequence[float],
    inputs: int,
    outputs: int,
    *,
    stream: str = "teacher",
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float64,
) -> Float[Tensor, "runs outputs inputs"]:
    """Maps with the given singular values and Haar-random singular vectors; ValueError for too many strengths."""
    rank = len(strengths)
    if rank > min(inputs, outputs):
        raise ValueError(f"a map from {inputs} to {outputs} dimensions has no {rank} singular values")
    left = randomness.orthogonal(seeds, outputs, stream=f"{stream}/left", device=device, dtype=dtype)
    right = randomness.orthogonal(seeds, inputs, stream=f"{stream}/right", device=device, dtype=dtype)
    scale = torch.tensor(list(strengths), device=device, dtype=dtype)
    return (left[:, :, :rank] * scale) @ right[:, :, :rank].mT


def whitened_inputs(
    seeds: Sequence[int],
    count: int,
    inputs: int,
    *,
    stream: str = "inputs",
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float64,
) -> Float[Tensor, "runs count inputs"]:
    """Gaussian inputs turned so that XᵀX/n is the identity to rounding; ValueError where count < inputs."""
    if count < inputs:
        raise ValueError(f"{count} examples cannot be white in {inputs} dimensions; give at least {inputs}")
    drawn = randomness.normal(seeds, (count, inputs), stream=stream, dtype=torch.float64)
    basis: Tensor = torch.linalg.qr(drawn).Q * count**0.5
    return basis.to(device, dtype)
