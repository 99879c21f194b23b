"""How often the words of a text stand near one another, in a part of the text that every seed draws."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from checkers.testbeds import data_files, randomness
from checkers.testbeds.data_sources import locate

BLOCK = 1000  # words in a row that are drawn, or left out, together
OUTSIDE = -1
Order = Literal["as written", "shuffled"]


@dataclass(frozen=True, eq=False)
class WordPairs:
    """Frequencies among the most frequent words, float64, most frequent first.

    joint: P_ij, symmetric, of two such words within a window of each other; sums to 1. single: P_i = Σ_j P_ij.
    """

    words: tuple[str, ...]
    joint: Float[Tensor, "runs words words"]
    single: Float[Tensor, "runs words"]


def count_pairs(
    seeds: Sequence[int],
    words: int,
    window: int,
    *,
    order: Order = "as written",
    share: float = 0.5,
    device: torch.device | str = "cpu",
) -> WordPairs:
    """Pairs of the text's most frequent words at most `window` places apart, in a random `share` of its blocks a seed.

    Rarer words keep their places. order: "shuffled" draws the words in random order after the blocks are chosen, so
    that nothing but their frequencies is left. DataMissing or DataDamaged without a text, ValueError where it has too
    few different words.
    """
    vocabulary, text = _text()
    if words > len(vocabulary):
        raise ValueError(f"the text has {len(vocabulary):,} different words, not {words:,}")
    known = np.where(text < words, text, OUTSIDE)
    blocks = len(text) // BLOCK
    kept = randomness.subset(seeds, blocks, max(1, round(share * blocks)), stream="blocks of text").sort(1).values
    joint = []
    for seed, chosen in zip(seeds, kept.numpy(), strict=True):
        part = known[: blocks * BLOCK].reshape(blocks, BLOCK)[chosen].reshape(-1)
        if order == "shuffled":
            part = part[randomness.permutation([seed], len(part), stream="shuffled words")[0].numpy()]
        joint.append(torch.from_numpy(_counts(part, words, window)))
    counts = torch.stack(joint).to(device)
    frequencies = counts / counts.sum((1, 2), keepdim=True)
    return WordPairs(vocabulary[:words], frequencies, frequencies.sum(2))


def _counts(text: NDArray[np.int64], words: int, window: int) -> NDArray[np.float64]:
    """How often each ordered pair occurs within the window, in either direction."""
    found = np.zeros(words * words)
    for distance in range(1, window + 1):
        left, right = text[:-distance], text[distance:]
        both = (left != OUTSIDE) & (right != OUTSIDE)
        found += np.bincount(left[both] * words + right[both], minlength=words * words)
    table = found.reshape(words, words)
    return table + table.T


@lru_cache(maxsize=1)
def _text() -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """All different words, most frequent first (by alphabet among equals), and the text as their ranks."""
    content = data_files.read_text(locate("text")).decode(errors="replace").lower()
    found = re.findall(r"[a-z]+(?:'[a-z]+)?", content)
    ranked = sorted(Counter(found).items(), key=lambda item: (-item[1], item[0]))
    vocabulary = tuple(word for word, _ in ranked)
    rank = {word: place for place, word in enumerate(vocabulary)}
    return vocabulary, np.fromiter((rank[word] for word in found), dtype=np.int64, count=len(found))
