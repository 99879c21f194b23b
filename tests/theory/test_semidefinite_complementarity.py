"""The smallest move that restores the constraint, against its optimality conditions and SciPy's minimiser."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import Tensor

from checkers.theory.semidefinite_complementarity import complementary_multiplier


def _draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _slopes(seed: int, runs: int, count: int, size: int) -> Tensor:
    slopes = _draw(seed, runs, count, count, size)
    return slopes + slopes.transpose(1, 2)


def _alike(seed: int, runs: int, count: int, size: int) -> Tensor:
    """Slopes that are nearly one direction, as where every curvature rises along the same path."""
    shared = (torch.eye(count) + 0.5)[None, :, :, None] * _draw(seed, runs, 1, 1, size)
    return shared + 0.05 * _slopes(seed + 1, runs, count, size)


@pytest.mark.parametrize("slopes", [_slopes(6, 16, 3, 40), _slopes(8, 16, 6, 60), _alike(9, 16, 4, 400)])
def test_the_multiplier_is_complementary_to_the_constraint(slopes: Tensor) -> None:
    runs, count = slopes.shape[:2]
    excess = torch.diag_embed(0.3 * _draw(7, runs, count))
    multiplier = complementary_multiplier(excess, slopes)
    moved = torch.einsum("rij,rijp->rp", multiplier, slopes)
    left = excess - torch.einsum("rijp,rp->rij", slopes, moved)
    largest = multiplier.abs().amax()
    assert bool((torch.linalg.eigvalsh(multiplier) >= -1e-12 * largest).all())
    assert bool((torch.linalg.eigvalsh(left) <= 1e-9).all())
    assert float((multiplier * left).sum(dim=(1, 2)).abs().max()) < 1e-9 * largest


def test_it_is_what_a_general_minimiser_finds() -> None:
    """Over Y = F Fᵀ the problem has no constraint: minimise ½‖Σ Y G‖² − ⟨A(0), Y⟩."""
    slopes, excess = _slopes(10, 1, 3, 20), torch.diag_embed(torch.tensor([[0.5, 0.4, -0.3]])).double()
    tangent, drive = slopes[0].numpy(), excess[0].numpy()

    def objective(entries: np.ndarray) -> float:
        factor = 0.01 * entries.reshape(3, 3)
        square = factor @ factor.T
        moved = np.einsum("ij,ijp->p", square, tangent)
        return 1e4 * float(0.5 * moved @ moved - np.sum(drive * square))

    found = minimize(objective, np.eye(3).ravel(), method="BFGS", options={"gtol": 1e-9}).x.reshape(3, 3)
    oracle = torch.from_numpy(1e-4 * found @ found.T)
    multiplier = complementary_multiplier(excess, slopes)[0]
    torch.testing.assert_close(multiplier, oracle, rtol=1e-4, atol=1e-5 * float(oracle.abs().max()))


def test_nothing_is_moved_where_the_constraint_holds() -> None:
    excess = torch.diag_embed(torch.tensor([[-0.1, -0.2], [0.3, -0.2]], dtype=torch.float64))
    multiplier = complementary_multiplier(excess, _slopes(11, 2, 2, 20))
    assert float(multiplier[0].abs().max()) == 0
    assert float(multiplier[1, 0, 0]) > 0


def test_one_direction_has_the_closed_form_however_little_it_exceeds_its_edge() -> None:
    slopes = _draw(7, 2, 1, 1, 10)
    excess = torch.tensor([0.3, 1e-9], dtype=torch.float64)
    multiplier = complementary_multiplier(excess[:, None, None], slopes)
    torch.testing.assert_close(multiplier.flatten(), excess / slopes.flatten(1).square().sum(dim=1))


def test_float32_is_given_back_as_float32() -> None:
    multiplier = complementary_multiplier(torch.full((1, 1, 1), 0.3), _draw(7, 1, 1, 1, 10).float())
    assert multiplier.dtype == torch.float32
