r"""The first order of what gradient descent is off the gradient flow: the global error of Euler's method.

With $\theta_k = \theta(T) + \eta\, e(T) + O(\eta^2)$ at $T = \eta k$, and $g$, $H$ gradient and Hessian on the flow,
$$\dot\theta = -g, \qquad \dot e = -H e - \tfrac12 \ddot\theta = -H \bigl( e + \tfrac12 g \bigr), \qquad e(0) = 0 :$$
a step leaves the flow by $-\tfrac{\eta^2}2\ddot\theta$, $\ddot\theta = Hg$, and what was off before contracts.
(Hairer, Nørsett & Wanner, Solving Ordinary Differential Equations I, II.8; Henrici 1962.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.parameters import Loss, flatten, unflatten
from checkers.theory.gradient_flow import integrate


@dataclass(frozen=True, eq=False)
class EulerError:
    """Where the flow is, and how far gradient descent is from there, by unit step size."""

    flow: Float[Tensor, "runs parameters"]
    error: Float[Tensor, "runs parameters"]


def euler_error(loss: Loss, parameters: Mapping[str, Tensor], time: float, *, contraction: bool = True) -> EulerError:
    """θ(T) and e(T) of every run, in float64. contraction: without it ė = −½Hg, every step's own error simply added.

    loss: parameters -> one loss a run, [runs], twice differentiable. Raises as `integrate`.
    """
    start = flatten({name: tensor.detach().double() for name, tensor in parameters.items()})

    def velocity(state: Tensor) -> Tensor:
        place, error = state.chunk(2, dim=1)
        leaf = place.detach().requires_grad_()
        losses = loss(unflatten(leaf, parameters))
        (slope,) = torch.autograd.grad(losses.sum(), leaf, create_graph=True)
        carried = error + slope.detach() / 2 if contraction else slope.detach() / 2
        (change,) = torch.autograd.grad(slope, leaf, carried)
        return torch.cat([-slope.detach(), -change], dim=1)

    path = integrate(velocity, torch.cat([start, torch.zeros_like(start)], dim=1), [time])
    return EulerError(*path.states[-1].chunk(2, dim=1))
