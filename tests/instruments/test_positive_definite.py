"""Batched positive definite systems against NumPy, on as many threads as there are."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from checkers.instruments.positive_definite import solve_positive_definite


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("size", [1, 7, 200])
def test_it_is_the_inverse_applied_on_several_threads_too(size: int) -> None:
    generator = torch.Generator().manual_seed(0)
    factors = torch.randn(3, 2, size, size + 5, generator=generator, dtype=torch.float64)
    matrices, targets = factors @ factors.mT, torch.randn(3, 2, size, 4, generator=generator).double()
    expected = np.linalg.solve(matrices.numpy(), targets.numpy())
    np.testing.assert_allclose(solve_positive_definite(matrices, targets), expected, rtol=1e-6, atol=1e-8)


def test_a_matrix_that_is_not_positive_definite_is_refused() -> None:
    with pytest.raises(torch.linalg.LinAlgError):
        solve_positive_definite(torch.diag(torch.tensor([1.0, -1.0]))[None], torch.ones(1, 2, 1))
