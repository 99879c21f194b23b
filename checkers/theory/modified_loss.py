r"""Losses whose gradient flow a discrete optimiser follows to the next order in its step size.

Heavy ball, $\theta_{k+1} - \theta_k = \beta(\theta_k - \theta_{k-1}) - \eta\nabla L(\theta_k)$, moves by the time
$\epsilon = \eta/(1-\beta)$ a step. With
$\theta_{k\pm1} = \theta \pm \epsilon\dot\theta + \frac{\epsilon^2}2\ddot\theta$,

$$(1-\beta)\,\epsilon\,\dot\theta + (1+\beta)\tfrac{\epsilon^2}2\ddot\theta = -\eta\nabla L
\quad\Longrightarrow\quad
\dot\theta = -\nabla L - \frac{\epsilon(1+\beta)}{2(1-\beta)}\ddot\theta,\qquad
\ddot\theta = \nabla^2L\,\nabla L + O(\epsilon) = \tfrac12\nabla\|\nabla L\|^2 + O(\epsilon),$$

which is the flow of $L + \frac{\epsilon(1+\beta)}{4(1-\beta)}\|\nabla L\|^2$. From rest the velocity is still to build
up: k steps go $\sum_{j\le k}(1-\beta^j)\,\epsilon \to (k - \frac\beta{1-\beta})\,\epsilon$ along the gradient, a delay
of $\beta/(1-\beta)$ steps. Without momentum it is the flow of $L + \frac\eta4\|\nabla L\|^2$ without a delay.
(Kovachki & Stuart 2021, arXiv:1906.04285; Barrett & Dherin 2020, arXiv:2009.11162.)
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

Loss = Callable[[dict[str, Tensor]], Tensor]


def heavy_ball_coefficient(step_size: float, momentum: float) -> float:
    """η(1+β)/(4(1−β)²), what multiplies ‖∇L‖²; η/4 without momentum."""
    return step_size * (1 + momentum) / (4 * (1 - momentum) ** 2)


def heavy_ball_delay(step_size: float, momentum: float) -> float:
    """The time ηβ/(1−β)² by which heavy ball from rest is behind the flow."""
    return step_size * momentum / (1 - momentum) ** 2


def penalised(loss: Loss, strength: float | Float[Tensor, " runs"]) -> Loss:
    """L + strength·‖∇L‖², one number a run and differentiable; one strength for all runs, or one each."""
    if not isinstance(strength, Tensor) and strength == 0:
        return loss

    def modified(parameters: dict[str, Tensor]) -> Tensor:
        values = loss(parameters)
        slopes = torch.autograd.grad(values.sum(), list(parameters.values()), create_graph=True)
        squares = [slope.flatten(1).square().sum(dim=1) for slope in slopes]
        return values + strength * torch.stack(squares).sum(dim=0)

    return modified
