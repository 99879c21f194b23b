"""Kernel alignment, ranks and changes against dense computations and known limits."""

import math

import pytest
import torch
from torch import Tensor

from checkers.instruments.alignment import (
    effective_rank,
    kernel_alignment,
    participation_ratio,
    relative_change,
)
from checkers.instruments.similarity import linear_cka


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1.0, 1e30])
@pytest.mark.parametrize("centred", [False, True])
def test_a_kernel_is_aligned_with_its_multiples_at_every_scale(scale: float, centred: bool) -> None:
    features = noise(2, 50, 5, dtype=torch.float32)
    kernel = features @ features.mT
    torch.testing.assert_close(kernel_alignment(kernel, scale * kernel, centred=centred), torch.ones(2))


def test_centred_alignment_of_linear_kernels_is_the_biased_cka() -> None:
    features, others = noise(2, 30, 5) + 1, noise(2, 30, 8, seed=1) + 2
    centred = kernel_alignment(features @ features.mT, others @ others.mT, centred=True)
    torch.testing.assert_close(centred, linear_cka(features, others, debiased=False))


def test_alignment_with_a_target_is_its_rayleigh_quotient() -> None:
    features, target = noise(1, 20, 4), noise(1, 20, 1, seed=1)
    kernel = features @ features.mT
    quotient = (target.mT @ kernel @ target).squeeze() / (target.square().sum() * kernel.norm())
    torch.testing.assert_close(kernel_alignment(kernel, target @ target.mT)[0], quotient)


def test_orthogonal_kernels_are_not_aligned() -> None:
    one, two = torch.diag(torch.tensor([1.0, 0.0]))[None], torch.diag(torch.tensor([0.0, 1.0]))[None]
    assert kernel_alignment(one, two).item() == 0


@pytest.mark.parametrize(("norm", "order"), [("frobenius", "fro"), ("operator", 2), ("trace", "nuc")])
@pytest.mark.parametrize("scale", [1.0, 1e-25])
def test_relative_change_agrees_with_dense_norms(norm: str, order: str | int, scale: float) -> None:
    start, end = noise(3, 10, 7), noise(3, 10, 7, seed=1)
    expected = torch.linalg.matrix_norm(end - start, order) / torch.linalg.matrix_norm(start, order)
    changed = relative_change((scale * end).float(), (scale * start).float(), norm=norm)
    torch.testing.assert_close(changed.double(), expected, rtol=1e-5, atol=0)


@pytest.mark.parametrize("definition", ["entropy", "participation"])
def test_equal_values_and_zeros_have_as_many_ranks_as_there_are_equal_values(definition: str) -> None:
    spectrum = torch.tensor([[2.0, 2.0, 2.0, 0.0], [1e-12, 0.0, 0.0, -1e-20]])
    torch.testing.assert_close(effective_rank(spectrum, definition=definition), torch.tensor([3.0, 1.0]))


def test_ranks_of_unequal_values_follow_their_definitions() -> None:
    spectrum = torch.tensor([[3.0, 1.0]], dtype=torch.float64)
    entropy = 0.75 * math.log(0.75) + 0.25 * math.log(0.25)
    assert effective_rank(spectrum, definition="entropy").item() == pytest.approx(math.exp(-entropy))
    assert effective_rank(spectrum, definition="participation").item() == pytest.approx(1.6)


def test_the_participation_ratio_needs_no_spectrum() -> None:
    features = noise(2, 12, 5)
    kernel = features @ features.mT
    from_spectrum = effective_rank(torch.linalg.eigvalsh(kernel), definition="participation")
    torch.testing.assert_close(participation_ratio(kernel), from_spectrum)
