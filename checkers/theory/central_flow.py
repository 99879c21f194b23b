r"""The central flow of gradient descent: where training at the edge of stability goes on average (Cohen et al. 2024).

Gradient descent at the edge oscillates with some covariance $\Sigma$ about a path $w(\tau)$. Averaging its step to
second order gives, in time $\tau = \eta t$,
$$\dot w = -\nabla_w\bigl[L(w) + \tfrac12\langle\Sigma, \nabla^2 L(w)\rangle\bigr],$$
and $\Sigma \succeq 0$ is what keeps the sharpness at its edge: $\nabla^2 L \preceq 2/\eta$, with $\Sigma$ supported on
the eigenvectors at equality (arXiv:2410.24206, section 3). The time-averaged loss is then $L(w) +
\operatorname{tr}\Sigma/\eta$.

Here a substep of length $\delta$ is a gradient step to $w'$ followed by the smallest move that restores the
constraint: with $U$ the k leading eigenvectors and $G_{ij} = \nabla_w (u_i^\top \nabla^2 L\, u_j)$, $w'' = w' -
\sum_{ij} Y_{ij} G_{ij}$ and $Y = \delta\Sigma_U/2$, the linearised complementarity conditions
$$Y \succeq 0,\qquad A(Y) = U^\top \nabla^2 L(w')\,U - \tfrac2\eta I - \sum_{kl} Y_{kl}\langle G, G_{kl}\rangle \preceq
0, \qquad \langle Y, A(Y)\rangle = 0$$ are those of minimising $\tfrac12\langle Y, \mathcal M Y\rangle - \langle A(0),
Y\rangle$ over positive semidefinite $Y$.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from checkers.instruments.curvature import gradient, hessian_product
from checkers.instruments.followed_eigenpairs import followed_eigenpairs
from checkers.instruments.lanczos import Eigenpairs
from checkers.instruments.parameters import flatten, unflatten
from checkers.theory.semidefinite_complementarity import complementary_multiplier

Loss = Callable[[dict[str, Tensor]], Tensor]
RESIDUAL = 2e-2  # of the eigenpairs, relative, at most; their Rayleigh quotients are off by its square


@dataclass(frozen=True)
class FlowPoint:
    """A point of the flow: parameters, flat, [runs, parameters]; tr Σ [runs]; eigenpairs of a point nearby.

    pairs: as many as eigenvectors may reach the edge, k.
    """

    flat: Tensor
    variance: Tensor
    pairs: Eigenpairs


def central_flow_step(
    loss: Loss,
    like: Mapping[str, Tensor],
    point: FlowPoint,
    *,
    step_size: float,
    duration: float,
) -> FlowPoint:
    """One substep of the central flow of gradient descent with `step_size`, over `duration` of time τ.

    like: parameters whose shapes the flat vector has.
    """
    flat = point.flat - duration * gradient(loss, unflatten(point.flat, like))
    product = hessian_product(loss, unflatten(flat, like))
    pairs = followed_eigenpairs(product, point.pairs, tolerance=RESIDUAL)
    excess = torch.diag_embed(pairs.values - 2 / step_size)
    if not bool((pairs.values[:, 0] > 2 / step_size).any()):
        return FlowPoint(flat, torch.zeros_like(point.variance), pairs)
    slopes = curvature_slopes(loss, unflatten(flat, like), pairs.vectors)
    multiplier = complementary_multiplier(excess, slopes)
    moved = flat - torch.einsum("rij,rijp->rp", multiplier, slopes)
    return FlowPoint(moved, 2 / duration * multiplier.diagonal(dim1=1, dim2=2).sum(dim=1), pairs)


def curvature_slopes(loss: Loss, parameters: Mapping[str, Tensor], vectors: Tensor) -> Tensor:
    """The gradients of uᵢᵀ∇²L uⱼ in the parameters, [runs, k, k, parameters], for fixed vectors u."""
    leaves = {name: tensor.detach().requires_grad_() for name, tensor in parameters.items()}
    inputs = list(leaves.values())
    slopes = flatten(dict(zip(leaves, torch.autograd.grad(loss(leaves).sum(), inputs, create_graph=True), strict=True)))
    count = vectors.shape[1]
    found = vectors.new_zeros(vectors.shape[0], count, count, vectors.shape[2])
    for first in range(count):
        columns = torch.autograd.grad(
            (slopes * vectors[:, first]).sum(), inputs, create_graph=True, materialize_grads=True
        )
        image = flatten(dict(zip(leaves, columns, strict=True)))
        for second in range(first, count):
            entry = (image * vectors[:, second]).sum()
            thirds = torch.autograd.grad(entry, inputs, retain_graph=True, materialize_grads=True)
            found[:, first, second] = flatten(dict(zip(leaves, thirds, strict=True))).detach()
            found[:, second, first] = found[:, first, second]
    return found
