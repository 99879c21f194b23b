"""Batch sharpness on quadratics, where the quotient is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from checkers.instruments.batch_sharpness import batch_sharpness


def _quadratic(curvatures: list[float]):  # type: ignore[no-untyped-def]
    entries = torch.tensor(curvatures, dtype=torch.float64)
    return lambda parameters: 0.5 * (entries * parameters["point"].square()).sum(dim=1)


def test_each_batch_is_weighed_by_its_own_gradient_and_hessian() -> None:
    point: dict[str, Tensor] = {"point": torch.tensor([[1.0, 0.0], [1.0, 2.0]], dtype=torch.float64)}
    measured = batch_sharpness([_quadratic([4.0, 1.0]), _quadratic([2.0, 3.0])], point)
    second = ((4**3 + 1 * 4) / (16 + 4) + (2**3 + 3**3 * 4) / (4 + 36)) / 2
    torch.testing.assert_close(measured.mean, torch.tensor([3.0, second], dtype=torch.float64))


def test_one_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        batch_sharpness([_quadratic([1.0])], {"point": torch.ones(1, 1, dtype=torch.float64)})
