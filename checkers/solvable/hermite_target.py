r"""How many samples online gradient descent takes to find the direction of a Hermite target, as dimension grows.

Spherical descent on $\tfrac12(f(w\cdot x) - f(v\cdot x))^2$ with fresh Gaussian x a step. With m = w·v all that a
step needs of x is a = w·x, the part of v·x apart from it, and the length of the rest, $\chi^2_{d-2}$: three numbers,
exact in law, and no vector of d. (Ben Arous, Gheissari & Jagannath 2021.)
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.randomness import generator
from lawbook import Measurement, Panel, Trials

BLOCK = 256


def excess_exponent(
    trials: Trials,
    *,
    degree: int,
    dimensions: list[int],
    step: float,
    told_degree: int | None = None,
    step_power: float | None = None,
    linear_part: float = 0.0,
    walkers: int = 64,
    limit: float = 6.0,
    target: float = 0.5,
) -> Measurement:
    r"""Slope over log d of the log median number of samples until w·v first reaches `target`, less the predicted slope.

    degree: k of $f = He_k/k!$ (plus linear_part × He_1), with w·v = $d^{-1/2}$ at the start. Predicted: the time of the
    population's flow for told_degree (by default k), of order $d$, $d\log d$ and $d^{k-1}$ for k = 1, 2 and more.
    step_power: the step size is step × d^{−step_power}, by default $\max(1, k/2)$. walkers: runs a seed and dimension,
    whose median is taken. limit: at most limit/step × $d^{\max(1, k-1)}$ steps are made, with the largest d; a seed is
    in regime where half of its walkers arrive at every dimension.
    """
    power = max(1.0, degree / 2) if step_power is None else step_power
    told = degree if told_degree is None else told_degree
    sizes = torch.tensor([float(d) for d in dimensions], dtype=torch.float64)
    runs = (len(dimensions), len(trials), walkers)
    dimension = sizes.to(trials.device)[:, None, None]
    step_size = step * dimension**-power
    overlap = dimension.expand(runs) ** -0.5
    arrived = torch.full(runs, torch.inf, dtype=torch.float64, device=trials.device)
    steps = math.ceil(limit / step * max(dimensions) ** max(1, degree - 1))
    sources = [[generator(seed, f"samples in {d}") for seed in trials.seeds] for d in dimensions]
    moving = list(range(len(dimensions)))
    for first in trials.track(range(0, steps, BLOCK), "online descent"):
        drawn = [_draws(sources[place], dimensions[place], walkers) for place in moving]
        samples = torch.stack(drawn, 2).to(trials.device, torch.float64)
        path = _descend(overlap[moving], samples, step_size[moving], degree, linear_part)
        overlap[moving] = path[-1]
        reached = path >= target
        count = torch.where(reached.any(0), first + 1.0 + reached.byte().argmax(0), torch.inf)
        arrived[moving] = torch.minimum(arrived[moving], count)
        # The median of a dimension is known once more than half have arrived, whatever the others do.
        still = (arrived.isinf().double().mean(-1).amax(-1) >= 0.5).tolist()
        moving = [place for place in moving if still[place]]
        if not moving:
            break
    medians = arrived.median(-1).values.T.cpu()
    in_time = medians.clamp(max=steps)
    expected = _population_time(sizes, told, target)
    predicted = log_log_slope(dimensions, expected[None])
    shown = (in_time.log().mean() + (expected.log() - expected.log().mean())).exp()
    return Measurement(
        values=log_log_slope(dimensions, in_time) - predicted,
        in_regime=medians.isfinite().all(1),
        panels=Panel("Samples to find the direction", x="dimension d", y="median samples", log="xy")
        .over_seeds("measured", dimensions, in_time, middle="geometric mean")
        .line("flow of the population, scaled", dimensions, shown, role="predicted"),
        notes=[f"the predicted slope at these dimensions is {float(predicted):.3f}"],
    )


def _population_time(dimensions: Tensor, degree: int, target: float) -> Tensor:
    r"""$d^{\max(1, k/2)}\int_{d^{-1/2}}^{\text{target}} \frac{(k-1)!\,dm}{m^{k-1}(1 - m^2)}$: samples × step."""
    share = torch.linspace(0, 1, 2001, dtype=torch.float64)
    start = dimensions[:, None] ** -0.5
    m = start * (target / start) ** share
    integral = torch.trapezoid(m ** (2 - degree) / (1 - m.square()), m.log())
    return dimensions ** max(1.0, degree / 2) * math.factorial(degree - 1) * integral


def _draws(sources: list[torch.Generator], dimension: int, walkers: int) -> Tensor:
    """For each step of a block: a, z and the squared length of the rest, [3, BLOCK, seeds, walkers], float32."""
    halves = torch.full((BLOCK, walkers), (dimension - 2) / 2)
    normals = torch.stack([torch.randn((2, BLOCK, walkers), generator=source) for source in sources], 2)
    rest = torch.stack([2 * torch._standard_gamma(halves, generator=source) for source in sources], 1)
    return torch.cat([normals, rest[None]])


def _descend(overlap: Tensor, samples: Tensor, step_size: Tensor, degree: int, linear_part: float) -> Tensor:
    """The overlaps [dimensions, seeds, walkers] after each step on fresh samples [3, steps, dimensions, …]."""
    a, z, rest = samples
    value, slope = _link(a, degree, linear_part)
    pulled, across = step_size * slope, z.square() + rest
    path = []
    for step in range(len(a)):
        apart = (1 - overlap.square()).clamp_min(0).sqrt() * z[step]
        wanted, _ = _link(overlap * a[step] + apart, degree, linear_part)
        pull = pulled[step] * (wanted - value[step])
        # The gradient has no part along w, so the new w has this length before it is put back on the sphere.
        overlap = (overlap + pull * apart) / (1 + pull.square() * across[step]).sqrt()
        path.append(overlap)
    return torch.stack(path)


def _link(x: Tensor, degree: int, linear_part: float) -> tuple[Tensor, Tensor]:
    """f and its derivative: He_k/k! has the derivative He_{k−1}/(k−1)!."""
    below, here = torch.ones_like(x), x
    for order in range(1, degree):
        below, here = here, (x * here - below) / (order + 1)
    return here + linear_part * x, below + linear_part
