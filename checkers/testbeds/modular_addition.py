"""Addition modulo p: every pair once, split by seed. (Power et al. 2022, 2201.02177.)"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from checkers.testbeds import randomness


def addition_table(
    modulus: int, *, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> tuple[Float[Tensor, "pairs {2*modulus}"], Int[Tensor, " pairs"]]:
    """All p² pairs (a, b), as two concatenated one-hot codes [p², 2p], and labels (a + b) mod p."""
    first, second = torch.cartesian_prod(torch.arange(modulus), torch.arange(modulus)).unbind(dim=1)
    codes = torch.cat([torch.nn.functional.one_hot(part, modulus) for part in (first, second)], dim=1)
    return codes.to(device, dtype), ((first + second) % modulus).to(device)


def split_pairs(
    seeds: Sequence[int], modulus: int, fraction: float, *, device: torch.device | str = "cpu"
) -> tuple[Int[Tensor, "runs training"], Int[Tensor, "runs test"]]:
    """Indices into the table: a random `fraction` of it to train on, for every seed, and the rest.

    ValueError where either part would be empty.
    """
    pairs = modulus**2
    training = round(fraction * pairs)
    if not 0 < training < pairs:
        raise ValueError(
            f"a fraction of {fraction} leaves {training} of {pairs} pairs to train on, {pairs - training} to test"
        )
    order = randomness.permutation(seeds, pairs, stream="pairs", device=device)
    return order[:, :training], order[:, training:]
