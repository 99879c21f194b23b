r"""First-order optimisers over many runs at once, on one flat vector [runs, parameters].

Every hyperparameter is a float or a Tensor[runs]; `step_size` and `weight_decay` may also be a mapping from
every parameter's name to either, as `MultilayerPerceptron.step_sizes` gives. Updates are those of
torch.optim up to rounding.

An optimiser is a frozen description; its state is a dictionary of flat buffers [runs, parameters].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

Scalar = float | Tensor
PerParameter = float | Tensor | Mapping[str, float] | Mapping[str, Tensor]
Buffers = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class Point:
    """Where an update starts: parameters, gradient and buffers, all flat, and how many updates came before."""

    flat: Tensor
    gradient: Tensor
    buffers: Buffers
    updates: int


@dataclass(frozen=True, eq=False)
class GradientDescent:
    r"""Gradient descent, and heavy ball in PyTorch's convention.

    $v \leftarrow \beta v + g$, $w \leftarrow w - \eta v$, where g includes `weight_decay`·w (coupled L2). Its
    buffer is "velocity"; momentum β = 0 keeps none.
    """

    step_size: PerParameter
    momentum: Scalar = 0.0
    weight_decay: PerParameter = 0.0

    def start(self, flat: Tensor) -> Buffers:
        """Zero velocity, or no buffer without momentum."""
        return {} if _is_zero(self.momentum) else {"velocity": torch.zeros_like(flat)}

    def advance(self, point: Point, step_size: Scalar, weight_decay: Scalar, out: Tensor) -> None:
        """Writes the next parameters to `out` and moves the buffers on."""
        direction = _with_decay(point, weight_decay)
        if "velocity" in point.buffers:
            velocity = point.buffers["velocity"]
            direction = velocity.mul_(_column(self.momentum)).add_(direction)
        _subtract(point.flat, step_size, direction, out)


@dataclass(frozen=True, eq=False)
class Adam:
    r"""Adam with bias correction; `weight_decay` is coupled, added to the gradient.

    Kingma & Ba 2014 (1412.6980). The buffers are "first_moment" and "second_moment", both before bias
    correction.
    """

    step_size: PerParameter
    beta1: Scalar = 0.9
    beta2: Scalar = 0.999
    epsilon: Scalar = 1e-8
    weight_decay: PerParameter = 0.0

    def start(self, flat: Tensor) -> Buffers:
        """Zero moments."""
        return {"first_moment": torch.zeros_like(flat), "second_moment": torch.zeros_like(flat)}

    def advance(self, point: Point, step_size: Scalar, weight_decay: Scalar, out: Tensor) -> None:
        """Writes the next parameters to `out` and moves the buffers on."""
        _adam_step(self, point, _with_decay(point, weight_decay), step_size, out)

    def preconditioner(self, buffers: Buffers, updates: int) -> Float[Tensor, "runs parameters"]:
        r"""$\sqrt{\nu_t/(1-\beta_2^t)} + \epsilon$ after t = `updates` ≥ 1: what divides the first moment."""
        return _preconditioner(self, buffers, updates)


@dataclass(frozen=True, eq=False)
class AdamW:
    r"""Adam with decoupled decay: $w \leftarrow (1 - \eta\lambda) w$ besides Adam's step.

    Loshchilov & Hutter 2017 (1711.05101). The buffers are "first_moment" and "second_moment", both before bias
    correction.
    """

    step_size: PerParameter
    beta1: Scalar = 0.9
    beta2: Scalar = 0.999
    epsilon: Scalar = 1e-8
    weight_decay: PerParameter = 0.01

    def start(self, flat: Tensor) -> Buffers:
        """Zero moments."""
        return {"first_moment": torch.zeros_like(flat), "second_moment": torch.zeros_like(flat)}

    def advance(self, point: Point, step_size: Scalar, weight_decay: Scalar, out: Tensor) -> None:
        """Writes the next parameters to `out` and moves the buffers on."""
        _adam_step(self, point, point.gradient, step_size, out)
        shrinkage = step_size * weight_decay
        if isinstance(shrinkage, Tensor):
            out.addcmul_(point.flat, shrinkage, value=-1)
        else:
            out.sub_(point.flat, alpha=shrinkage)

    def preconditioner(self, buffers: Buffers, updates: int) -> Float[Tensor, "runs parameters"]:
        r"""$\sqrt{\nu_t/(1-\beta_2^t)} + \epsilon$ after t = `updates` ≥ 1: what divides the first moment."""
        return _preconditioner(self, buffers, updates)


Optimiser = GradientDescent | Adam | AdamW


def spread(value: PerParameter, like: Mapping[str, Tensor]) -> Scalar:
    """A float as it is; anything else as a tensor that broadcasts against [runs, parameters].

    ValueError where a mapping's names are not those of the parameters.
    """
    if not isinstance(value, Mapping):
        return _column(value)
    if set(value) != set(like):
        raise ValueError(
            f"the optimiser has values for {sorted(value)}, but the parameters are {sorted(like)}; name each of them"
        )
    pieces = []
    for name, tensor in like.items():
        piece = torch.as_tensor(value[name], dtype=tensor.dtype, device=tensor.device)
        pieces.append(piece.reshape(-1, 1).expand(-1, tensor[0].numel()))
    rows = max(piece.shape[0] for piece in pieces)
    return torch.cat([piece.expand(rows, -1) for piece in pieces], dim=1)


def _adam_step(optimiser: Adam | AdamW, point: Point, gradient: Tensor, step_size: Scalar, out: Tensor) -> None:
    beta1, beta2 = _column(optimiser.beta1), _column(optimiser.beta2)
    first, second = point.buffers["first_moment"], point.buffers["second_moment"]
    first.lerp_(gradient, 1 - beta1)
    if isinstance(beta2, Tensor):
        second.lerp_(gradient.square(), 1 - beta2)
    else:
        second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
    updates = point.updates + 1
    divisor = _precondition(optimiser, second, updates, out)
    length = step_size / (1 - beta1**updates)
    if isinstance(length, Tensor):
        torch.addcdiv(point.flat, first * length, divisor, value=-1, out=out)
    else:
        torch.addcdiv(point.flat, first, divisor, value=-length, out=out)


def _precondition(optimiser: Adam | AdamW, second_moment: Tensor, updates: int, out: Tensor) -> Tensor:
    correction = (1 - _column(optimiser.beta2) ** updates) ** 0.5
    torch.sqrt(second_moment, out=out)
    return out.div_(correction).add_(_column(optimiser.epsilon))


def _preconditioner(optimiser: Adam | AdamW, buffers: Buffers, updates: int) -> Tensor:
    if updates < 1:
        raise ValueError("Adam's preconditioner exists after the first update; ask for updates ≥ 1")
    second = buffers["second_moment"]
    return _precondition(optimiser, second, updates, torch.empty_like(second))


def _with_decay(point: Point, weight_decay: Scalar) -> Tensor:
    if isinstance(weight_decay, Tensor):
        return torch.addcmul(point.gradient, point.flat, weight_decay)
    return point.gradient if weight_decay == 0 else point.gradient.add(point.flat, alpha=weight_decay)


def _subtract(origin: Tensor, length: Scalar, direction: Tensor, out: Tensor) -> None:
    if isinstance(length, Tensor):
        torch.addcmul(origin, direction, length, value=-1, out=out)
    else:
        torch.sub(origin, direction, alpha=length, out=out)


def _column(value: Scalar) -> Scalar:
    return value.reshape(-1, 1) if isinstance(value, Tensor) and value.ndim else value


def _is_zero(value: Scalar) -> bool:
    return not isinstance(value, Tensor) and value == 0
