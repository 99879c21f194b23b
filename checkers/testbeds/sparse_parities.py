"""Parities of few bits among many, alone and as a family of tasks with power-law frequencies."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from checkers.testbeds import randomness


def sparse_parity(
    seeds: Sequence[int],
    count: int,
    bits: int,
    degree: int,
    *,
    stream: str = "parity",
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> tuple[Float[Tensor, "runs count bits"], Float[Tensor, "runs count"]]:
    """Inputs uniform on {−1, 1}^bits and the product of the first `degree` coordinates.

    Which coordinates matter makes no difference to a learner that treats them alike. ValueError where degree is
    not in 1 … bits.
    """
    if not 1 <= degree <= bits:
        raise ValueError(f"a parity of {degree} out of {bits} bits is not possible; give 1 … {bits}")
    inputs = randomness.signs(seeds, (count, bits), stream=stream, device=device, dtype=dtype)
    return inputs, inputs[..., :degree].prod(dim=-1)


def task_frequencies(tasks: int, exponent: float, *, dtype: torch.dtype = torch.float64) -> Float[Tensor, " tasks"]:
    r"""Zipf's law: task k = 1, 2, … has probability ∝ $k^{-(\alpha+1)}$, α = `exponent`."""
    weight = torch.arange(1, tasks + 1, dtype=dtype) ** -(exponent + 1)
    return weight / weight.sum()


def multitask_parity(
    seeds: Sequence[int],
    count: int,
    frequencies: Float[Tensor, " tasks"],
    bits: int,
    degree: int,
    *,
    task_seed: int = 0,
    stream: str = "multitask parity",
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> tuple[Float[Tensor, "runs count features"], Int[Tensor, "runs count"], Int[Tensor, "runs count"]]:
    """Inputs, labels 0 or 1, and each example's task. (Michaud et al. 2023, 2303.13506.)

    An input is a one-hot code of its task, then `bits` uniform bits 0 or 1; its label is the parity of the task's
    own `degree` bits, which `task_seed` draws and all runs share.
    """
    tasks = len(frequencies)
    edges = frequencies.cumsum(0)[:-1].contiguous().double()
    places = randomness.uniform(seeds, (count,), stream=f"{stream}/task", dtype=torch.float64)
    task = torch.searchsorted(edges, places, right=True)
    drawn = randomness.integers(seeds, (count, bits), stream=f"{stream}/bits", high=2)
    matters = torch.stack(
        [randomness.subset([task_seed], bits, degree, stream=f"{stream}/{k}")[0] for k in range(tasks)]
    )
    labels = drawn.gather(2, matters[task]).sum(dim=2) % 2
    inputs = torch.cat([torch.nn.functional.one_hot(task, tasks), drawn], dim=2).to(device, dtype)
    return inputs, labels.to(device), task.to(device)
