"""Batch orders: [runs, batch] indices of what every run sees at every step, from its own generator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from jaxtyping import Int, Shaped
from torch import Tensor

from checkers.testbeds import randomness


def without_replacement(
    seeds: Sequence[int],
    count: int,
    batch_size: int,
    *,
    stream: str = "batches",
    device: torch.device | str = "cpu",
) -> Iterator[Int[Tensor, "runs batch"]]:
    """Endless epochs, each in a fresh random order; an incomplete last batch of an epoch is left out.

    ValueError where batch_size is not in 1 … count.
    """
    _check(count, batch_size)
    return _epochs(seeds, count, batch_size, stream, device)


def with_replacement(
    seeds: Sequence[int],
    count: int,
    batch_size: int,
    *,
    stream: str = "batches",
    device: torch.device | str = "cpu",
) -> Iterator[Int[Tensor, "runs batch"]]:
    """Endless batches of independent uniform draws below `count`.

    ValueError where either number is not positive.
    """
    if min(count, batch_size) < 1:
        raise ValueError(f"a batch of {batch_size} from {count} examples is not possible; both must be positive")
    return _independent(seeds, count, batch_size, stream, device)


def take(
    data: Shaped[Tensor, " ..."], indices: Int[Tensor, "runs batch"], *, per_run: bool = False
) -> Shaped[Tensor, "runs batch ..."]:
    """The examples at `indices`: data [n, …] shared by all runs, or with `per_run` [runs, n, …]."""
    if not per_run:
        return data[indices]
    rows = torch.arange(indices.shape[0], device=indices.device)[:, None]
    return data[rows, indices]


def _check(count: int, batch_size: int) -> None:
    if not 1 <= batch_size <= count:
        raise ValueError(f"a batch of {batch_size} from {count} examples is not possible; give 1 … {count}")


def _epochs(
    seeds: Sequence[int], count: int, batch_size: int, stream: str, device: torch.device | str
) -> Iterator[Tensor]:
    generators = _generators(seeds, stream)
    while True:
        orders = {seed: torch.randperm(count, generator=source) for seed, source in generators.items()}
        epoch = torch.stack([orders[seed] for seed in seeds]).to(device)
        for start in range(0, count - batch_size + 1, batch_size):
            yield epoch[:, start : start + batch_size]


def _independent(
    seeds: Sequence[int], count: int, batch_size: int, stream: str, device: torch.device | str
) -> Iterator[Tensor]:
    generators = _generators(seeds, stream)
    ahead = max(1, 65536 // (batch_size * len(generators)))
    while True:
        drawn = {
            seed: torch.randint(count, (ahead, batch_size), generator=source) for seed, source in generators.items()
        }
        block = torch.stack([drawn[seed] for seed in seeds], dim=1).to(device)
        yield from block


def _generators(seeds: Sequence[int], stream: str) -> dict[int, torch.Generator]:
    return {seed: randomness.generator(seed, stream) for seed in dict.fromkeys(seeds)}
