r"""Curvature of many runs at once: Hessian-vector products, sharpness, leading eigenpairs.

With losses $L_r(w_r)$ of independent runs $r$, the Hessian of $\sum_r L_r$ is block diagonal, so one product
with it gives every run's $H_r v_r$, where $H_r = \nabla^2 L_r$. The gradient graph is built once and kept; a
product is one backward pass through it (Pearlmutter 1994). Sharpness is $\lambda_{\max}(H_r)$; preconditioned
sharpness is $\lambda_{\max}(P_r^{-1/2} H_r P_r^{-1/2}) = \lambda_{\max}(P_r^{-1} H_r)$ for a positive
diagonal $P_r$.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.arguments import check_float, check_parameters
from checkers.instruments.lanczos import Eigenpairs, top_eigenpairs
from checkers.instruments.parameters import (
    Loss,
    Parameters,
    finite,
    flatten,
    parameter_count,
    run_count,
    unflatten,
)

Product = Callable[[Tensor], Tensor]


def gradient(loss: Loss, parameters: Parameters) -> Float[Tensor, "runs parameters"]:
    """Every run's gradient, flat, from one backward pass; NaN where the loss is not finite.

    ValueError where `loss` does not give one number a run.
    """
    leaves = _leaves(parameters)
    losses = _one_a_run(loss(leaves), parameters)
    slopes = torch.autograd.grad(losses.sum(), list(leaves.values()), materialize_grads=True)
    spoiled = 0 * losses.detach()  # NaN where the loss is not finite, and 0 elsewhere
    return flatten(dict(zip(leaves, slopes, strict=True))).add_(spoiled.unsqueeze(1))


def hessian_product(loss: Loss, parameters: Parameters) -> Product:
    """Every run's Hessian as a function from flat vectors [runs, parameters] to flat vectors of that shape.

    loss: parameters -> one loss a run, shape [runs]; a run's loss depends on that run's parameters alone.
    The returned function holds the gradient's graph at `parameters` (about three times a forward pass's
    memory). Products of a run whose loss or parameters are not finite are NaN. ValueError where `loss` does not
    give one number a run, or vectors are of another shape.
    """
    leaves = _leaves(parameters)
    losses = _one_a_run(loss(leaves), parameters)
    shape = (run_count(parameters), parameter_count(parameters))
    healthy = losses.detach().isfinite() & finite(parameters)
    spoiled = None if bool(healthy.all()) else torch.where(healthy, 0.0, torch.nan).to(losses).unsqueeze(1)
    inputs = list(leaves.values())
    slopes = torch.autograd.grad(losses.sum(), inputs, create_graph=True, materialize_grads=True)
    curved = [index for index, slope in enumerate(slopes) if slope.requires_grad]

    def product(vectors: Tensor) -> Tensor:
        if vectors.shape != shape:
            raise ValueError(f"vectors must have the shape {shape} of runs and parameters, not {tuple(vectors.shape)}")
        curvature = _curvature(vectors)
        return curvature if spoiled is None else curvature + spoiled

    def _curvature(vectors: Tensor) -> Tensor:
        if not curved:
            return torch.zeros_like(vectors)
        pieces = list(unflatten(vectors, leaves).values())
        columns = torch.autograd.grad(
            [slopes[index] for index in curved],
            inputs,
            [pieces[index] for index in curved],
            retain_graph=True,
            materialize_grads=True,
        )
        return flatten(dict(zip(leaves, columns, strict=True)))

    return product


def preconditioned(product: Product, preconditioner: Float[Tensor, "runs parameters"]) -> Product:
    r"""The symmetric product with $P^{-1/2} H P^{-1/2}$, whose eigenvalues are those of $P^{-1}H$.

    preconditioner: the positive diagonal of P (for Adam $\sqrt{\hat\nu} + \epsilon$, times $1-\beta_1^t$ for
    its bias). An eigenvector u of the result stands for the eigenvector $P^{-1/2}u$ of $P^{-1}H$. A run whose
    P is not finite gives NaN. ValueError where P is not positive, or vectors are of another shape.
    """
    check_float("preconditioner", preconditioner.dtype)
    if bool((preconditioner <= 0).any()):
        raise ValueError("a preconditioner must be positive in every entry")
    scale = torch.where(preconditioner.isfinite(), preconditioner.rsqrt(), torch.nan)

    def scaled(vectors: Tensor) -> Tensor:
        if vectors.shape != scale.shape:
            raise ValueError(f"a preconditioner {tuple(scale.shape)} cannot scale vectors {tuple(vectors.shape)}")
        return scale * product(scale * vectors)

    return scaled


def hessian_eigenpairs(
    loss: Loss,
    parameters: Parameters,
    count: int = 1,
    *,
    preconditioner: Float[Tensor, "runs parameters"] | None = None,
    warm_start: Eigenpairs | None = None,
    tolerance: float = 1e-3,
    max_products: int = 300,
) -> Eigenpairs:
    """The `count` largest eigenvalues of every run's (preconditioned) Hessian, with vectors and residuals.

    warm_start: the eigenpairs of nearby parameters, which save most of the work along a trajectory.
    The other arguments are `top_eigenpairs`'s.
    """
    product = hessian_product(loss, parameters)
    if preconditioner is not None:
        product = preconditioned(product, preconditioner)
    like = next(iter(parameters.values()))
    return top_eigenpairs(
        product,
        runs=run_count(parameters),
        size=parameter_count(parameters),
        count=count,
        dtype=like.dtype,
        device=like.device,
        warm_start=warm_start,
        tolerance=tolerance,
        max_products=max_products,
    )


def dense_hessian(loss: Loss, parameters: Parameters) -> Float[Tensor, "runs parameters parameters"]:
    """Every run's whole Hessian, a column a product: the oracle for small networks."""
    product = hessian_product(loss, parameters)
    like = next(iter(parameters.values()))
    runs, size = run_count(parameters), parameter_count(parameters)
    columns = torch.empty(size, runs, size, dtype=like.dtype, device=like.device)
    for index in range(size):
        unit = torch.zeros(runs, size, dtype=like.dtype, device=like.device)
        unit[:, index] = 1
        columns[index] = product(unit)
    return columns.permute(1, 2, 0)


def _one_a_run(losses: Tensor, parameters: Parameters) -> Tensor:
    if losses.shape != (run_count(parameters),):
        expected = (run_count(parameters),)
        raise ValueError(f"loss must give one number a run, shape {expected}, not {tuple(losses.shape)}")
    return losses


def _leaves(parameters: Parameters) -> dict[str, Tensor]:
    check_parameters(parameters)
    return {name: tensor.detach().requires_grad_() for name, tensor in parameters.items()}
