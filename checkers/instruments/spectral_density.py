r"""The density of an operator's eigenvalues by stochastic Lanczos quadrature (Ghorbani et al. 2019).

For a unit probe $v$, $m$ Lanczos steps give nodes $\theta_i$ and weights $\omega_i = (e_1^\top s_i)^2$ with
$v^\top f(A) v \approx \sum_i \omega_i f(\theta_i)$, exact for polynomials of degree $2m-1$. Averaged over
random probes this is $\operatorname{tr} f(A) / n$, so the nodes and weights stand for the normalised density.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.arguments import check_float
from checkers.instruments.operator_scale import in_range


@dataclass(frozen=True)
class SpectralDensity:
    """Point masses that stand for each run's spectrum; a run's weights sum to one.

    nodes, weights: shape [runs, probes · steps], on the host in float64; NaN for a run whose operator is not finite.
    """

    nodes: Float[Tensor, "runs points"]
    weights: Float[Tensor, "runs points"]

    def moment(self, power: int) -> Float[Tensor, " runs"]:
        """The mean of the eigenvalues' `power`-th powers: tr(A^power) / size."""
        return (self.weights * self.nodes**power).sum(dim=1)

    def smoothed(self, grid: Float[Tensor, " grid"], width: float) -> Float[Tensor, "runs grid"]:
        """The density on `grid`, every mass widened to a Gaussian of standard deviation `width`, above 0."""
        check_float("grid", grid.dtype)
        if not width > 0:
            raise ValueError(f"width must be above 0, not {width}")
        distance = (grid.double()[None, :, None] - self.nodes[:, None, :]) / width
        bumps = torch.exp(-0.5 * distance**2) / (width * math.sqrt(2 * math.pi))
        return (bumps * self.weights[:, None, :]).sum(dim=2)


def spectral_density(
    product: Callable[[Tensor], Tensor],
    *,
    runs: int,
    size: int,
    steps: int = 40,
    probes: int = 4,
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str = "cpu",
) -> SpectralDensity:
    """The spectral density of every run's symmetric operator.

    product: vectors [runs, size] -> A v. steps: Lanczos steps a probe. probes: random directions, the same
    for every run. The basis takes runs · steps · size numbers. Steps beyond an invariant subspace carry no
    weight. Operators of any size that their dtype holds are measured as those of size 1 are. ValueError for fewer than
    one step or probe, or a product of another shape than its vectors.
    """
    check_float("dtype", dtype)
    if min(steps, probes, size, runs) < 1:
        raise ValueError(f"runs, size, steps and probes must be 1 or more, not {(runs, size, steps, probes)}")
    steps = min(steps, size)
    generator = torch.Generator().manual_seed(seed)
    nodes, weights = [], []
    for _ in range(probes):
        probe = torch.randn(size, generator=generator, dtype=torch.float64)
        start = torch.nn.functional.normalize(probe, dim=0).to(device=device, dtype=dtype)
        theta, omega = _quadrature(product, start.expand(runs, size), steps)
        nodes.append(theta)
        weights.append(omega / probes)
    return SpectralDensity(torch.cat(nodes, dim=1), torch.cat(weights, dim=1))


def _quadrature(product: Callable[[Tensor], Tensor], start: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    runs, size = start.shape
    basis = torch.zeros(runs, steps + 1, size, dtype=start.dtype, device=start.device)
    basis[:, 0] = start
    diagonal = torch.zeros(runs, steps, dtype=start.dtype, device=start.device)
    beside = torch.zeros_like(diagonal)
    units = torch.ones_like(diagonal[:, 0])
    for step in range(steps):
        image = product(basis[:, step])
        if step == 0:
            product, units = in_range(product, basis[:, 0], image)
            image = image / units.unsqueeze(1)
        reach = torch.linalg.vector_norm(image, dim=1)
        diagonal[:, step] = (image * basis[:, step]).sum(dim=1)
        known = basis[:, : step + 1]
        for _ in range(2):
            image = image - (known.mT @ (known @ image[:, :, None]))[:, :, 0]
        norm = torch.linalg.vector_norm(image, dim=1)
        open_ended = norm > 64 * torch.finfo(start.dtype).eps * reach
        beside[:, step] = torch.where(open_ended, norm, torch.zeros_like(norm))
        scale = torch.where(open_ended, 1 / norm, torch.zeros_like(norm))
        basis[:, step + 1] = image * scale[:, None]
    off = beside[:, :-1]
    tridiagonal = torch.diag_embed(diagonal) + torch.diag_embed(off, 1) + torch.diag_embed(off, -1)
    matrices = tridiagonal.double().cpu()
    broken = ~matrices.isfinite().flatten(1).all(1)
    matrices[broken] = 0  # one NaN would stop the decomposition of every run
    theta, vectors = (torch.from_numpy(part) for part in np.linalg.eigh(matrices.numpy()))
    spoiled = torch.where(broken, torch.nan, 0.0).unsqueeze(1)
    return theta * units.double().cpu().unsqueeze(1) + spoiled, vectors[:, 0, :] ** 2 + spoiled
