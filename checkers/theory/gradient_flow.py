r"""Gradient flow $\dot w = -\nabla L(w)$ of many runs at once, as an accurate reference.

Dormand and Prince's embedded pair of orders 5 and 4 with adaptive steps (Dormand & Prince 1980; Hairer, Nørsett &
Wanner, Solving Ordinary Differential Equations I, II.4–5). All runs share a step, and the step is accepted only if
the run with the largest error accepts it, so each run meets the tolerance on its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.parameters import Loss, flatten, unflatten

Velocity = Callable[[Tensor], Tensor]

_STAGES = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
_ERROR = (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40)
_SAFETY, _SHRINK, _GROW = 0.9, 0.2, 5.0


class FlowStalled(RuntimeError):
    """The flow could not be followed to its end within the evaluations allowed, or left the finite numbers."""


@dataclass(frozen=True, eq=False)
class FlowPath:
    """States of an autonomous flow at given times.

    times: as asked for. states: [times, runs, numbers]. evaluations: how often the velocity was computed.
    """

    times: tuple[float, ...]
    states: Float[Tensor, "times runs numbers"]
    evaluations: int


def gradient_flow(
    loss: Loss,
    parameters: Mapping[str, Tensor],
    times: Sequence[float],
    *,
    relative_tolerance: float = 1e-9,
    absolute_tolerance: float = 1e-12,
    max_evaluations: int = 200_000,
) -> FlowPath:
    """The gradient flow of every run from `parameters` at time 0; states are flat, in float64.

    loss: parameters -> one loss a run, [runs]; what it holds of data should be float64 as well.
    `unflatten(path.states[k], parameters)` gives the parameters at times[k]. For flow on a modified loss such as
    $L + \\frac{\\eta}{4}\\|\\nabla L\\|^2$ give that loss, built with `create_graph=True`. Raises as `integrate`.
    """
    doubled = {name: tensor.detach().double() for name, tensor in parameters.items()}

    def velocity(state: Tensor) -> Tensor:
        leaf = state.detach().requires_grad_()
        (slope,) = torch.autograd.grad(loss(unflatten(leaf, doubled)).sum(), leaf)
        return -slope

    return integrate(
        velocity,
        flatten(doubled),
        times,
        relative_tolerance=relative_tolerance,
        absolute_tolerance=absolute_tolerance,
        max_evaluations=max_evaluations,
    )


def integrate(
    velocity: Velocity,
    start: Float[Tensor, "runs numbers"],
    times: Sequence[float],
    *,
    relative_tolerance: float = 1e-9,
    absolute_tolerance: float = 1e-12,
    max_evaluations: int = 200_000,
) -> FlowPath:
    r"""Follows $\dot y = $ `velocity(y)` from `start` at time 0 through the increasing `times`.

    A step's local error, root mean square over a run's numbers of error/(absolute + relative·|y|), is at most 1 for
    every run; it decides the step, so the path's error is of the order of the tolerances times the time.
    ValueError where times are negative or do not increase; FlowStalled where the evaluations run out or the state
    stops being finite.
    """
    if any(later < earlier for earlier, later in zip((0.0, *times), times, strict=False)):
        raise ValueError(f"times must increase from 0 on, not {list(times)}")
    state, now = start.clone(), 0.0
    slope = velocity(state)
    evaluations = 1
    scale = absolute_tolerance + relative_tolerance * state.abs()
    step = 0.01 * _worst_rms(state / scale) / max(_worst_rms(slope / scale), 1e-300) or 1e-6
    states = []
    for goal in times:
        while now < goal:
            if evaluations > max_evaluations:
                raise FlowStalled(
                    f"gradient flow reached time {now:g} of {goal:g} in {evaluations} evaluations; "
                    "loosen the tolerances, shorten the time, or allow more"
                )
            reach = min(step, goal - now)
            proposal, new_slope, deviation = _propose(velocity, state, slope, reach)
            evaluations += len(_STAGES)
            scale = absolute_tolerance + relative_tolerance * torch.maximum(state.abs(), proposal.abs())
            error = _worst_rms(deviation / scale)
            if error <= 1:
                state, slope, now = proposal, new_slope, goal if reach < step else now + reach
            step = _next_step(step, reach, error)
            if step < 1e-14 * now or step < 1e-300:
                raise FlowStalled(f"the flow stops being finite near time {now:g}")
        states.append(state)
    return FlowPath(tuple(float(time) for time in times), torch.stack(states), evaluations)


def _next_step(step: float, reach: float, error: float) -> float:
    """The step to try next, after one of length `reach` ≤ `step` (cut short to meet a time) made this error."""
    if not math.isfinite(error):
        return reach * _SHRINK
    changed = reach * min(_GROW, max(_SHRINK, _SAFETY * math.pow(max(error, 1e-12), -0.2)))
    return max(step, changed) if error <= 1 and reach < step else changed


def _propose(velocity: Velocity, state: Tensor, slope: Tensor, reach: float) -> tuple[Tensor, Tensor, Tensor]:
    """The fifth-order state after `reach`, the velocity there, and the difference to the fourth-order state."""
    slopes = [slope]
    proposal = state
    for weights in _STAGES:
        proposal = state + reach * _combination(weights, slopes)
        slopes.append(velocity(proposal))
    return proposal, slopes[-1], reach * _combination(_ERROR, slopes)


def _combination(weights: Sequence[float], slopes: Sequence[Tensor]) -> Tensor:
    total = weights[0] * slopes[0]
    for weight, slope in zip(weights[1:], slopes[1:], strict=True):
        if weight:
            total = total.add(slope, alpha=weight)
    return total


def _worst_rms(scaled: Tensor) -> float:
    return float(scaled.square().mean(dim=1).max().sqrt())
