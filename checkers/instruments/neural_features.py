r"""Neural feature matrices and average gradient outer products (Radhakrishnan et al. 2022).

A layer with weights $W$ acting on inputs $h \in \mathbb R^d$ has the feature matrix $W^\top W$; the function of those
inputs has the average gradient outer product (AGOP) $G = \frac1n\sum_{i,k} \nabla_h f_k(h_i)\nabla_h f_k(h_i)^\top$.
The ansatz is $W^\top W \propto G^s$. An untrained network already has a cosine of 0.7–0.9 between them, so look at the
centred cosine and at its change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import finite_runs, largest_entry
from checkers.instruments.alignment import kernel_alignment
from checkers.instruments.arguments import check_float, check_parameters, check_tensors
from checkers.instruments.centring import centred as less_mean
from checkers.instruments.dense_layers import Forward
from checkers.instruments.parameters import finite, run_count


def neural_feature_matrix(weight: Float[Tensor, "runs width inputs"]) -> Float[Tensor, "runs inputs inputs"]:
    """WᵀW of every run; NaN where it leaves its dtype's range."""
    check_tensors(weight=(weight, "runs width inputs"))
    return _in_range(weight.mT @ weight)


def average_gradient_outer_product(
    forward: Forward, parameters: Mapping[str, Tensor], inputs: Tensor
) -> Float[Tensor, "runs inputs inputs"]:
    """The AGOP of every run's function of `inputs`, summed over outputs.

    forward: parameters, inputs [runs, batch, d] -> [runs, batch, outputs]; an example's outputs depend on it alone.
    inputs: [batch, d], shared by all runs, or [runs, batch, d] (a hidden layer's, with the rest of the network as
    forward map). One backward pass an output. NaN for a run that is not finite, or where it leaves its dtype's range.
    """
    check_parameters(parameters)
    check_float("inputs", inputs.dtype)
    runs = run_count(parameters)
    if inputs.ndim not in (2, 3) or (inputs.ndim == 3 and inputs.shape[0] != runs):
        raise ValueError(f"inputs must be [batch, d] or [{runs} runs, batch, d], not {tuple(inputs.shape)}")
    own = inputs if inputs.ndim == 3 else inputs.expand(runs, *inputs.shape)
    leaf = own.detach().clone().requires_grad_()
    with torch.enable_grad():
        outputs = forward({name: tensor.detach() for name, tensor in parameters.items()}, leaf)
    total = leaf.new_zeros(runs, leaf.shape[2], leaf.shape[2])
    count = outputs.shape[2]
    for output in range(count):
        if not outputs.requires_grad:  # a function of the parameters alone
            break
        (gradient,) = torch.autograd.grad(
            outputs[..., output].sum(), leaf, retain_graph=output < count - 1, materialize_grads=True
        )
        total += gradient.mT @ gradient
    healthy = finite(parameters) & finite_runs(outputs.detach())
    return torch.where(healthy.reshape(-1, 1, 1), _in_range(total / leaf.shape[1]), torch.nan)


def matrix_power(matrix: Float[Tensor, "runs size size"], exponent: float) -> Float[Tensor, "runs size size"]:
    """A power of each positive semidefinite matrix at unit largest eigenvalue; eigenvalues below rounding become 0.

    NaN for a matrix without a positive eigenvalue, or that is not finite.
    """
    check_tensors(matrix=(matrix, "runs size size"))
    size = largest_entry(matrix).reshape(-1, 1, 1)
    values, vectors = torch.linalg.eigh(torch.where(size > 0, matrix / size, 0.0))  # one NaN would stop all runs
    largest = values[:, -1:]
    shares = (values / torch.where(largest > 0, largest, torch.nan)).clamp(min=0)
    floor = matrix.shape[1] * torch.finfo(matrix.dtype).eps
    powered = torch.where(shares > floor, shares**exponent, 0 * shares)
    result: Tensor = (vectors * powered.unsqueeze(1)) @ vectors.mT
    return result


def feature_correlation(
    feature_matrix: Float[Tensor, "runs size size"],
    gradient_product: Float[Tensor, "runs size size"],
    *,
    exponent: float = 0.5,
    centred: bool = True,
) -> Float[Tensor, " runs"]:
    r"""Cosine between $W^\top W$ and $G^s$, in [-1, 1]; 1 where the ansatz holds with that exponent.

    centred: with the mean of the entries taken off both (a correlation of entries), which takes off most of what two
    unrelated positive matrices share. NaN where a matrix is 0 (centred: or of equal entries) or not finite.
    """
    check_tensors(
        feature_matrix=(feature_matrix, "runs size size"),
        gradient_product=(gradient_product, "runs size size"),
    )
    left, right = feature_matrix, matrix_power(gradient_product, exponent)
    if centred:
        left, right = (less_mean(table.flatten(1).unsqueeze(2)).reshape_as(table) for table in (left, right))
    return kernel_alignment(left, right)


def off_diagonal_correlation(
    feature_matrix: Float[Tensor, "runs size size"],
    gradient_product: Float[Tensor, "runs size size"],
    *,
    exponent: float = 0.5,
) -> Float[Tensor, " runs"]:
    """The cosine of the off-diagonal entries alone, near 0 for a network that learned no feature.

    NaN where a matrix is diagonal up to rounding, or not finite.
    """
    check_tensors(
        feature_matrix=(feature_matrix, "runs size size"),
        gradient_product=(gradient_product, "runs size size"),
    )
    return kernel_alignment(_hollow(feature_matrix), _hollow(matrix_power(gradient_product, exponent)))


def best_exponent(
    feature_matrix: Float[Tensor, "runs size size"],
    gradient_product: Float[Tensor, "runs size size"],
    exponents: Sequence[float],
    *,
    centred: bool = True,
) -> tuple[Float[Tensor, " runs"], Float[Tensor, " runs"]]:
    """The exponent among those given whose correlation is largest, and that correlation, run by run.

    NaN both where a correlation is undefined. Raises ValueError for no exponents.
    """
    if not exponents:
        raise ValueError("give at least one exponent to choose from")
    correlations = torch.stack(
        [
            feature_correlation(feature_matrix, gradient_product, exponent=exponent, centred=centred)
            for exponent in exponents
        ]
    )
    largest, where = correlations.max(0)
    chosen = torch.tensor(exponents, dtype=largest.dtype, device=largest.device)[where]
    return torch.where(largest.isnan(), torch.nan, chosen), largest


def _hollow(matrix: Tensor) -> Tensor:
    """The matrix without its diagonal; exactly 0 where what is left is rounding of it."""
    left = matrix * (1 - torch.eye(matrix.shape[1], dtype=matrix.dtype, device=matrix.device))
    rounding = 4 * matrix.shape[1] * torch.finfo(matrix.dtype).eps * largest_entry(matrix)
    return torch.where((largest_entry(left) <= rounding).reshape(-1, 1, 1), 0.0, left)


def _in_range(matrix: Tensor) -> Tensor:
    """The matrix, and NaN in runs whose squares are not finite or vanish."""
    size = largest_entry(matrix)
    known = (size == 0) | (size > 16 * torch.finfo(matrix.dtype).tiny)
    return torch.where(known.reshape(-1, 1, 1), matrix, torch.nan)
