r"""Which interpolant a diagonal network finds: $\beta = u^2 - v^2$, entry by entry, from $u = v = \alpha$.

Gradient flow on squared loss ends at the interpolant of least $\sum_i q(\beta_i/\alpha^2)$ with
$q(z) = 2 - \sqrt{4 + z^2} + z\operatorname{arcsinh}(z/2)$ (Woodworth et al. 2020). The minimiser is found apart from
training: $\beta = 2\alpha^2\sinh(X^\top\nu)$, with the dual variables ν that satisfy the data.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from scipy.optimize import linprog
from torch import Tensor

from checkers.testbeds.randomness import normal, signs
from lawbook import Measurement, Panel, Trials

Reference = Literal["potential", "least l1", "least l2"]
MAX_STEPS = 10_000
NEWTON_STEPS = 200


def distance_to_minimiser(
    trials: Trials,
    *,
    scales: list[float],
    reference: Reference = "potential",
    unevenness: float = 0.0,
    samples: int = 20,
    dimension: int = 40,
    support: int = 3,
    fraction: float = 0.6,
    residual: float = 1e-5,
) -> Measurement:
    r"""Largest over α of $\lVert\beta - \beta^*\rVert/\lVert\beta^*\rVert$ after gradient flow from $u = v = \alpha$.

    scales: the values of α. reference: what β* minimises among interpolants. unevenness: weights start at
    $\alpha e^{\pm\text{unevenness}}$, signs at random, alike in u and v. Targets are of `support` weights of size one
    and random sign, inputs Gaussian. Flow by Runge–Kutta steps of fourth order, `fraction` of the inverse of the
    fastest rate long, until the errors fell to `residual` of the targets; a seed that gets there for every α in 10,000
    steps is in regime.
    """
    device, wide = trials.device, torch.float64
    inputs = normal(trials.seeds, (samples, dimension), stream="inputs", device=device, dtype=wide)
    teacher = signs(trials.seeds, (dimension,), stream="teacher", device=device, dtype=wide)
    teacher[:, support:] = 0
    targets = (inputs @ teacher[..., None])[..., 0]
    spread = unevenness * signs(trials.seeds, (dimension,), stream="unevenness", device=device, dtype=wide)
    # Every α and seed in one batch, α by α.
    alphas = torch.tensor(scales, dtype=wide, device=device).repeat_interleave(len(trials))
    data, wanted = inputs.repeat(len(scales), 1, 1), targets.repeat(len(scales), 1)
    start = alphas[:, None] * spread.repeat(len(scales), 1).exp()
    found, left = _flow(trials, data, wanted, start, fraction, residual)
    least = {"potential": _least_potential, "least l1": _least_l1, "least l2": _least_l2}
    best = {name: find(data, wanted, alphas.square()) for name, find in least.items()}
    distances = {name: _relative(found, point).reshape(len(scales), -1).T.cpu() for name, point in best.items()}
    panel = Panel("Distance of the trained weights to three minimisers", x="α", y="relative distance", log="xy")
    for name, values in distances.items():
        panel = panel.over_seeds(name, scales, values.clamp_min(1e-12), middle="geometric mean")
    return Measurement(
        values=distances[reference].amax(1),
        in_regime=(left <= residual).reshape(len(scales), -1).all(0).cpu(),
        panels=panel,
    )


def _flow(
    trials: Trials, data: Tensor, wanted: Tensor, start: Tensor, fraction: float, residual: float
) -> tuple[Tensor, Tensor]:
    """Weights β where the flow comes to rest, and the largest error left over the largest target, one a run."""
    samples = data.shape[1]
    curvature = torch.linalg.matrix_norm(data, ord=2).square()[:, None] / samples

    sign = torch.tensor([-2.0, 2.0], dtype=data.dtype, device=data.device)[:, None, None]
    rest, left = torch.stack([start, start]), torch.full_like(wanted[:, 0], torch.inf)
    moving = torch.arange(len(start), device=data.device)
    # Rows times matrices are quicker than matrices times columns.
    pair, inner, outer, goal, bend = rest.clone(), data.mT.contiguous(), data, wanted, curvature

    def errors(pair: Tensor) -> Tensor:
        beta = pair[0].square() - pair[1].square()
        return (beta[:, None] @ inner)[:, 0] - goal

    def slope(pair: Tensor) -> Tensor:
        gradient = (errors(pair)[:, None] @ outer)[:, 0] / samples
        return sign * gradient * pair

    for count in trials.track(range(MAX_STEPS), "gradient flow"):
        if count % 50 == 0:
            # A run is taken where it first comes to rest, whatever the others still have to do.
            rest[:, moving] = pair
            left[moving] = errors(pair).abs().amax(1) / goal.abs().amax(1)
            go_on = left[moving] > residual
            if not bool(go_on.all()):
                moving, pair = moving[go_on], pair[:, go_on]
                inner, outer, goal, bend = inner[go_on], outer[go_on], goal[go_on], bend[go_on]
            if not len(moving):
                break
        first = slope(pair)
        quickest = (first / pair).abs().amax((0, 2))[:, None]
        stiffness = 4 * bend * pair.square().sum(0).amax(1, keepdim=True)
        step = fraction / torch.maximum(quickest, stiffness)
        second = slope(pair + step / 2 * first)
        third = slope(pair + step / 2 * second)
        pair = pair + step / 6 * (first + 2 * second + 2 * third + slope(pair + step * third))
    return rest[0].square() - rest[1].square(), left


def _least_potential(data: Tensor, wanted: Tensor, squares: Tensor) -> Tensor:
    """By Newton's method on the dual, steps shortened so that no argument of sinh moves by more than one."""
    dual = torch.zeros_like(wanted)
    for _ in range(NEWTON_STEPS):
        angles = (dual[:, None] @ data)[:, 0]
        off = wanted - 2 * squares[:, None] * (data @ angles.sinh()[..., None])[..., 0]
        bend = 2 * squares[:, None, None] * (data * angles.cosh()[:, None]) @ data.mT
        step = torch.linalg.solve(bend, off)
        reach = (step[:, None] @ data)[:, 0].abs().amax(1, keepdim=True)
        dual = dual + step / reach.clamp_min(1.0)
    return 2 * squares[:, None] * (dual[:, None] @ data)[:, 0].sinh()


def _least_l1(data: Tensor, wanted: Tensor, _: Tensor) -> Tensor:
    points = []
    for matrix, goal in zip(data.cpu().numpy(), wanted.cpu().numpy(), strict=True):
        halves = linprog(np.ones(2 * matrix.shape[1]), A_eq=np.hstack([matrix, -matrix]), b_eq=goal).x
        points.append(halves[: matrix.shape[1]] - halves[matrix.shape[1] :])
    return torch.as_tensor(np.stack(points)).to(data)


def _least_l2(data: Tensor, wanted: Tensor, _: Tensor) -> Tensor:
    return (data.mT @ torch.linalg.solve(data @ data.mT, wanted)[..., None])[..., 0]


def _relative(found: Tensor, best: Tensor) -> Tensor:
    return (found - best).norm(dim=1) / best.norm(dim=1)
