"""Random draws that depend on a seed and a stream's name, and on nothing else.

Every seed has its own CPU generator for every stream ("weights", "data", …), so a seed draws the same numbers
alone, in any batch of seeds, and whatever device they are moved to afterwards. Normal and uniform draws are
made in float64 and rounded, so float32 and float64 experiments start from the same point. Seeds may repeat
(runs are often seeds × step sizes); equal seeds get equal draws. No global generator is touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

Seeds = Sequence[int]


def generator(seed: int, stream: str) -> torch.Generator:
    """A fresh CPU generator for one seed's stream; seeds may be any integer, negative ones too."""
    digest = hashlib.blake2b(f"{stream}\0{seed}".encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "little") >> 1)


def normal(
    seeds: Seeds,
    shape: Sequence[int],
    *,
    stream: str,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "runs ..."]:
    """Standard normal draws, shape [len(seeds), *shape]."""

    def draw(source: torch.Generator) -> Tensor:
        return torch.randn(tuple(shape), generator=source, dtype=torch.float64).to(dtype)

    return _stack(seeds, stream, draw).to(device)


def uniform(
    seeds: Seeds,
    shape: Sequence[int],
    *,
    stream: str,
    low: float = 0.0,
    high: float = 1.0,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "runs ..."]:
    """Uniform draws from [low, high), shape [len(seeds), *shape]."""

    def draw(source: torch.Generator) -> Tensor:
        unit = torch.rand(tuple(shape), generator=source, dtype=torch.float64)
        return (low + (high - low) * unit).to(dtype)

    return _stack(seeds, stream, draw).to(device)


def integers(
    seeds: Seeds,
    shape: Sequence[int],
    *,
    stream: str,
    low: int = 0,
    high: int,
    device: torch.device | str = "cpu",
) -> Int[Tensor, "runs ..."]:
    """Uniform integers low ≤ i < high, int64, shape [len(seeds), *shape]."""

    def draw(source: torch.Generator) -> Tensor:
        return torch.randint(low, high, tuple(shape), generator=source)

    return _stack(seeds, stream, draw).to(device)


def signs(
    seeds: Seeds,
    shape: Sequence[int],
    *,
    stream: str,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "runs ..."]:
    """Fair draws of ±1, shape [len(seeds), *shape]."""
    return integers(seeds, shape, stream=stream, high=2, device=device).to(dtype) * 2 - 1


def permutation(
    seeds: Seeds, count: int, *, stream: str, device: torch.device | str = "cpu"
) -> Int[Tensor, "runs count"]:
    """A uniformly random order of 0 … count−1 for every seed, int64."""
    return _stack(seeds, stream, lambda source: torch.randperm(count, generator=source)).to(device)


def subset(
    seeds: Seeds, count: int, size: int, *, stream: str, device: torch.device | str = "cpu"
) -> Int[Tensor, "runs size"]:
    """`size` different indices below `count` for every seed, in random order; ValueError for too many."""
    if size > count:
        raise ValueError(f"cannot choose {size} different items out of {count}; ask for at most {count}")
    return permutation(seeds, count, stream=stream, device=device)[:, :size].contiguous()


def orthogonal(
    seeds: Seeds,
    size: int,
    *,
    stream: str,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Float[Tensor, "runs size size"]:
    """Haar-distributed orthogonal matrices: Q of a Gaussian matrix's QR with R's diagonal made positive.

    Mezzadri 2007 (math-ph/0609050).
    """

    def draw(source: torch.Generator) -> Tensor:
        gaussian = torch.randn((size, size), generator=source, dtype=torch.float64)
        basis, upper = torch.linalg.qr(gaussian)
        signed: Tensor = basis * torch.where(upper.diagonal() < 0, -1.0, 1.0)
        return signed.to(dtype)

    return _stack(seeds, stream, draw).to(device)


def _stack(seeds: Seeds, stream: str, draw: Callable[[torch.Generator], Tensor]) -> Tensor:
    distinct = dict.fromkeys(int(seed) for seed in seeds)
    drawn = {seed: draw(generator(seed, stream)) for seed in distinct}
    return torch.stack([drawn[int(seed)] for seed in seeds])
