"""How likely a check decides: what the spread of some seeds says of a region, by the check's own rule.

Experiments are imagined: as many seeds as the rule takes at each look, drawn from a normal distribution of that spread,
judged by the engine's own intervals, looks and errors. So doubling counts, and so does the share of the error that
each look may spend. Real values with heavier tails than the normal's decide later.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from lawbook.registry.expectation import Interval
from lawbook.verdicts.estimate import estimate
from lawbook.verdicts.judgement import Rule
from lawbook.verdicts.spending import error_at_look

MOST_EXPERIMENTS, FEWEST_EXPERIMENTS = 1000, 200
# Of all imagined experiments together, so that a check of thousands of seeds is answered in a second as well.
MOST_DRAWS = 400_000


@dataclass(frozen=True)
class Chances:
    """With which probability a check would pass and fail; the rest is inconclusive at its last look."""

    passes: float
    fails: float

    @property
    def decides(self) -> float:
        return self.passes + self.fails


class Imagined:
    """Imagined experiments under a rule, their values normal with mean 0 and standard deviation 1."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        most = rule.looks[-1]
        count = max(FEWEST_EXPERIMENTS, min(MOST_EXPERIMENTS, MOST_DRAWS // most))
        source = random.Random(0)
        self._experiments = [_intervals([source.gauss(0.0, 1.0) for _ in range(most)], rule) for _ in range(count)]

    def chances(self, centre: float, spread: float, region: Interval) -> Chances:
        """What becomes of values around `centre` of standard deviation `spread` under an acceptance region."""
        passes = fails = 0
        for intervals in self._experiments:
            for low, high in intervals:
                low, high = centre + spread * low, centre + spread * high
                if region[0] <= low and high <= region[1]:
                    passes += 1
                    break
                # Each seed on its own: whatever is no pass is a fail.
                if high < region[0] or region[1] < low or self._rule.estimator == "every":
                    fails += 1
                    break
        count = len(self._experiments)
        return Chances(passes / count, fails / count)

    def half_width(self, spread: float, probability: float) -> float:
        """The w for which a region of ± w around the truth passes with that probability."""
        reaches = sorted(min(max(abs(low), abs(high)) for low, high in intervals) for intervals in self._experiments)
        return spread * reaches[math.ceil(probability * len(reaches)) - 1]


def _intervals(values: Sequence[float], rule: Rule) -> list[Interval]:
    found: list[Interval] = []
    for look, seeds in enumerate(rule.looks):
        error = error_at_look(rule.confidence, look, len(rule.looks))
        estimated = estimate(values[:seeds], rule.estimator, error)
        found.append(estimated.interval if estimated else (-math.inf, math.inf))
    return found
