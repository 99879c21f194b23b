r"""What weight decay does to a scale-invariant weight vector in the long run: angle of a step, norm, rate.

If the loss does not change when w is rescaled, its gradient g is orthogonal to w and shrinks as 1/‖w‖.

SGD with momentum, coupled decay: $v' = \beta v + g + \lambda w$, $w' = w - \eta v'$. Let a = E‖w‖², b = E⟨w, v⟩,
c = E‖v‖². Stationarity of a and of b, with E⟨w, g⟩ = 0 exactly, reads $\eta c = 2(\beta b + \lambda a)$ and
$b = \beta b + \lambda a - \eta c$, so $b = -\lambda a/(1+\beta)$, and one step turns w by
$1 - \cos\theta = \eta^2 c/2a = \eta\lambda/(1+\beta)$: nothing is assumed about the gradient's noise.

Decoupled decay, $w' = (1-\eta\lambda)w - \eta v'$, and AdamW need gradients that are uncorrelated in time. A step of
variance $s^2$ whose sum over its memory has variance $S^2$ per step balances the decay where $S^2 = 2\eta\lambda a$,
which turns w by $\theta^2 = s^2/a = 2\eta\lambda\, s^2/S^2$; $s^2/S^2$ is $(1-\beta)/(1+\beta)$ in both.

Out of balance, where log ‖w‖ still drifts by d a step and decay alone would shorten w at the rate ρ (ηλ, or
ηλ/(1−β) with the decay in the gradient), the same equations with $a' = (1+2d)a$ give the square of the angle
1 + d/ρ times that of the balance.

Wan et al. 2020 (2006.08419), theorem 1; Kosson et al. 2023 (2305.17212), table 1; Li et al. 2020 (2010.02916).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor


def coupled_momentum_angle(step_size: float, weight_decay: float, momentum: float = 0.0) -> float:
    """Radians that one step of SGD turns a scale-invariant weight at equilibrium: arccos(1 − ηλ/(1+β))."""
    return math.acos(1 - step_size * weight_decay / (1 + momentum))


def decoupled_angle(step_size: float, weight_decay: float, momentum: float) -> float:
    """Radians √(2ηλ(1−β)/(1+β)) of one step of AdamW (β = β₁), or of SGD with momentum and decoupled decay."""
    return math.sqrt(2 * step_size * weight_decay * (1 - momentum) / (1 + momentum))


def adamw_norm(step_size: float, weight_decay: float, dimension: int) -> float:
    """‖w‖ = √(ηC/2λ) at AdamW's equilibrium for C coordinates, whatever the gradients' size."""
    return math.sqrt(step_size * dimension / (2 * weight_decay))


def drift_shift(drift: Float[Tensor, " runs"], decay_rate: float) -> Float[Tensor, " runs"]:
    """By how much of itself the angle differs from the balance's, d/2ρ, while log ‖w‖ drifts by d a step.

    decay_rate: ρ of the module's text. First order in d/ρ.
    """
    return drift / (2 * decay_rate)


def norm_path(
    initial: Float[Tensor, " weights"],
    unit_gradient: Float[Tensor, " weights"],
    step_size: float,
    weight_decay: float,
    steps: int,
) -> Float[Tensor, "times weights"]:
    r"""‖w‖² after 0 … steps steps of SGD: $n \leftarrow (1-\eta\lambda)^2 n + \eta^2 G/n$.

    initial: ‖w‖² at the start. unit_gradient: G = E‖g‖²‖w‖², the squared gradient on the unit sphere.
    The square n² relaxes to ηG/2λ at the rate 4ηλ, to leading order in ηλ. (Li et al. 2020, section 4.)
    """
    path = [initial]
    for _ in range(steps):
        path.append((1 - step_size * weight_decay) ** 2 * path[-1] + step_size**2 * unit_gradient / path[-1])
    return torch.stack(path)
