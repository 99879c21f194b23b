"""Byte-level text: one long tensor of bytes, and windows of it by seed, disjoint (one pass) or anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Int, UInt8
from torch import Tensor

from checkers.testbeds import data_files, minibatches, randomness
from checkers.testbeds.data_sources import locate

VOCABULARY = 256


@dataclass(frozen=True, eq=False)
class Corpus:
    """The first 90 % of a text's bytes for training, the rest held out."""

    training: UInt8[Tensor, " n"]
    held_out: UInt8[Tensor, " m"]


@lru_cache(maxsize=1)
def load_corpus() -> Corpus:
    """The text of `data_sources`' "text"; read once a process, so change nothing. DataMissing or DataDamaged."""
    content = data_files.read_text(locate("text"))
    symbols = torch.from_numpy(np.frombuffer(content, dtype=np.uint8).copy())
    split = len(symbols) * 9 // 10
    return Corpus(training=symbols[:split], held_out=symbols[split:])


def shuffled(symbols: UInt8[Tensor, " n"], seed: int) -> UInt8[Tensor, " n"]:
    """The same bytes in random order: the same unigram statistics and nothing else to learn."""
    return symbols[randomness.permutation([seed], len(symbols), stream="shuffled text")[0]]


def one_pass(
    symbols: UInt8[Tensor, " n"],
    seeds: Sequence[int],
    batches: int,
    batch_size: int,
    length: int,
    *,
    stream: str = "one pass",
    device: torch.device | str = "cpu",
) -> Iterator[Int[Tensor, "runs batch length"]]:
    """So many batches of disjoint windows of `length` consecutive bytes, in a random order a seed, as int64.

    The text is cut into windows from its first byte on, so that no byte comes twice in a run. For next-byte prediction
    ask for one byte more than the context. ValueError, before the first batch, where the text has too few windows.
    """
    available = len(symbols) // length
    if available < batches * batch_size:
        raise ValueError(
            f"{batches} batches of {batch_size} disjoint windows of {length} bytes need "
            f"{batches * batch_size * length:,} bytes, and the text has {len(symbols):,}; "
            f"ask for at most {available // batch_size} batches, or give a longer text"
        )
    held = symbols[: available * length].view(available, length).to(device)
    order = randomness.permutation(seeds, available, stream=stream, device=device)
    chosen = order[:, : batches * batch_size].reshape(-1, batches, batch_size)
    return (held[chosen[:, batch]].long() for batch in range(batches))


def windows(
    symbols: UInt8[Tensor, " n"],
    seeds: Sequence[int],
    batch_size: int,
    length: int,
    *,
    stream: str = "windows",
    device: torch.device | str = "cpu",
) -> Iterator[Int[Tensor, "runs batch length"]]:
    """Endless batches of windows of `length` consecutive bytes, at independent uniform places, as int64.

    Windows overlap and recur: see `one_pass` for fresh data. For next-byte prediction ask for one byte more than the
    context. ValueError where the text is shorter.
    """
    places = len(symbols) - length + 1
    if places < 1:
        raise ValueError(f"a text of {len(symbols)} bytes has no window of {length}")
    offsets = torch.arange(length, device=device)
    held = symbols.to(device)
    starts = minibatches.with_replacement(seeds, places, batch_size, stream=stream, device=device)
    return (held[start[..., None] + offsets].long() for start in starts)
