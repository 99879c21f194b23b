r"""Fluctuation–dissipation relations of stochastic gradient descent at rest, on least squares with minibatches.

Stationarity of ‖w‖² alone gives $\langle w\cdot g\rangle = \tfrac\eta2\langle\lVert g\rVert^2\rangle$ for minibatch
gradients g, and with heavy ball of momentum μ and velocity v, $\langle w\cdot g\rangle =
\tfrac{1+\mu}{2\eta}\langle\lVert v\rVert^2\rangle$. To leading order in η also $\langle\lVert\nabla L\rVert^2\rangle
= \tfrac\eta2\langle\mathrm{tr}\,HC\rangle$, C the covariance of g. (Yaida 2018, arXiv:1810.00004.)
"""

from __future__ import annotations

from typing import Literal

import torch

from checkers.testbeds.randomness import generator, normal
from lawbook import Measurement, Panel, Trials

Relation = Literal["first", "first with momentum", "second"]


def relation_ratio(
    trials: Trials,
    *,
    relation: Relation,
    step_size: float,
    momentum: float = 0.0,
    batch_size: int = 8,
    points: int = 256,
    dimension: int = 16,
    burn_in: int = 4000,
    steps: int = 20_000,
    start_scale: float = 0.0,
) -> Measurement:
    """Left side over right side of a relation, averaged over `steps` steps after `burn_in` of them.

    Linear regression on white inputs and noisy labels of a linear teacher, batches drawn with replacement, w measured
    from the origin. start_scale: length of the start's distance to the solution.
    """
    device, wide = trials.device, torch.float64
    inputs = normal(trials.seeds, (points, dimension), stream="inputs", device=device, dtype=wide)
    teacher = normal(trials.seeds, (dimension, 1), stream="teacher", device=device, dtype=wide)
    noise = normal(trials.seeds, (points, 1), stream="label noise", device=device, dtype=wide)
    labels = inputs @ teacher / dimension**0.5 + noise
    hessian = inputs.mT @ inputs / points
    solution = torch.linalg.solve(hessian, inputs.mT @ labels / points)
    away = normal(trials.seeds, (dimension, 1), stream="start", device=device, dtype=wide)
    w = solution + start_scale * away / dimension**0.5
    velocity = torch.zeros_like(w)
    sources = [generator(seed, "batches") for seed in trials.seeds]
    runs = torch.arange(len(trials), device=device)[:, None]
    sums = torch.zeros(2, len(trials), dtype=wide, device=device)
    shown, lefts = [], []
    block = 1000
    for first in trials.track(range(0, burn_in + steps, block), "descent"):
        length = min(block, burn_in + steps - first)
        picks = torch.stack(
            [torch.randint(points, (length, batch_size), generator=source) for source in sources], 1
        ).to(device)
        before = sums.clone()
        for step, batch in enumerate(picks, start=first):
            chosen, targets = inputs[runs, batch], labels[runs, batch]
            gradient = chosen.mT @ (chosen @ w - targets) / batch_size
            if step >= burn_in and relation == "second":
                errors = inputs @ w - labels
                whole = inputs.mT @ errors / points
                each = (inputs * (inputs @ hessian)).sum(-1, keepdim=True) * errors.square()
                spread = each.mean((-1, -2)) - (whole.mT @ hessian @ whole)[:, 0, 0]
                sums[0] += whole.square().sum((-1, -2))
                sums[1] += step_size / 2 * spread / batch_size
            velocity = momentum * velocity - step_size * gradient
            if step >= burn_in and relation != "second":
                sums[0] += (w * gradient).sum((-1, -2))
                size = gradient if relation == "first" else velocity
                factor = step_size / 2 if relation == "first" else (1 + momentum) / (2 * step_size)
                sums[1] += factor * size.square().sum((-1, -2))
            w = w + velocity
        if first + length > burn_in:
            shown.append(first + length)
            lefts.append((sums - before)[0] / (sums - before)[1])
    return Measurement(
        values=(sums[0] / sums[1]).cpu(),
        panels=Panel("The two sides, over a thousand steps each", x="step", y="left over right")
        .over_seeds("measured", shown, torch.stack(lefts, -1).cpu())
        .line("at rest", [shown[0], shown[-1]], 1.0, role="predicted"),
    )
