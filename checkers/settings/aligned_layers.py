"""A start for linear networks of three layers: nearly aligned, nearly balanced weights of known mode strengths."""

from __future__ import annotations

import torch
from torch import Tensor

from checkers.testbeds.randomness import normal, uniform
from lawbook import Trials

DEPTH = 3


def aligned_layers(
    trials: Trials,
    modes: list[float],
    width: int,
    smallest_start: float,
    largest_start: float,
    misalignment: float,
) -> list[Tensor]:
    """Three weight matrices sharing orthonormal hidden frames, their mode strengths u0^{1/3}, plus relative noise."""
    count, device = len(modes), trials.device
    draw = {"device": device, "dtype": torch.float64}
    spread = uniform(trials.seeds, (count,), stream="start", **draw)
    ratio = torch.tensor(largest_start / smallest_start, dtype=torch.float64, device=device)
    layer_strengths = (smallest_start * ratio**spread) ** (1 / DEPTH)
    frames = torch.linalg.qr(normal(trials.seeds, (2, width, count), stream="frames", **draw)).Q
    first = frames[:, 0] * layer_strengths[:, None, :]
    middle = frames[:, 1] * layer_strengths[:, None, :] @ frames[:, 0].mT
    last = layer_strengths[:, :, None] * frames[:, 1].mT
    layers = []
    for index, layer in enumerate((first, middle, last)):
        noise = normal(trials.seeds, tuple(layer.shape[1:]), stream=f"noise {index}", **draw)
        scale = layer.norm(dim=(1, 2), keepdim=True) / noise.norm(dim=(1, 2), keepdim=True)
        layers.append(layer + misalignment * scale * noise)
    return layers
