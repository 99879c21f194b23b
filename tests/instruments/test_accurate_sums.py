"""Sums over large float32 matrices keep their digits."""

import pytest
import torch

from checkers.instruments.accurate_sums import inner_product, squared_norm, unit_scale


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_the_squared_norm_is_right_where_a_single_float32_accumulator_loses_three_digits() -> None:
    matrix = noise(1, 2048, 2048)
    exact = matrix.double().square().sum()
    assert abs(squared_norm(matrix)[0] / exact - 1) < 1e-7
    assert abs(torch.linalg.vector_norm(matrix).double() ** 2 / exact - 1) > 1e-5


def test_the_inner_product_of_large_float32_matrices_agrees_with_float64() -> None:
    left, right = noise(2, 1000, 777), noise(2, 1000, 777, seed=1)
    exact = (left.double() * right.double()).sum((1, 2))
    scale = (squared_norm(left) * squared_norm(right)).sqrt()
    assert torch.all((inner_product(left, right) - exact).abs() < 1e-8 * scale)


@pytest.mark.parametrize("entries", [1, 1023, 2**20 - 1, 2**20, 2**20 + 1, 3 * 2**20])
def test_every_entry_is_counted_once_whatever_the_length(entries: int) -> None:
    ones = torch.ones(3, entries)
    assert squared_norm(ones).tolist() == pytest.approx([entries] * 3, rel=1e-6)
    assert inner_product(ones, 2 * ones).tolist() == [2 * entries] * 3


def test_strided_views_are_summed_as_they_read() -> None:
    matrix = noise(2, 40, 60)
    torch.testing.assert_close(squared_norm(matrix.mT), squared_norm(matrix), rtol=1e-6, atol=0)
    torch.testing.assert_close(inner_product(matrix.mT, matrix.mT), squared_norm(matrix), rtol=1e-6, atol=0)


def test_unit_scale_makes_the_largest_entry_one_and_leaves_zeros() -> None:
    values = torch.tensor([[[3.0, -4.0]], [[0.0, 0.0]], [[1e-30, 0.0]]])
    assert unit_scale(values).tolist() == [[[0.75, -1.0]], [[0.0, 0.0]], [[1.0, 0.0]]]
