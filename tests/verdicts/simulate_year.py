"""A book of true claims, measured every night of a year: how often is a law told to have fallen that has not?

`python tests/verdicts/simulate_year.py` prints the figures of the method page. Values are normal; every night draws its
own; a check looks at 8 seeds, then at 16 and 32 while it is inconclusive, as the engine does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from lawbook.verdicts.spending import error_at_look, look_sizes

CLAIMS, NIGHTS, SEEDS, LIMIT, CONFIDENCE = 100, 365, 8, 32, 0.95
PASS, FAIL, UNSURE = 0, 1, 2
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Year:
    """Per book and year: how often `fail` became news, any outcome did, and how many second measurements it took.

    pooled: nights' means pooled so far: the mean reach of the interval at the year's end against one night's, how many
    claims' interval then misses the truth, and how many claims' pooled interval lay wholly outside the region on some
    night.
    """

    fails: float
    changes: float
    repeats: float
    reach: float
    missed: float
    outside: float


def simulate(margin: float, width: float, *, confirm: bool, books: int, seed: int) -> Year:
    """A year of a book. margin: how far the truth lies inside its region's nearer end; width: of the region; both in
    standard errors of 8 seeds.
    """
    source = np.random.default_rng(seed)
    unit = 1 / np.sqrt(SEEDS)
    low, high = -margin * unit, (width - margin) * unit
    claims = CLAIMS * books
    standing = _judge(source, claims, low, high)[0]
    fails = changes = repeats = 0
    count, sums, squares = np.zeros(claims), np.zeros(claims), np.zeros(claims)
    outside = np.zeros(claims, dtype=bool)
    single = 2.365 * unit
    reach = np.zeros(claims)
    for _ in range(NIGHTS):
        found, number, total, square = _judge(source, claims, low, high)
        changed = found != standing
        if confirm:
            second = _judge(source, claims, low, high)[0]
            news = changed & (second == found)
            repeats += int(changed.sum())
        else:
            news = changed
        after = np.where(news, found, standing)
        fails += int((news & (found == FAIL)).sum())
        changes += int(news.sum())
        standing = after
        count, sums, squares = count + number, sums + total, squares + square
        mean = sums / count
        error = np.sqrt((squares - count * mean**2) / (count - 1) / count)
        reach = t.ppf((1 + CONFIDENCE) / 2, count - 1) * error
        outside |= (mean + reach < low) | (mean - reach > high)
    missed = np.abs(sums / count) > reach
    per_book = 1 / books
    return Year(
        fails * per_book,
        changes * per_book,
        repeats * per_book,
        float(reach.mean() / single),
        float(missed.sum()) * per_book,
        float(outside.sum()) * per_book,
    )


def _judge(source: np.random.Generator, claims: int, low: float, high: float) -> tuple[Whole, Whole, Floats, Floats]:
    """Outcomes of one night; and of each claim how many seeds were looked at, their sum and sum of squares."""
    looks = look_sizes(SEEDS, LIMIT, "mean")
    values = source.normal(size=(claims, LIMIT))
    outcome = np.full(claims, UNSURE)
    used = np.full(claims, looks[-1])
    open_ = np.ones(claims, dtype=bool)
    for look, size in enumerate(looks):
        seen = values[:, :size]
        mean = seen.mean(1)
        error = error_at_look(CONFIDENCE, look, len(looks))
        reach = t.ppf(1 - error / 2, size - 1) * seen.std(1, ddof=1) / np.sqrt(size)
        inside = (mean - reach >= low) & (mean + reach <= high)
        apart = (mean + reach < low) | (mean - reach > high)
        outcome[open_ & inside], outcome[open_ & apart] = PASS, FAIL
        used[open_ & (inside | apart)] = size
        open_ &= ~(inside | apart)
    mask = np.arange(LIMIT) < used[:, None]
    return outcome, used, (values * mask).sum(1), (values**2 * mask).sum(1)


CASES = {
    "at the very end of its region": 0.0,
    "one standard error inside": 1.0,
    "three inside": 3.0,
    "five inside": 5.0,
}


def table(books: int = 10) -> list[str]:
    """The rows of the method page's table."""
    rows = []
    for name, margin in CASES.items():
        alone = simulate(margin, 10.0, confirm=False, books=books, seed=1)
        twice = simulate(margin, 10.0, confirm=True, books=books, seed=1)
        rows.append(
            f"| {name} | {alone.fails:.1f} | {twice.fails:.1f} | {alone.changes:.0f} | {twice.changes:.0f} | "
            f"{twice.repeats:.0f} | {twice.reach:.3f} | {twice.missed:.1f} | {twice.outside:.1f} |"
        )
    return rows


if __name__ == "__main__":
    print("\n".join(table()))
