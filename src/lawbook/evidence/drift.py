r"""Where a check's estimate has drifted: the change point of a series of runs, if it has one.

The runs' estimates $x_1 \dots x_k$ under one law give sums $S_j = \sum_{i \le j} (x_i - \bar x)$. Without a change,
$\max_j |S_j| / (\sigma \sqrt k)$ is the largest excursion of a Brownian bridge, whose distribution is Kolmogorov's;
$\sigma$ is taken from the differences of neighbours, which one step among many hardly touches. The change lies where
the excursion is largest. (Page, Biometrika 41, 1954; Csörgő & Horváth, Limit Theorems in Change-Point Analysis, 1997.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import fmean

from lawbook.evidence.history import HistoryLine
from lawbook.evidence.pooling import independent_runs

FEWEST_RUNS = 10
# The chance that a book without any drift has one told, over all its checks together.
FALSE_ALARM = 0.01


class NoLibraryError(Exception):
    """SciPy, which knows Kolmogorov's distribution, is not installed."""


@dataclass(frozen=True)
class Drift:
    """A series that has changed. since: the day of the first run after the change. before, after: means of the runs."""

    since: str
    runs: int
    before: float
    after: float

    def __str__(self) -> str:
        return f"{self.before:.5g} → {self.after:.5g} since {self.since} ({self.runs} runs)"


def drifts(series: Mapping[str, Sequence[HistoryLine]], device_of: Mapping[str, str]) -> dict[str, Drift]:
    """The drifts among the checks' histories, by name; raises NoLibraryError.

    device_of: on which device each series is looked at. The chance of a false alarm is shared out among all series.
    """
    runs = {
        name: [line for line in independent_runs(lines, device_of[name]) if line.estimate is not None]
        for name, lines in series.items()
    }
    long = {name: lines for name, lines in runs.items() if len(lines) >= FEWEST_RUNS}
    if not long:
        return {}
    try:
        from scipy.special import kolmogorov
    except ImportError:
        raise NoLibraryError("drifts are found with SciPy, which is not installed") from None
    found = {}
    for name, lines in long.items():
        values = [line.estimate for line in lines if line.estimate is not None]
        excursion, place = largest_excursion(values)
        if kolmogorov(excursion) < FALSE_ALARM / len(long):
            day = lines[place].started[:10]
            found[name] = Drift(day, len(values), fmean(values[:place]), fmean(values[place:]))
    return found


def largest_excursion(values: Sequence[float]) -> tuple[float, int]:
    """The largest standardised excursion of the sums, and the place where the second part begins."""
    mean = fmean(values)
    sums = list(accumulate(value - mean for value in values))[:-1]
    place = max(range(len(sums)), key=lambda index: abs(sums[index]))
    # Of differences, twice the variance.
    scale = math.sqrt(fmean((after - before) ** 2 for before, after in pairwise(values)) / 2)
    if scale == 0:
        return 0.0, place + 1
    return abs(sums[place]) / (scale * math.sqrt(len(values))), place + 1
