"""Estimates of an observable over seeds, with confidence intervals.

- mean: Student's t interval, exact for normal values; - median: the order-statistic interval [x_(k),
x_(n+1-k)], whose coverage is at least 1 - 2 P(Bin(n, 1/2) < k) for every distribution, however heavy its
tails (k is the largest that reaches the confidence); - every: no inference; the interval is the range of the
values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from lawbook.registry.models import Estimator

FEWEST_FOR_MEAN = 3
# 1 - 0.95 is not 0.05 in binary; without this much slack an exact bound would be missed by a rounding error.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Estimate:
    """An estimate and its interval; a point where all values are exactly equal."""

    value: float
    interval: tuple[float, float]


def estimate(values: Sequence[float], estimator: Estimator, error: float) -> Estimate | None:
    """The estimate from finite values, its interval missing the truth with probability at most `error`.

    None where there are too few values for an interval at that error.
    """
    if len(values) < fewest_values(estimator, error):
        return None
    if estimator == "mean":
        return _mean(values, error)
    if estimator == "median":
        return _median(values, error)
    return Estimate(_average(values), (min(values), max(values)))


def standard_error(values: Sequence[float], estimator: Estimator) -> float | None:
    """The standard error of the mean of finite values; None for other estimators, and for fewer than two."""
    if estimator != "mean" or len(values) < 2:
        return None
    mean = _average(values)
    scale = max(abs(value - mean) for value in values)
    if scale == 0 or math.isinf(scale):
        return scale
    squares = math.fsum(((value - mean) / scale) ** 2 for value in values)
    return scale * math.sqrt(squares / (len(values) - 1) / len(values))


def fewest_values(estimator: Estimator, error: float) -> int:
    """How many values the estimator's interval takes at an error."""
    if estimator == "median":
        # [x_(1), x_(n)] misses the median with probability 2^(1-n), and none does better.
        return max(1, math.ceil(1 - math.log2(error) - ROUNDING))
    return FEWEST_FOR_MEAN if estimator == "mean" else 1


def _average(values: Sequence[float]) -> float:
    """The mean, exact for equal values and free of overflow."""
    if min(values) == max(values):
        return values[0]
    scale = max(abs(value) for value in values)
    return scale * (math.fsum(value / scale for value in values) / len(values))


def _mean(values: Sequence[float], error: float) -> Estimate:
    mean = _average(values)
    if min(values) == max(values):
        return Estimate(mean, (mean, mean))
    count = len(values)
    deviations = [value - mean for value in values]
    scale = max(abs(deviation) for deviation in deviations)
    if math.isinf(scale):
        return Estimate(mean, (-math.inf, math.inf))
    variance = math.fsum((deviation / scale) ** 2 for deviation in deviations) / (count - 1)
    half = _t_quantile(count - 1, error) * scale * math.sqrt(variance / count)
    return Estimate(mean, (mean - half, mean + half))


@cache
def _t_quantile(freedom: int, error: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1 - error / 2))


def _median(values: Sequence[float], error: float) -> Estimate:
    ordered = sorted(values)
    count = len(ordered)
    middle = count // 2
    lower, upper = ordered[(count - 1) // 2], ordered[middle]
    rank = _median_rank(count, error)
    value = lower if lower == upper else lower / 2 + upper / 2
    return Estimate(value, (ordered[rank - 1], ordered[count - rank]))


@cache
def _median_rank(count: int, error: float) -> int:
    """The largest k with 2 P(Bin(count, 1/2) < k) <= error; at least 1, as the caller has enough values."""
    rank, below = 0, 0
    while True:
        below += math.comb(count, rank)
        if 2 * below / 2**count > error * (1 + ROUNDING):
            return max(rank, 1)
        rank += 1
