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

from checkers.instruments.alignment import kernel_alignment
from checkers.instruments.dense_layers import Forward


def neural_feature_matrix(weight: Float[Tensor, "runs width inputs"]) -> Float[Tensor, "runs inputs inputs"]:
    """WᵀW of every run."""
    return weight.mT @ weight


def average_gradient_outer_product(
    forward: Forward, parameters: Mapping[str, Tensor], inputs: Tensor
) -> Float[Tensor, "runs inputs inputs"]:
    """The AGOP of every run's function of `inputs`, summed over outputs.

    forward: parameters, inputs [runs, batch, d] -> [runs, batch, outputs]; an example's outputs depend on it alone.
    inputs: [batch, d], shared by all runs, or [runs, batch, d] (a hidden layer's, with the rest of the network as
    forward map). One backward pass an output.
    """
    runs = next(iter(parameters.values())).shape[0]
    own = inputs if inputs.ndim == 3 else inputs.expand(runs, *inputs.shape)
    leaf = own.detach().clone().requires_grad_()
    with torch.enable_grad():
        outputs = forward({name: tensor.detach() for name, tensor in parameters.items()}, leaf)
    total = leaf.new_zeros(runs, leaf.shape[2], leaf.shape[2])
    count = outputs.shape[2]
    for output in range(count):
        (gradient,) = torch.autograd.grad(outputs[..., output].sum(), leaf, retain_graph=output < count - 1)
        total += gradient.mT @ gradient
    return total / leaf.shape[1]


def matrix_power(matrix: Float[Tensor, "runs size size"], exponent: float) -> Float[Tensor, "runs size size"]:
    """A power of each positive semidefinite matrix at unit largest eigenvalue; eigenvalues below rounding become 0."""
    values, vectors = torch.linalg.eigh(matrix)
    shares = (values / values[:, -1:]).clamp(min=0)
    floor = matrix.shape[1] * torch.finfo(matrix.dtype).eps
    powered = torch.where(shares > floor, shares**exponent, 0.0)
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
    unrelated positive matrices share.
    """
    left, right = feature_matrix, matrix_power(gradient_product, exponent)
    if centred:
        left, right = left - left.mean((1, 2), keepdim=True), right - right.mean((1, 2), keepdim=True)
    return kernel_alignment(left, right)


def off_diagonal_correlation(
    feature_matrix: Float[Tensor, "runs size size"],
    gradient_product: Float[Tensor, "runs size size"],
    *,
    exponent: float = 0.5,
) -> Float[Tensor, " runs"]:
    """The cosine of the off-diagonal entries alone, near 0 for a network that learned no feature."""
    hollow = 1 - torch.eye(feature_matrix.shape[1], dtype=feature_matrix.dtype, device=feature_matrix.device)
    return kernel_alignment(feature_matrix * hollow, matrix_power(gradient_product, exponent) * hollow)


def best_exponent(
    feature_matrix: Float[Tensor, "runs size size"],
    gradient_product: Float[Tensor, "runs size size"],
    exponents: Sequence[float],
    *,
    centred: bool = True,
) -> tuple[Float[Tensor, " runs"], Float[Tensor, " runs"]]:
    """The exponent among those given whose correlation is largest, and that correlation, run by run."""
    correlations = torch.stack(
        [
            feature_correlation(feature_matrix, gradient_product, exponent=exponent, centred=centred)
            for exponent in exponents
        ]
    )
    largest, where = correlations.max(0)
    return torch.tensor(exponents, dtype=largest.dtype, device=largest.device)[where], largest
