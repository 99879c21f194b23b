"""Debiased CKA against the Gram-matrix form of the textbooks, one thread each, in one run.

OMP_NUM_THREADS=1 python -m pytest tests/benchmarks/test_similarity.py -q -s
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from checkers.instruments.similarity import linear_cka

Compare = Callable[[str, Callable[[], object], Callable[[], object], float], float]
SHAPES = [
    (8, 8, 8, 1.0),
    (32, 512, 512, 1.0),
    (64, 4096, 4096, 1.0),
    (128, 2048, 2048, 1.0),
    (256, 64, 64, 1.0),
    (512, 512, 512, 1.0),
    (1024, 4096, 16, 1.0),
    (1024, 4096, 4096, 1.0),
    (2048, 2048, 2048, 1.0),
    (4096, 64, 1024, 1.0),
    (4096, 256, 256, 100.0),
]


def textbook(features: Tensor, others: Tensor) -> Tensor:
    """Song et al. 2012, eq. 5, on Gram matrices, as it is written."""

    def independence(gram: Tensor, other: Tensor) -> Tensor:
        n = len(gram)
        ones = torch.ones(n, 1)
        k, m = gram - gram.diag().diag(), other - other.diag().diag()
        product = k @ m
        means = (ones.T @ k @ ones) * (ones.T @ m @ ones) / ((n - 1) * (n - 2))
        return (product.trace() + means - 2 / (n - 2) * ones.T @ product @ ones) / (n * (n - 3))

    gram, other = features @ features.T, others @ others.T
    return (independence(gram, other) / (independence(gram, gram) * independence(other, other)).sqrt()).squeeze()


@pytest.mark.parametrize(("inputs", "width", "other_width", "at_least"), SHAPES)
def test_debiased_cka(inputs: int, width: int, other_width: int, at_least: float, compare: Compare) -> None:
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(inputs, width, generator=generator)
    others = torch.randn(inputs, other_width, generator=generator) + features[:, :1]

    def ours() -> Tensor:
        return linear_cka(features[None], others[None], debiased=True)[0]

    assert abs(ours() - textbook(features, others)) < 1e-5
    title = f"debiased CKA, {inputs} inputs, widths {width} and {other_width}"
    compare(title, ours, lambda: textbook(features, others), at_least)
