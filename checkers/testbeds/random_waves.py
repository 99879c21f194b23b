r"""Random targets of chosen smoothness: sums of plane waves that sample a stationary Gaussian field.

$f(x) = \sum_k a_k \cos(\omega_k\cdot x + \phi_k)$ with $a_k \sim N(0, 2/K)$ and frequencies drawn from a field's
spectral density has that field's covariance (Rahimi & Recht 2007). The field of smoothness $\nu$ is Matérn's, whose
spectrum is a Student distribution with $2\nu$ degrees of freedom; its draws have just under $\nu$ square-integrable
derivatives. As $\nu \to \infty$ the frequencies are Gaussian and the draws analytic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.testbeds import randomness


@dataclass(frozen=True, eq=False)
class Waves:
    """Sums of plane waves, one for each run: frequencies [runs, waves, d], phases and amplitudes [runs, waves]."""

    frequencies: Float[Tensor, "runs waves d"]
    phases: Float[Tensor, "runs waves"]
    amplitudes: Float[Tensor, "runs waves"]

    def __call__(self, points: Float[Tensor, "n d"]) -> Float[Tensor, "runs n"]:
        """Every run's sum at the same points."""
        angles = points @ self.frequencies.mT + self.phases.unsqueeze(1)
        return (torch.cos(angles) @ self.amplitudes.unsqueeze(2)).squeeze(2)

    def laplacian(self) -> Waves:
        """The sum of second derivatives, as waves again."""
        squares = self.frequencies.square().sum(2)
        return Waves(self.frequencies, self.phases, -squares * self.amplitudes)


def draw_waves(
    seeds: Sequence[int],
    dimension: int,
    *,
    smoothness: float = math.inf,
    length: float = 1.0,
    waves: int = 256,
    stream: str = "target",
    device: torch.device | str = "cpu",
) -> Waves:
    """One float64 draw a seed, of variance 1 at every point over draws.

    smoothness: ν, a multiple of one half, or infinite. length: over which the field's values are alike.
    """
    draw = {"device": device, "dtype": torch.float64}
    frequencies = randomness.normal(seeds, (waves, dimension), stream=f"{stream} frequencies", **draw) / length
    if math.isfinite(smoothness):
        freedom = round(2 * smoothness)
        parts = randomness.normal(seeds, (waves, freedom), stream=f"{stream} tails", **draw)
        frequencies = frequencies / parts.square().mean(2, keepdim=True).sqrt()
    phases = randomness.uniform(seeds, (waves,), stream=f"{stream} phases", high=2 * math.pi, **draw)
    amplitudes = randomness.normal(seeds, (waves,), stream=f"{stream} amplitudes", **draw)
    return Waves(frequencies, phases, amplitudes * (2 / waves) ** 0.5)
