r"""Teacher and student committee machines on Gaussian inputs.

A committee of K units computes $f(x) = \sum_k v_k\, g(w_k \cdot x/\sqrt d)$ with $g(z) = \mathrm{erf}(z/\sqrt2)$;
in a soft committee v_k = 1. Its risk depends on weights through overlaps $w_k \cdot w_l/d$ alone.
(Saad & Solla 1995; Goldt et al. 2019, 1906.08632.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.testbeds import randomness


def draw_committee(
    seeds: Sequence[int],
    units: int,
    inputs: int,
    *,
    scale: float = 1.0,
    orthogonal: bool = False,
    stream: str,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float64,
) -> dict[str, Tensor]:
    """Parameters {"weight": [runs, units, inputs], "readout": [runs, units]}; the readout is 1.

    Weights are N(0, scale²); with `orthogonal` they are turned so that w_k·w_l/d = scale²·δ_kl exactly.
    """
    drawn = randomness.normal(seeds, (units, inputs), stream=stream, dtype=torch.float64)
    if orthogonal:
        drawn = torch.linalg.qr(drawn.mT).Q.mT * inputs**0.5
    weight = (scale * drawn).to(device, dtype)
    return {"weight": weight, "readout": weight.new_ones(len(seeds), units)}


def committee_outputs(
    parameters: Mapping[str, Tensor], inputs: Float[Tensor, "*runs batch d"]
) -> Float[Tensor, "runs batch"]:
    """f(x) of every run; inputs [batch, d] shared or [runs, batch, d]."""
    fields = inputs @ parameters["weight"].mT / inputs.shape[-1] ** 0.5
    return (torch.erf(fields / 2**0.5) @ parameters["readout"].unsqueeze(-1)).squeeze(-1)


def overlaps(first: Float[Tensor, "runs k d"], second: Float[Tensor, "runs l d"]) -> Float[Tensor, "runs k l"]:
    """The order parameters w_k·w_l/d."""
    return first @ second.mT / first.shape[-1]
