r"""Leading eigenpairs along a path of slowly changing operators, from a block Krylov space of the last ones.

The span of the last eigenvectors and their guards $V$, its image under the residual map $R = AV - V\Theta$, that
map's residuals and so on make a block Krylov space; the Rayleigh-Ritz pairs of $A$ in it are those of block Lanczos
started at $V$ (Golub & Underwood 1977). A single-vector method must tell the wanted directions apart from one sum of
them, anew at every point; a block knows them apart already, and one or two blocks suffice where the operator has
moved little. Guards are carried along, so that a direction whose eigenvalue is rising grows in them from point to
point and is there before it leads.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from checkers.instruments.lanczos import Eigenpairs, top_eigenpairs

MOST_BLOCKS = 6


def followed_eigenpairs(
    product: Callable[[Tensor], Tensor], last: Eigenpairs, *, tolerance: float = 1e-3
) -> Eigenpairs:
    """The largest eigenpairs of every run's symmetric operator, as many as `last` has, where `last` is nearby's.

    product: vectors [runs, size] -> A v, run by run. tolerance: as `top_eigenpairs` has it, which takes over where
    six blocks do not reach it or `last` is not finite. At least two blocks are built, so that a direction outside the
    last span is seen.
    """
    count = last.values.shape[1]
    known = torch.cat([last.vectors, last.guards], dim=1)
    runs, width, size = known.shape
    basis, fresh = known[:, :0], known
    images = basis
    products = 0
    while basis.shape[1] // width < MOST_BLOCKS and basis.shape[1] + width <= size:
        if not bool(fresh.isfinite().all()):
            break
        block = _orthonormal_outside(fresh, basis)
        basis = torch.cat([basis, block], dim=1)
        images = torch.cat([images, _images(product, block)], dim=1)
        products += width
        projected = basis @ images.mT
        if not bool(projected.isfinite().all()):
            break
        ascending, rotation = torch.linalg.eigh(((projected + projected.mT) / 2).cpu())
        values = ascending.flip(1)[:, :width].to(basis)
        rotation = rotation.flip(2)[:, :, :width].to(basis)
        vectors = rotation.mT @ basis
        fresh = rotation.mT @ images - values[:, :, None] * vectors
        residuals = fresh.norm(dim=2)[:, :count]
        met = (residuals <= tolerance * values[:, :count].abs()).all(dim=1)
        if basis.shape[1] > width and bool(met.all()):
            leading, guards = vectors[:, :count], vectors[:, count:]
            return Eigenpairs(values[:, :count], leading, residuals, met, guards, products)
    return top_eigenpairs(
        product,
        runs=runs,
        size=size,
        count=count,
        dtype=known.dtype,
        device=known.device,
        warm_start=last,
        tolerance=tolerance,
    )


def _images(product: Callable[[Tensor], Tensor], block: Tensor) -> Tensor:
    return torch.stack([product(vectors) for vectors in block.unbind(dim=1)], dim=1)


def _orthonormal_outside(block: Tensor, basis: Tensor) -> Tensor:
    """An orthonormal basis of what `block` adds to the span of `basis`'s orthonormal rows; twice is enough."""
    for _ in range(2):
        block = block - (block @ basis.mT) @ basis
        block = torch.linalg.qr(block.mT).Q.mT
    return block
