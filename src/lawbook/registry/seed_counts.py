"""How many seeds an estimator takes before its interval is finite."""

from __future__ import annotations

from typing import Literal

FEWEST_FOR_MEAN = 3
ROUNDING = 1e-12


def fewest_seeds(estimator: Literal["mean", "median"], confidence: float) -> int:
    """The fewest seeds from which `estimator` has an interval at `confidence`, which lies between 0 and 1.

    The widest interval between order statistics of n draws, from the least to the greatest, misses the median
    with probability 2·2⁻ⁿ; the median takes the smallest n for which this is at most 1 - confidence.
    """
    if estimator == "mean":
        return FEWEST_FOR_MEAN
    seeds = 2
    while 2.0 ** (1 - seeds) > 1 - confidence + ROUNDING:
        seeds += 1
    return seeds
