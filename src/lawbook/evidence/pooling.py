r"""Nights pooled: one estimate and interval a check, over all its independent runs under one law.

Runs of one definition and one code on seeds of their own are repetitions of one experiment. With $n_i$ seeds of mean
$x_i$ and standard error $s_i$ in run $i$, the seeds share one variance, so that
$\hat\sigma^2 = \sum (n_i - 1) n_i s_i^2 / \sum (n_i - 1)$, the pooled mean is $\bar x = \sum n_i x_i / \sum n_i$, its
standard error $\hat\sigma / \sqrt{\sum n_i}$, and Student's interval with $\sum (n_i - 1)$ degrees of freedom is exact
for normal values. Where the runs scatter more than their own spread allows, the standard error is scaled up by
$S = \sqrt{\chi^2 / (k - 1)}$, $\chi^2 = \sum n_i (x_i - \bar x)^2 / \hat\sigma^2$, if that exceeds one, as the Particle
Data Group does (Review of Particle Physics, Introduction, 5.2.2).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, StatisticsError

from lawbook.evidence.history import HistoryLine

# How sure one must be that runs disagree before it is told as a finding.
SURE_OF_SCATTER = 0.99
# A year of nights has thousands of degrees of freedom, of which each step of the bisection would take a sum.
ENOUGH_FOR_SERIES, FARTHEST_FOR_SERIES = 200, 4.0


@dataclass(frozen=True)
class Pooled:
    """The pooled mean and its interval. runs, seeds: how many went in. since: the first one's day.

    scale: by what the scatter between runs has widened the interval; 1 where it has not. is_scattered: whether the
    runs disagree by more than chance allows.
    """

    estimate: float
    standard_error: float
    interval: tuple[float, float]
    runs: int
    seeds: int
    since: str
    scale: float
    is_scattered: bool

    def scatter(self) -> str:
        """What to say of the runs' scatter beyond what their own spread allows; nothing where there is none."""
        if self.scale > 1:
            beyond = "more than chance does" if self.is_scattered else "as chance may"
            return (
                f"they scatter {self.scale:.2g} times as much as their own spread allows, {beyond}, "
                "and the interval is so much wider"
            )
        return "they disagree, though within each no seed does" if self.is_scattered else ""


def pool(lines: Sequence[HistoryLine], device: str, confidence: float) -> Pooled | None:
    """The runs of a check at one tier on a device since its law last changed, as one measurement.

    lines: its history, oldest first. None where fewer than two runs give a mean with a standard error, or their numbers
    are too large or too sure to be pooled.
    """
    runs = independent_runs(lines, device)
    told = [
        (line.seeds, line.estimate, line.error)
        for line in runs
        if line.estimate is not None and line.error is not None and line.seeds > 1
    ]
    if len(told) < 2 or len(told) < len(runs):
        return None
    try:
        pooled = _pooled(told, runs[0].started[:10], confidence)
    except (OverflowError, StatisticsError):
        return None
    return pooled if all(map(math.isfinite, (pooled.estimate, *pooled.interval))) else None


def _pooled(told: Sequence[tuple[int, float, float]], since: str, confidence: float) -> Pooled:
    """told: of each run the seeds, the mean and its standard error."""
    seeds = sum(number for number, _, _ in told)
    freedom = seeds - len(told)
    values = {value for _, value, _ in told}
    # A sum of equal values divided by their number need not be that value.
    mean = values.pop() if len(values) == 1 else math.fsum(number * value for number, value, _ in told) / seeds
    within = math.fsum((number - 1) * number * error**2 for number, _, error in told) / freedom
    between = math.fsum(number * (value - mean) ** 2 for number, value, _ in told) / (len(told) - 1)
    ratio = between / within if within else (math.inf if between else 0.0)
    scale = max(1.0, math.sqrt(ratio)) if math.isfinite(ratio) else 1.0
    # Values that do not vary within a run have no spread to compare with; that between runs is all there is.
    error = scale * math.sqrt(within / seeds) if within else math.sqrt(between / seeds)
    reach = student_quantile((1 + confidence) / 2, freedom if within else len(told) - 1) * error
    return Pooled(
        estimate=mean,
        standard_error=error,
        interval=(mean - reach, mean + reach),
        runs=len(told),
        seeds=seeds,
        since=since,
        scale=scale,
        is_scattered=ratio > 1 and _chance_of_ratio(ratio, len(told) - 1, freedom) < 1 - SURE_OF_SCATTER,
    )


def independent_runs(lines: Iterable[HistoryLine], device: str) -> list[HistoryLine]:
    """The runs under the newest law, oldest first: of each seed base the newest; an error or a void proves nothing."""
    runs: dict[int, HistoryLine] = {}
    law = ""
    for line in lines:
        if line.device != device or line.outcome in ("error", "void") or not line.law:
            continue
        if line.law != law:
            runs.clear()
            law = line.law
        runs.pop(line.seed_base, None)
        runs[line.seed_base] = line
    return list(runs.values())


def student_quantile(probability: float, freedom: int) -> float:
    """Student's t quantile for a probability of one half or more: by bisection, or a series where that is long."""
    normal = NormalDist().inv_cdf(probability)
    if freedom >= ENOUGH_FOR_SERIES and normal < FARTHEST_FOR_SERIES:
        return _by_series(normal, freedom)
    low, high = normal, normal
    while _student_upper(high, freedom) > 1 - probability:
        low, high = high, 2 * high + 1
    for _ in range(80):
        middle = (low + high) / 2
        if _student_upper(middle, freedom) > 1 - probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _by_series(normal: float, freedom: int) -> float:
    """The quantile from the normal one, by the expansion of Abramowitz & Stegun 26.7.5; to nine digits from 200 on."""
    square = normal**2
    terms = (
        (square + 1) / 4,
        (5 * square**2 + 16 * square + 3) / 96,
        (3 * square**3 + 19 * square**2 + 17 * square - 15) / 384,
        (79 * square**4 + 776 * square**3 + 1482 * square**2 - 1920 * square - 945) / 92160,
    )
    return normal * (1 + math.fsum(term / freedom**power for power, term in enumerate(terms, start=1)))


def _student_upper(value: float, freedom: int) -> float:
    """P(T > value) for a value ≥ 0: the finite sums of Abramowitz & Stegun 26.7.3 and 26.7.4."""
    angle = math.atan2(value, math.sqrt(freedom))
    square = math.cos(angle) ** 2
    if freedom % 2:
        term = total = math.cos(angle) if freedom > 1 else 0.0
        for number in range(3, freedom, 2):
            term *= square * (number - 1) / number
            total += term
        inside = 2 / math.pi * (angle + math.sin(angle) * total)
    else:
        term = total = 1.0
        for number in range(2, freedom, 2):
            term *= square * (number - 1) / number
            total += term
        inside = math.sin(angle) * total
    return (1 - inside) / 2


def _chance_of_ratio(ratio: float, above: int, below: int) -> float:
    """P(F > ratio) by Paulson's normal approximation (Ann. Math. Stat. 13, 1942), good to a few per mille."""
    if math.isinf(ratio):
        return 0.0
    root = ratio ** (1 / 3)
    over, under = 2 / (9 * above), 2 / (9 * below)
    return NormalDist().cdf(-(root * (1 - under) - (1 - over)) / math.sqrt(root**2 * under + over))
