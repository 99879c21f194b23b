"""Overlaps of subspaces at known angles."""

from __future__ import annotations

import math

import torch

from checkers.instruments.subspaces import captured_fraction, subspace_overlap

BASIS = torch.eye(4, dtype=torch.float64)[None, :2]


def test_a_vector_is_captured_by_its_components() -> None:
    vectors = torch.tensor([[3.0, 0.0, 4.0, 0.0]], dtype=torch.float64)
    assert float(captured_fraction(vectors, BASIS)) == 9 / 25


def test_overlap_is_the_mean_squared_cosine_whatever_basis_spans_them() -> None:
    angle = 0.3
    turned = torch.zeros(1, 2, 4, dtype=torch.float64)
    turned[0, 0, 0], turned[0, 0, 2] = math.cos(angle), math.sin(angle)
    turned[0, 1, 1] = 1
    mixed = torch.tensor([[0.6, 0.8], [-0.8, 0.6]], dtype=torch.float64) @ turned
    expected = torch.tensor([(1 + math.cos(angle) ** 2) / 2], dtype=torch.float64)
    torch.testing.assert_close(subspace_overlap(BASIS, turned), expected)
    torch.testing.assert_close(subspace_overlap(BASIS, mixed), expected)
