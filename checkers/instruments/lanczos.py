r"""The largest eigenvalues of many symmetric operators at once, by thick-restart Lanczos (Wu & Simon 2000).

For orthonormal $Q$ and $T = Q^\top A Q$, Lanczos keeps $AQ = QT + \beta q e_m^\top$. A Ritz pair $(\theta,
Qs)$ then has the residual $\lVert A Qs - \theta Qs\rVert = \beta\,|s_m|$, and some eigenvalue of $A$ lies
within it of $\theta$. Every new vector is orthogonalised twice against the whole basis, so no spurious copies
appear. All runs step together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.arguments import check_float
from checkers.instruments.operator_scale import in_range

BASIS_BYTES = 3 * 2**29
MOST_ROWS = 64
START_SEED = 20230516
WARM_START_NOISE = 0.03
GUARDS = 3
GUARD_WEIGHT = 0.1


@dataclass(frozen=True)
class Eigenpairs:
    """Leading eigenpairs of every run, largest first.

    residuals: the norm of A v − θ v for each pair. converged: whether all of a run's residuals met the
    tolerance; values of a run that did not converge, or whose operator is not finite (all NaN there), are not
    to be trusted.
    guards: the next few Ritz vectors, converged or not: a warm start that carries them sees it when
    eigenvalues cross.
    products: how many operator products were taken (each serves all runs).
    """

    values: Float[Tensor, "runs count"]
    vectors: Float[Tensor, "runs count size"]
    residuals: Float[Tensor, "runs count"]
    converged: Bool[Tensor, " runs"]
    guards: Float[Tensor, "runs guards size"]
    products: int


def top_eigenpairs(
    product: Callable[[Tensor], Tensor],
    *,
    runs: int,
    size: int,
    count: int = 1,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str = "cpu",
    warm_start: Eigenpairs | None = None,
    tolerance: float = 1e-3,
    max_products: int = 300,
    basis_rows: int | None = None,
) -> Eigenpairs:
    """The `count` algebraically largest eigenpairs of every run's symmetric operator.

    product: vectors [runs, size] -> A v, run by run.
    warm_start: the eigenpairs of nearby operators; the start is their vectors' sum, with a little fixed
    noise. At a loose tolerance several pairs can have converged while one above them is still unseen, as in any
    single-vector Krylov method: along a path take `followed_eigenpairs`, whose block knows them apart.
    tolerance: a pair has converged when its residual is at most tolerance·|θ| (ARPACK's rule).
    basis_rows: vectors kept before a restart; by default as many as fit in 1.5 GiB, at most 64.
    An eigenvalue that is multiple to the last bit may be found once only, as in any single-vector Krylov
    method. Operators of any size that their dtype holds are solved as those of size 1 are. ValueError where `count` is
    not between 1 and `size`, or the product or warm start is of another shape.
    """
    check_float("dtype", dtype)
    if not 1 <= count <= size:
        raise ValueError(f"count must be between 1 and the operator's size {size}, not {count}")
    if warm_start is not None and warm_start.vectors.shape[::2] != (runs, size):
        shape = tuple(warm_start.vectors.shape)
        raise ValueError(f"the warm start's vectors {shape} are not of {runs} runs and size {size}")
    max_products = max(max_products, count)
    rows = _basis_rows(runs, size, count, dtype, basis_rows)
    basis = torch.zeros(runs, rows + 1, size, dtype=dtype, device=device)
    projected = torch.zeros(runs, rows, rows, dtype=dtype, device=device)
    basis[:, 0] = _start(runs, size, dtype, device, warm_start)
    blocks = torch.zeros(runs, dtype=torch.int64, device=device)
    filled, next_check = 0, min(count + 1, rows)
    units = torch.ones(runs, dtype=dtype, device=device)
    for taken in range(1, max_products + 1):
        image = product(basis[:, filled])
        if taken == 1:
            product, units = in_range(product, basis[:, 0], image)
            image = image / units.unsqueeze(1)
        norms, blocks = _extend(image, basis, projected, filled, blocks)
        filled += 1
        if filled < next_check and taken < max_products:
            continue
        ritz, blocks_seen = _ritz(projected[:, :filled, :filled], norms, blocks, count)
        exhausted = (blocks_seen == 0) | (blocks_seen >= count) | (filled == size)
        converged = ritz.within(tolerance) & exhausted
        if bool((converged | ritz.broken).all()) or taken == max_products:
            break
        if filled == rows:
            filled = _restart(basis, projected, ritz, count)
            next_check = filled
        next_check = min(max(next_check + 1, int(1.15 * filled)), rows)
    leading = ritz.coefficients[:, :, : count + GUARDS].to(basis)
    vectors = leading.mT @ basis[:, :filled]
    return Eigenpairs(
        values=ritz.values[:, :count].to(basis) * units.unsqueeze(1),
        vectors=vectors[:, :count],
        residuals=ritz.residuals[:, :count].to(basis) * units.unsqueeze(1),
        converged=(converged & ~ritz.broken).to(device),
        guards=vectors[:, count:],
        products=taken,
    )


@dataclass(frozen=True)
class _Ritz:
    """Eigenpairs of the projected operator, largest first, in float64 on the host."""

    values: Tensor
    coefficients: Tensor
    residuals: Tensor
    floor: Tensor
    broken: Tensor
    count: int

    def within(self, tolerance: float) -> Tensor:
        values, residuals = self.values[:, : self.count], self.residuals[:, : self.count]
        enough = values.shape[1] == self.count
        return (residuals <= tolerance * values.abs() + self.floor[:, None]).all(dim=1) & enough


def _basis_rows(runs: int, size: int, count: int, dtype: torch.dtype, asked: int | None) -> int:
    least = min(size, 2 * count + 4)
    if asked is not None:
        return min(size, max(asked, least))
    return min(size, max(least, min(MOST_ROWS, BASIS_BYTES // (runs * size * dtype.itemsize) - 1)))


def _random_vector(size: int, dtype: torch.dtype, device: torch.device | str, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(size, generator=generator, dtype=torch.float64).to(device=device, dtype=dtype)


def _start(
    runs: int, size: int, dtype: torch.dtype, device: torch.device | str, warm_start: Eigenpairs | None
) -> Tensor:
    """One unit vector a run, with the same noise for all, so that neighbours do not change a run's result."""
    noise = torch.nn.functional.normalize(_random_vector(size, dtype, device, START_SEED), dim=0)
    if warm_start is None:
        return noise.expand(runs, size)
    known = warm_start.vectors.sum(dim=1) + GUARD_WEIGHT * warm_start.guards.sum(dim=1)
    known = torch.nn.functional.normalize(known.to(device=device, dtype=dtype), dim=1)
    known = torch.where(known.isfinite().all(dim=1, keepdim=True), known, torch.zeros_like(known))
    return torch.nn.functional.normalize(known + WARM_START_NOISE * noise, dim=1)


def _extend(image: Tensor, basis: Tensor, projected: Tensor, filled: int, blocks: Tensor) -> tuple[Tensor, Tensor]:
    """One step: fills column `filled` of the projection and the next basis row; gives β and closed blocks.

    image: the operator's, of basis row `filled`.
    """
    known = basis[:, : filled + 1]
    image, coefficients = _orthogonalise(image, known)
    projected[:, : filled + 1, filled] = coefficients
    projected[:, filled, : filled + 1] = coefficients
    norms = torch.linalg.vector_norm(image, dim=1)
    scale = projected.abs().amax(dim=(1, 2))
    closed = norms <= 64 * torch.finfo(image.dtype).eps * scale
    if known.shape[1] == basis.shape[2]:
        return torch.zeros_like(norms), blocks + 1
    following = image / torch.where(closed, torch.ones_like(norms), norms)[:, None]
    if bool(closed.any()):
        fresh = _random_vector(basis.shape[2], basis.dtype, basis.device, START_SEED + filled + 1)
        fresh, _ = _orthogonalise(fresh.expand_as(image), known)
        fresh = torch.nn.functional.normalize(fresh, dim=1)
        following = torch.where(closed[:, None], fresh, following)
    basis[:, filled + 1] = following
    return torch.where(closed, torch.zeros_like(norms), norms), blocks + closed


def _orthogonalise(vectors: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """`vectors` less their components along `known` (twice is enough), and those components."""
    total = torch.zeros(known.shape[:2], dtype=vectors.dtype, device=vectors.device)
    column = vectors[:, :, None]
    for _ in range(2):
        coefficients = torch.bmm(known, column)
        column = torch.baddbmm(column, known.mT, coefficients, alpha=-1)
        total += coefficients[:, :, 0]
    return column[:, :, 0], total


def _ritz(projected: Tensor, norms: Tensor, blocks: Tensor, count: int) -> tuple[_Ritz, Tensor]:
    """The projected operator's eigenpairs, and how many blocks have closed, on the host."""
    # In one piece: each that is fetched makes a card wait.
    pieces = (projected.flatten(1), norms[:, None], blocks[:, None])
    fetched = torch.cat([piece.double() for piece in pieces], dim=1).cpu()
    matrices = fetched[:, :-2].reshape(projected.shape)
    last, blocks_seen = fetched[:, -2], fetched[:, -1]
    broken = ~(matrices.isfinite().flatten(1).all(dim=1) & last.isfinite())
    matrices[broken] = 0
    values, coefficients = np.linalg.eigh(matrices.numpy())
    flipped = torch.from_numpy(values).flip(-1)
    vectors = torch.from_numpy(coefficients).flip(-1)
    rounding = torch.finfo(projected.dtype).eps * matrices.shape[1]
    residuals = last[:, None] * vectors[:, -1, :].abs()
    flipped[broken] = torch.nan
    residuals[broken] = torch.nan
    vectors[broken] = torch.nan
    floor = rounding * flipped.abs().amax(dim=1)
    return _Ritz(flipped, vectors, residuals, floor, broken, count), blocks_seen


def _restart(basis: Tensor, projected: Tensor, ritz: _Ritz, count: int) -> int:
    """Keeps the leading Ritz vectors and the residual's direction; gives how many rows are filled."""
    rows = projected.shape[1]
    kept = min(max(count + 3, rows * 2 // 5), rows - 2)
    rotation = ritz.coefficients[:, :, :kept].to(basis).mT
    for columns in torch.split(basis, 2**18, dim=2):
        columns[:, :kept] = rotation @ columns[:, :rows]
    basis[:, kept] = basis[:, rows]
    projected.zero_()
    diagonal = ritz.values[:, :kept].nan_to_num().to(projected)
    projected[:, :kept, :kept] = torch.diag_embed(diagonal)
    return kept
