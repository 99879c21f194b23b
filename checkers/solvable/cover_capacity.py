"""How many dichotomies a hyperplane through the origin can make: Cover's function counting theorem (1965)."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import torch
from scipy.optimize import linprog
from torch import Tensor

from checkers.testbeds.randomness import normal, signs
from lawbook import Measurement, Panel, Trials

Labels = Literal["random", "teacher"]


def separable_share(
    trials: Trials,
    *,
    dimension: int,
    points: int,
    draws: int,
    offset: bool = False,
    rank: int = 0,
    labels: Labels = "random",
    compared: bool = False,
) -> Measurement:
    """Share of the data sets of a seed that some hyperplane separates, each decided by a linear program.

    draws: data sets a seed. offset: the hyperplane need not pass through the origin. rank: of the points, all
    dimensions where 0. compared: minus Cover's probability.
    """
    inputs = normal(trials.seeds, (draws, points, rank or dimension), stream="inputs", dtype=torch.float64)
    if rank:
        inputs = inputs @ normal(trials.seeds, (1, rank, dimension), stream="plane", dtype=torch.float64)
    if labels == "teacher":
        teacher = normal(trials.seeds, (draws, dimension, 1), stream="teacher", dtype=torch.float64)
        targets = (inputs @ teacher)[..., 0].sign()
    else:
        targets = signs(trials.seeds, (draws, points), stream="labels", dtype=torch.float64)
    if offset:
        inputs = torch.cat([inputs, torch.ones_like(inputs[..., :1])], -1)
    signed = targets[..., None] * inputs
    shares = [
        sum(_is_separable(data) for data in of_seed) / draws for of_seed in trials.track(signed, "linear programs")
    ]
    predicted = cover_probability(points, dimension)
    mean = sum(shares) / len(shares)
    sizes = range(1, 4 * dimension + 1)
    return Measurement(
        values=[share - predicted * compared for share in shares],
        panels=Panel("Separable data sets", x="points over dimension", y="share")
        .line("measured", [points / dimension], [mean], low=[min(shares)], high=[max(shares)])
        .line(
            "Cover",
            [size / dimension for size in sizes],
            [cover_probability(size, dimension) for size in sizes],
            role="predicted",
        ),
    )


def cover_probability(points: int, dimension: int) -> float:
    """2^{1−n} Σ_{j<d} C(n − 1, j) for n points in general position in d dimensions (Cover 1965, theorem 1)."""
    return sum(math.comb(points - 1, j) for j in range(min(points, dimension))) / 2.0 ** (points - 1)


def _is_separable(signed: Tensor) -> bool:
    """Whether some w has ⟨w, x_i⟩ ≥ 1 for all rows: feasibility alone, so nothing is minimised."""
    rows = signed.numpy()
    found = linprog(np.zeros(rows.shape[1]), A_ub=-rows, b_ub=-np.ones(len(rows)), bounds=(None, None), method="highs")
    return bool(found.status == 0)
