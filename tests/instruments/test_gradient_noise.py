"""Gradient noise scales on a linear model, where everything is known."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from checkers.instruments.curvature import gradient, hessian_product
from checkers.instruments.gradient_noise import (
    curvature_noise_scale,
    per_example_gradients,
    simple_noise_scale,
    two_batch_estimate,
)


def _loss(parameters: dict[str, Tensor], batch: tuple[Tensor, Tensor]) -> Tensor:
    inputs, targets = batch
    outputs = (inputs @ parameters["weight"][:, :, None])[..., 0]
    return 0.5 * (outputs - targets).square().mean(dim=1)


def _problem() -> tuple[dict[str, Tensor], Tensor, Tensor]:
    generator = torch.Generator().manual_seed(2)
    weight = torch.randn(2, 4, generator=generator, dtype=torch.float64)
    inputs = torch.randn(50, 4, generator=generator, dtype=torch.float64)
    targets = torch.randn(50, generator=generator, dtype=torch.float64)
    return {"weight": weight}, inputs, targets


def test_per_example_gradients_are_residual_times_input() -> None:
    parameters, inputs, targets = _problem()
    residuals = parameters["weight"] @ inputs.T - targets
    expected = residuals[:, :, None] * inputs
    torch.testing.assert_close(per_example_gradients(_loss, parameters, inputs, targets), expected)


def test_the_curvature_noise_scale_is_the_formula_in_matrices() -> None:
    parameters, inputs, targets = _problem()
    gradients = per_example_gradients(_loss, parameters, inputs, targets)
    product = hessian_product(lambda at: _loss(at, (inputs, targets)), parameters)
    hessian = inputs.T @ inputs / 50
    mean = gradients.mean(dim=1)
    covariance = torch.stack([torch.cov(gradients[run].T, correction=0) for run in range(2)])
    trace = (hessian @ covariance).diagonal(dim1=1, dim2=2).sum(dim=1)
    expected = trace / torch.einsum("ri,ij,rj->r", mean, hessian, mean)
    torch.testing.assert_close(curvature_noise_scale(product, gradients), expected)


def test_two_batch_sizes_recover_the_simple_noise_scale() -> None:
    parameters, inputs, targets = _problem()
    gradients = per_example_gradients(_loss, parameters, inputs, targets)
    generator = torch.Generator().manual_seed(4)

    def squared_norms(size: int) -> Tensor:
        chosen = torch.randint(50, (20000, size), generator=generator)
        return torch.stack([gradients[run][chosen].mean(dim=1).square().sum(dim=1) for run in range(2)])

    estimate = two_batch_estimate(squared_norms(2), squared_norms(20), 2, 20)
    torch.testing.assert_close(estimate.noise_scale, simple_noise_scale(gradients), rtol=0.05, atol=0)
    whole = gradient(lambda at: _loss(at, (inputs, targets)), parameters).square().sum(dim=1)
    torch.testing.assert_close(estimate.squared_gradient, whole, rtol=0.05, atol=0)


def test_batch_sizes_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="must be smaller"):
        two_batch_estimate(torch.ones(1, 2), torch.ones(1, 2), 20, 2)
