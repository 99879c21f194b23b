"""Mode strengths of products of weights."""

import torch
from torch import Tensor

from checkers.instruments.mode_strengths import end_to_end, mode_leakage, mode_strengths


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_the_product_is_taken_from_the_first_layer_to_the_last() -> None:
    first, second, third = noise(2, 4, 3), noise(2, 5, 4, seed=1), noise(2, 6, 5, seed=2)
    inputs = noise(2, 3, 1, seed=3)
    expected = third @ (second @ (first @ inputs))
    torch.testing.assert_close(end_to_end([first, second, third]) @ inputs, expected)


def test_planted_strengths_are_read_off_and_leak_nothing() -> None:
    left, right = torch.linalg.qr(noise(6, 3)).Q, torch.linalg.qr(noise(5, 3, seed=1)).Q
    planted = torch.tensor([[3.0, 2.0, 0.0], [1.0, 0.5, -1.0]], dtype=torch.float64)
    product = torch.einsum("ok,rk,ik->roi", left, planted, right)
    torch.testing.assert_close(mode_strengths(product, left, right), planted)
    assert mode_leakage(product, left, right).max() < 1e-12


def test_what_lies_across_modes_is_leakage() -> None:
    left, right = torch.linalg.qr(noise(6, 3)).Q, torch.linalg.qr(noise(5, 3, seed=1)).Q
    across = torch.outer(left[:, 0], right[:, 1]).unsqueeze(0)
    assert mode_strengths(across, left, right).abs().max() < 1e-12
    torch.testing.assert_close(mode_leakage(across, left, right), torch.ones(1, dtype=torch.float64))
