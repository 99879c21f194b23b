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
from dataclasses import replace

import torch
from torch import Tensor

from checkers.instruments.accurate_sums import finite_runs
from checkers.instruments.arguments import check_tensors
from checkers.instruments.lanczos import START_SEED, Eigenpairs, top_eigenpairs
from checkers.instruments.operator_scale import in_range

MOST_BLOCKS = 6


def followed_eigenpairs(
    product: Callable[[Tensor], Tensor], last: Eigenpairs, *, tolerance: float = 1e-3
) -> Eigenpairs:
    """The largest eigenpairs of every run's symmetric operator, as many as `last` has, where `last` is nearby's.

    product: vectors [runs, size] -> A v, run by run. tolerance: as `top_eigenpairs` has it, which takes over where
    six blocks do not reach it or `last` is not finite. At least two blocks are built, so that a direction outside the
    last span is seen, also where the last vectors are exact or depend on each other. A run whose operator is not
    finite gives NaN, not converged. ValueError for a product of another shape than its vectors.
    """
    check_tensors(values=(last.values, "runs count"), vectors=(last.vectors, "runs count size"))
    count = last.values.shape[1]
    known = torch.cat([last.vectors, last.guards], dim=1)
    runs, width, size = known.shape
    fresh = torch.where(finite_runs(known).reshape(-1, 1, 1), known, 0.0)
    basis = images = known[:, :0]
    in_reach = product
    units = torch.ones(runs, dtype=known.dtype, device=known.device)
    broken = met = torch.zeros(runs, dtype=torch.bool, device=known.device)
    found = None
    products = 0
    while basis.shape[1] // width < MOST_BLOCKS and basis.shape[1] + width <= size:
        block = _orthonormal_outside(fresh, basis)
        image = _images(in_reach, block)
        if not products:
            in_reach, units = in_range(product, block, image)
            image = image / units[:, None, None]
        products += width
        broken = broken | ~finite_runs(image)
        basis = torch.cat([basis, block], dim=1)
        images = torch.cat([images, torch.where(broken[:, None, None], 0.0, image)], dim=1)
        projected = basis @ images.mT
        ascending, rotation = torch.linalg.eigh(((projected + projected.mT) / 2).cpu())
        values = ascending.flip(1)[:, :width].to(basis)
        rotation = rotation.flip(2)[:, :, :width].to(basis)
        vectors = rotation.mT @ basis
        fresh = rotation.mT @ images - values[:, :, None] * vectors
        residuals = fresh.norm(dim=2)[:, :count]
        rounding = torch.finfo(basis.dtype).eps * basis.shape[1] * values.abs().amax(dim=1, keepdim=True)
        met = (residuals <= tolerance * values[:, :count].abs() + rounding).all(dim=1) & ~broken
        if basis.shape[1] > width:
            spoiled = torch.where(broken, torch.nan, units).unsqueeze(1)
            vectors = torch.where(broken[:, None, None], torch.nan, vectors)
            leading, guards = vectors[:, :count], vectors[:, count:]
            found = Eigenpairs(values[:, :count] * spoiled, leading, residuals * spoiled, met, guards, products)
            if bool((met | broken).all()):
                return found
    afresh = top_eigenpairs(
        product,
        runs=runs,
        size=size,
        count=count,
        dtype=known.dtype,
        device=known.device,
        warm_start=last,
        tolerance=tolerance,
    )
    return _completed(found, afresh, products)


def _completed(found: Eigenpairs | None, afresh: Eigenpairs, products: int) -> Eigenpairs:
    """The pairs afresh, but for runs whose blocks did reach the tolerance: another run must not change theirs."""
    products += afresh.products
    if found is None or found.guards.shape != afresh.guards.shape:
        return replace(afresh, products=products)
    met = found.converged
    merged = {
        name: torch.where(met.reshape(-1, *[1] * (part.ndim - 1)), part, getattr(afresh, name))
        for name, part in vars(found).items()
        if isinstance(part, Tensor)
    }
    return Eigenpairs(**merged, products=products)


def _images(product: Callable[[Tensor], Tensor], block: Tensor) -> Tensor:
    return torch.stack([product(vectors) for vectors in block.unbind(dim=1)], dim=1)


def _orthonormal_outside(block: Tensor, basis: Tensor) -> Tensor:
    """An orthonormal basis of what `block` adds to the span of `basis`'s orthonormal rows.

    A row that adds nothing (an exact eigenvector has no residual, and twins have one direction) is drawn at random.
    """
    rows, lost = _orthonormalised(torch.nn.functional.normalize(block, dim=2, eps=1e-300), basis)
    if bool(lost.any()):
        generator = torch.Generator().manual_seed(START_SEED)
        noise = torch.randn(block.shape[1:], generator=generator, dtype=torch.float64).to(block)
        rows, _ = _orthonormalised(torch.where(lost.unsqueeze(2), noise, rows), basis)
    return _orthonormalised(rows, basis)[0]


def _orthonormalised(block: Tensor, basis: Tensor) -> tuple[Tensor, Tensor]:
    """Rows less their components along `basis`, made orthonormal, and whether nothing was left of each."""
    outside = block - (block @ basis.mT) @ basis
    factors = torch.linalg.qr(outside.mT)
    lost = factors.R.diagonal(dim1=1, dim2=2).abs() <= 1e2 * torch.finfo(block.dtype).eps
    return factors.Q.mT, lost
