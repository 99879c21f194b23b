"""Hessian products, sharpness and leading eigenpairs against the dense float64 Hessian."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from checkers.instruments.curvature import (
    dense_hessian,
    gradient,
    hessian_eigenpairs,
    hessian_product,
    preconditioned,
)
from checkers.instruments.parameters import flatten, unflatten

RUNS = 3


def _network(dtype: torch.dtype = torch.float64, runs: int = RUNS) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(7)
    shapes = {"hidden": (5, 6), "bias": (6,), "readout": (6, 2)}
    return {
        name: torch.randn(runs, *shape, generator=generator, dtype=torch.float64).to(dtype)
        for name, shape in shapes.items()
    }


def _loss(parameters: dict[str, Tensor]) -> Tensor:
    like = parameters["hidden"]
    generator = torch.Generator().manual_seed(8)
    inputs = torch.randn(11, 5, generator=generator, dtype=torch.float64).to(like)
    targets = torch.randn(11, 2, generator=generator, dtype=torch.float64).to(like)
    hidden = torch.tanh(inputs @ parameters["hidden"] + parameters["bias"][:, None])
    return (hidden @ parameters["readout"] - targets).square().mean(dim=(1, 2))


def _plain_hessian(parameters: dict[str, Tensor], run: int) -> Tensor:
    """One run's Hessian by torch's own functional tools, sharing nothing with the instrument."""
    alone = {name: tensor[run : run + 1] for name, tensor in parameters.items()}

    def flat_loss(vector: Tensor) -> Tensor:
        return _loss(unflatten(vector[None], alone))[0]

    hessian = torch.autograd.functional.hessian(flat_loss, flatten(alone)[0])
    assert isinstance(hessian, Tensor)
    return hessian


def test_the_dense_hessian_of_every_run_is_torchs_own() -> None:
    parameters = _network()
    dense = dense_hessian(_loss, parameters)
    for run in range(RUNS):
        torch.testing.assert_close(dense[run], _plain_hessian(parameters, run))


def test_a_product_multiplies_every_run_by_its_own_hessian() -> None:
    parameters = _network()
    vectors = torch.randn(RUNS, 48, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    product = hessian_product(_loss, parameters)
    expected = torch.stack([_plain_hessian(parameters, run) @ vectors[run] for run in range(RUNS)])
    torch.testing.assert_close(product(vectors), expected)
    torch.testing.assert_close(product(2 * vectors), 2 * expected)


def test_the_gradient_is_each_runs_own() -> None:
    parameters = _network()
    step = 1e-6
    slopes = gradient(_loss, parameters)
    moved = unflatten(flatten(parameters) + step * torch.eye(48, dtype=torch.float64)[5], parameters)
    rise = (_loss(moved) - _loss(parameters)) / step
    torch.testing.assert_close(slopes[:, 5], rise, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("dtype", "accuracy"), [(torch.float64, 1e-10), (torch.float32, 2e-5)], ids=["float64", "float32"]
)
def test_leading_eigenvalues_match_the_dense_oracle(dtype: torch.dtype, accuracy: float) -> None:
    oracle = torch.linalg.eigvalsh(dense_hessian(_loss, _network())).flip(-1)[:, :5]
    pairs = hessian_eigenpairs(_loss, _network(dtype), 5, tolerance=1e-6 if dtype == torch.float64 else 1e-4)
    assert bool(pairs.converged.all())
    torch.testing.assert_close(pairs.values.double(), oracle, rtol=accuracy, atol=accuracy)


def test_a_run_does_not_depend_on_its_neighbours() -> None:
    parameters = _network()
    alone = {name: tensor[1:2] for name, tensor in parameters.items()}
    together = hessian_eigenpairs(_loss, parameters, 2, tolerance=1e-8)
    apart = hessian_eigenpairs(_loss, alone, 2, tolerance=1e-8)
    torch.testing.assert_close(together.values[1:2], apart.values)


def test_permuting_hidden_units_leaves_the_spectrum_alone() -> None:
    parameters = _network()
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    permuted = {
        "hidden": parameters["hidden"][:, :, order],
        "bias": parameters["bias"][:, order],
        "readout": parameters["readout"][:, order],
    }
    first = hessian_eigenpairs(_loss, parameters, 3, tolerance=1e-8).values
    torch.testing.assert_close(hessian_eigenpairs(_loss, permuted, 3, tolerance=1e-8).values, first)


def test_preconditioned_eigenvalues_are_those_of_the_inverse_preconditioner_times_the_hessian() -> None:
    parameters = _network()
    preconditioner = 0.1 + torch.rand(RUNS, 48, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
    pairs = hessian_eigenpairs(_loss, parameters, 2, preconditioner=preconditioner, tolerance=1e-8)
    plain = dense_hessian(_loss, parameters) / preconditioner[:, :, None]
    oracle = torch.linalg.eigvals(plain).real.sort(dim=1, descending=True).values[:, :2]
    torch.testing.assert_close(pairs.values, oracle)
    vectors = preconditioner.rsqrt()[:, None] * pairs.vectors
    torch.testing.assert_close(plain @ vectors.mT, vectors.mT * pairs.values[:, None], rtol=1e-5, atol=1e-6)


def test_a_preconditioner_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        preconditioned(lambda vectors: vectors, torch.tensor([[1.0, 0.0]]))


def test_a_loss_without_curvature_has_zero_sharpness() -> None:
    pairs = hessian_eigenpairs(lambda parameters: parameters["hidden"].sum(dim=(1, 2)), _network())
    assert pairs.values.abs().max() == 0
    assert bool(pairs.converged.all())


def test_a_loss_that_sums_over_runs_is_refused() -> None:
    with pytest.raises(ValueError, match="one number a run"):
        hessian_product(lambda parameters: _loss(parameters).sum(), _network())


def test_a_run_that_blew_up_is_flagged_and_spares_the_others() -> None:
    parameters = _network()
    spoiled = {name: tensor.clone() for name, tensor in parameters.items()}
    spoiled["bias"][1] = torch.nan
    pairs = hessian_eigenpairs(_loss, spoiled, 2, tolerance=1e-8)
    healthy = hessian_eigenpairs(_loss, parameters, 2, tolerance=1e-8)
    assert pairs.converged.tolist() == [True, False, True]
    assert bool(pairs.values[1].isnan().all())
    torch.testing.assert_close(pairs.values[0], healthy.values[0])
