"""Thick-restart Lanczos on operators whose spectra are known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from checkers.instruments.lanczos import top_eigenpairs


def _uniform(seed: int, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _diagonal(entries: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda vectors: entries * vectors


def _dense(matrices: Tensor) -> Callable[[Tensor], Tensor]:
    return lambda vectors: (matrices @ vectors[:, :, None])[:, :, 0]


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(1, 30),
    scale=st.sampled_from([1e-8, 1.0, 1e6]),
    shift=st.floats(-2, 2),
    count=st.integers(1, 5),
)
def test_rotated_quadratics_give_back_their_spectrum(
    seed: int, size: int, scale: float, shift: float, count: int
) -> None:
    count = min(count, size)
    spectrum = scale * (_uniform(seed, 2, size) + shift)
    rotation = torch.linalg.qr(_uniform(seed + 1, 2, size, size) - 0.5).Q
    matrices = rotation @ torch.diag_embed(spectrum) @ rotation.mT
    pairs = top_eigenpairs(_dense(matrices), runs=2, size=size, count=count, tolerance=1e-9)
    oracle = spectrum.sort(dim=1, descending=True).values[:, :count]
    assert bool(pairs.converged.all())
    torch.testing.assert_close(pairs.values, oracle, rtol=1e-7, atol=1e-9 * scale)


def test_residuals_are_the_true_ones_and_bound_the_error() -> None:
    spectrum = _uniform(1, 2, 400)
    pairs = top_eigenpairs(_diagonal(spectrum), runs=2, size=400, count=3, max_products=12)
    shortfall = spectrum[:, None] * pairs.vectors - pairs.values[:, :, None] * pairs.vectors
    torch.testing.assert_close(pairs.residuals, shortfall.norm(dim=2), rtol=1e-6, atol=1e-12)
    nearest = (spectrum[:, None] - pairs.values[:, :, None]).abs().amin(dim=2)
    assert bool((nearest <= pairs.residuals).all())


def test_vectors_are_orthonormal() -> None:
    pairs = top_eigenpairs(_diagonal(_uniform(2, 2, 300)), runs=2, size=300, count=4, tolerance=1e-6)
    identity = torch.eye(4, dtype=torch.float64).expand(2, 4, 4)
    torch.testing.assert_close(pairs.vectors @ pairs.vectors.mT, identity, rtol=0, atol=1e-12)


def test_restarts_reach_the_same_eigenvalues_in_little_memory() -> None:
    spectrum = _uniform(3, 2, 500)
    pairs = top_eigenpairs(
        _diagonal(spectrum), runs=2, size=500, count=3, basis_rows=14, tolerance=1e-6, max_products=2000
    )
    assert bool(pairs.converged.all())
    assert pairs.products > 14
    torch.testing.assert_close(pairs.values, spectrum.sort(dim=1, descending=True).values[:, :3])


def test_a_run_out_of_products_is_not_called_converged() -> None:
    crowded = torch.stack([torch.linspace(0, 1, 3000), torch.zeros(3000)]).double()
    crowded[1, 0] = 1
    pairs = top_eigenpairs(_diagonal(crowded), runs=2, size=3000, tolerance=1e-8, max_products=10)
    assert pairs.converged.tolist() == [False, True]


def test_repeated_eigenvalues_of_a_small_operator_are_all_found() -> None:
    spectrum = torch.tensor([[3.0, 3.0, 3.0, 1.0, 1.0, 0.0, 0.0, -1.0]], dtype=torch.float64)
    pairs = top_eigenpairs(_diagonal(spectrum), runs=1, size=8, count=3)
    torch.testing.assert_close(pairs.values, torch.full((1, 3), 3.0, dtype=torch.float64))


def test_the_algebraically_largest_are_found_where_the_largest_in_size_is_negative() -> None:
    spectrum = torch.cat([torch.tensor([[-50.0, 2.0]]), torch.rand(1, 50) * 0.1], dim=1).double()
    pairs = top_eigenpairs(_diagonal(spectrum), runs=1, size=52, tolerance=1e-8)
    torch.testing.assert_close(pairs.values[0, 0], torch.tensor(2.0, dtype=torch.float64))


def test_a_warm_start_saves_products() -> None:
    spectrum = _uniform(4, 2, 800)
    spectrum[:, 0] = 1.2
    cold = top_eigenpairs(_diagonal(spectrum), runs=2, size=800, tolerance=1e-4)
    warm = top_eigenpairs(_diagonal(1.01 * spectrum), runs=2, size=800, tolerance=1e-4, warm_start=cold)
    torch.testing.assert_close(warm.values, 1.01 * cold.values)
    assert warm.products <= cold.products / 2


def test_a_warm_start_notices_that_eigenvalues_have_crossed() -> None:
    spectrum = _uniform(5, 1, 1000)
    spectrum[:, 3], spectrum[:, 4] = 9.0, 9.5
    pairs = top_eigenpairs(_diagonal(spectrum), runs=1, size=1000)
    for height in (9.4, 9.6, 10.0, 10.0, 10.0, 9.0):
        spectrum[:, 3] = height
        pairs = top_eigenpairs(_diagonal(spectrum), runs=1, size=1000, warm_start=pairs)
        assert float(pairs.values[0, 0]) == pytest.approx(max(height, 9.5), rel=1e-4)


def test_asking_for_more_eigenvalues_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="between 1 and the operator's size 3"):
        top_eigenpairs(lambda vectors: vectors, runs=1, size=3, count=4)
