"""Feature matrices and gradient outer products against autodiff and constructed cases."""

import pytest
import torch
from torch import Tensor

from checkers.instruments.neural_features import (
    average_gradient_outer_product,
    best_exponent,
    feature_correlation,
    matrix_power,
    neural_feature_matrix,
    off_diagonal_correlation,
)

RUNS, INPUTS = 2, 5


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def network(parameters: dict[str, Tensor], inputs: Tensor) -> Tensor:
    return torch.tanh(inputs @ parameters["in"].mT) @ parameters["out"].mT


def test_the_gradient_outer_product_agrees_with_autodiff() -> None:
    parameters, inputs = (
        {"in": noise(RUNS, 6, INPUTS), "out": noise(RUNS, 3, 6, seed=1)},
        noise(7, INPUTS, seed=2),
    )
    measured = average_gradient_outer_product(network, parameters, inputs)
    for run in range(RUNS):
        mine = {name: tensor[run] for name, tensor in parameters.items()}
        jacobians = [torch.autograd.functional.jacobian(lambda x, m=mine: network(m, x), x) for x in inputs]
        expected = sum(j.T @ j for j in jacobians) / len(inputs)
        torch.testing.assert_close(measured[run], expected)
    own = average_gradient_outer_product(network, parameters, inputs.expand(RUNS, -1, -1))
    torch.testing.assert_close(own, measured)


def test_a_linear_models_feature_matrix_is_its_gradient_product() -> None:
    weight = noise(RUNS, 3, INPUTS)
    product = average_gradient_outer_product(lambda p, x: x @ p["w"].mT, {"w": weight}, noise(9, INPUTS, seed=1))
    torch.testing.assert_close(product, neural_feature_matrix(weight))


def test_powers_agree_with_repeated_products_and_undo_each_other() -> None:
    matrix = neural_feature_matrix(noise(RUNS, 8, INPUTS))
    half = matrix_power(matrix, 0.5)
    largest = torch.linalg.eigvalsh(matrix)[:, -1].reshape(-1, 1, 1)
    torch.testing.assert_close(half @ half, matrix / largest)
    torch.testing.assert_close(matrix_power(matrix, 2.0), matrix @ matrix / largest**2)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_exponent_that_was_planted_is_found(scale: float) -> None:
    gradient_product = neural_feature_matrix(noise(RUNS, 8, INPUTS))
    feature_matrix = scale * matrix_power(gradient_product, 0.5)
    exponent, correlation = best_exponent(feature_matrix, gradient_product, (0.25, 0.5, 1.0))
    torch.testing.assert_close(exponent, torch.full((RUNS,), 0.5, dtype=torch.float64))
    torch.testing.assert_close(correlation, torch.ones(RUNS, dtype=torch.float64))
    assert off_diagonal_correlation(feature_matrix, gradient_product).min().item() == pytest.approx(1)


def test_unrelated_matrices_have_a_large_plain_cosine_but_no_off_diagonal_one() -> None:
    left, right = (neural_feature_matrix(noise(50, 200, 40, seed=seed)) for seed in (1, 2))
    assert feature_correlation(left, right, centred=False).mean() > 0.8
    assert off_diagonal_correlation(left, right).mean().abs() < 0.05
