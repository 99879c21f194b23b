"""Orthogonal Procrustes against SciPy and its invariances."""

import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes
from torch import Tensor

from checkers.instruments.procrustes import procrustes_rotation, procrustes_similarity


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def rotation(width: int, seed: int) -> Tensor:
    return torch.linalg.qr(noise(width, width, seed=seed)).Q


@pytest.mark.parametrize(("inputs", "width"), [(40, 5), (40, 40)])
def test_the_similarity_agrees_with_scipy(inputs: int, width: int) -> None:
    features, others = noise(2, inputs, width) + 1, noise(2, inputs, width, seed=1)
    for run, similarity in enumerate(procrustes_similarity(features, others)):
        disparity = procrustes(features[run].numpy(), others[run].numpy())[2]
        assert disparity == pytest.approx(1 - similarity.item() ** 2, abs=1e-10)


@pytest.mark.parametrize(("width", "other_width"), [(30, 70), (70, 30), (5, 70), (70, 90)])
def test_more_units_than_inputs_or_unequal_numbers_of_them_agree_with_a_padded_dense_computation(
    width: int, other_width: int
) -> None:
    features, others = noise(1, 12, width), noise(1, 12, other_width, seed=1)
    left, right = features[0] - features[0].mean(0), others[0] - others[0].mean(0)
    dense = torch.linalg.svdvals(left.T @ right).sum() / (left.norm() * right.norm())
    torch.testing.assert_close(procrustes_similarity(features, others)[0], dense)


@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1.0, 1e30])
@pytest.mark.parametrize(("inputs", "width"), [(400, 20), (20, 400)])
def test_is_one_for_a_rotated_shifted_scaled_copy(scale: float, inputs: int, width: int) -> None:
    features = noise(1, inputs, width)
    moved = (scale * (features @ rotation(width, 3) + 0.5)).float()
    torch.testing.assert_close(procrustes_similarity(features.float(), moved), torch.ones(1), rtol=0, atol=1e-5)


def test_constant_features_have_no_similarity() -> None:
    assert procrustes_similarity(torch.full((1, 9, 2), 0.3), noise(1, 9, 2).float()).isnan().all()


def test_the_rotation_is_the_one_that_made_the_copy() -> None:
    features = noise(2, 50, 6)
    turn = torch.stack([rotation(6, 1), rotation(6, 2)])
    torch.testing.assert_close(procrustes_rotation(features, 3 * features @ turn + 1), turn)


def test_the_rotation_agrees_with_scipy() -> None:
    features, others = noise(1, 50, 6), noise(1, 50, 6, seed=1)
    left, right = (x[0].numpy() - x[0].numpy().mean(0) for x in (features, others))
    np.testing.assert_allclose(
        procrustes_rotation(features, others)[0].numpy(), orthogonal_procrustes(left, right)[0], atol=1e-10
    )
