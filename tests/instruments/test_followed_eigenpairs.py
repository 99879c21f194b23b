"""Eigenpairs followed along a path of operators, against each operator's whole spectrum."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from checkers.instruments.followed_eigenpairs import followed_eigenpairs
from checkers.instruments.lanczos import Eigenpairs, top_eigenpairs

RUNS, SIZE = 2, 60


def _uniform(seed: int, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _applied(matrices: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda vectors: (matrices @ vectors[:, :, None])[:, :, 0]


def _rotated(spectra: Tensor, angle: float) -> Tensor:
    """Symmetric matrices with these spectra, turned by an angle along a fixed path of rotations."""
    skew = _uniform(1, RUNS, SIZE, SIZE) - 0.5
    turn = torch.linalg.matrix_exp(angle * (skew - skew.mT))
    return turn @ torch.diag_embed(spectra) @ turn.mT


def _first(matrices: Tensor, count: int) -> Eigenpairs:
    return top_eigenpairs(_applied(matrices), runs=RUNS, size=matrices.shape[1], count=count, tolerance=1e-8)


def _leading(matrices: Tensor, count: int) -> Tensor:
    return torch.linalg.eigvalsh(matrices).flip(1)[:, :count]


def test_eigenvalues_that_cross_are_followed_at_two_blocks_a_point() -> None:
    """Ten eigenvalues at rest below, and one that rises from the bottom of the spectrum to its top."""
    spectra = 0.5 * _uniform(2, RUNS, SIZE)
    spectra[:, :8] = torch.linspace(3, 1, 8, dtype=torch.float64)
    spectra[:, 20] = 0.0
    pairs = _first(_rotated(spectra, 0.0), 3)
    for step in range(1, 101):
        spectra[:, 20] = 0.04 * step
        matrices = _rotated(spectra, 2e-4 * step)
        pairs = followed_eigenpairs(_applied(matrices), pairs, tolerance=2e-2)
        assert bool(pairs.converged.all())
        assert pairs.products == 12
        torch.testing.assert_close(pairs.values, _leading(matrices, 3), rtol=2e-3, atol=0)


def test_residuals_are_the_true_ones_and_vectors_are_orthonormal() -> None:
    spectra = _uniform(3, RUNS, SIZE).sort(dim=1, descending=True).values
    pairs = _first(_rotated(spectra, 0.0), 4)
    matrices = _rotated(spectra, 1e-3)
    pairs = followed_eigenpairs(_applied(matrices), pairs, tolerance=1e-2)
    shortfall = pairs.vectors @ matrices - pairs.values[:, :, None] * pairs.vectors
    torch.testing.assert_close(pairs.residuals, shortfall.norm(dim=2), rtol=1e-6, atol=1e-12)
    together = torch.cat([pairs.vectors, pairs.guards], dim=1)
    identity = torch.eye(together.shape[1], dtype=torch.float64).expand(RUNS, -1, -1)
    torch.testing.assert_close(together @ together.mT, identity, rtol=0, atol=1e-12)


def test_a_strange_start_or_a_tight_tolerance_still_gives_the_leading_pairs() -> None:
    spectra = _uniform(4, RUNS, SIZE)
    elsewhere = _first(_rotated(_uniform(5, RUNS, SIZE), 1.0), 2)
    matrices = _rotated(spectra, 0.0)
    pairs = followed_eigenpairs(_applied(matrices), elsewhere, tolerance=1e-9)
    assert bool(pairs.converged.all())
    torch.testing.assert_close(pairs.values, _leading(matrices, 2), rtol=1e-9, atol=0)


def test_operators_smaller_than_two_blocks_are_solved() -> None:
    matrices = torch.diag_embed(torch.tensor([[1.0, 3.0], [2.0, -1.0]], dtype=torch.float64))
    pairs = followed_eigenpairs(_applied(matrices), _first(matrices, 1))
    torch.testing.assert_close(pairs.values[:, 0], torch.tensor([3.0, 2.0], dtype=torch.float64))


def test_a_run_that_is_not_finite_is_marked_and_spares_its_neighbour() -> None:
    matrices = _rotated(_uniform(6, RUNS, SIZE), 0.0)
    last = _first(matrices, 2)
    matrices[0] = torch.nan
    pairs = followed_eigenpairs(_applied(matrices), last, tolerance=1e-6)
    assert pairs.converged.tolist() == [False, True]
    torch.testing.assert_close(pairs.values[1], _leading(matrices[1:], 2)[0], rtol=1e-6, atol=0)
