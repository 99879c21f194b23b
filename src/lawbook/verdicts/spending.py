"""When a check looks at its seeds, and how much of its error it may spend at each look.

While inconclusive, seeds double: n, 2n, 4n, … up to a limit. Looking again and again at growing data would
err more often than the stated confidence allows, so the error alpha = 1 - confidence is split over the looks:
look k gets alpha · 0.8 · 0.2^(k-1), the last look what remains. By the union bound the chance that any
interval misses is at most alpha, whatever the looks have in common. The split is front-loaded so that the
first look, at which most checks end, keeps an interval nearly as short as without doubling, and so that the
fewest seeds that the median takes at 0.95 and 0.99 (6 and 8) still give it an interval there: 2^(1-6) < 0.8 ·
0.05 and 2^(1-8) < 0.8 · 0.01.
"""

from __future__ import annotations

from lawbook.registry.models import Estimator

FIRST_SHARE = 0.8


def look_sizes(seeds: int, limit: int, estimator: Estimator) -> tuple[int, ...]:
    """How many seeds in all each look sees; one look where the limit is `seeds`, or each seed is judged by
    itself.
    """
    if estimator == "every":
        return (seeds,)
    sizes = [seeds]
    while sizes[-1] < limit:
        sizes.append(min(2 * sizes[-1], limit))
    return tuple(sizes)


def error_at_look(confidence: float, look: int, looks: int) -> float:
    """The error that look number `look` (from 0) of `looks` may spend; over all looks they sum to 1 -
    confidence.
    """
    rest: float = (1 - FIRST_SHARE) ** look
    share = rest if look == looks - 1 else FIRST_SHARE * rest
    return (1 - confidence) * share
