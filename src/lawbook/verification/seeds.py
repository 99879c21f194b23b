"""Which seeds a run takes: a base names a block of its own, so that two bases share no seed."""

from __future__ import annotations

from datetime import date

# More than any check may ask for, and a night's base may be its date: 20261124 begins at 20,261,124,000,000.
SEEDS_PER_BASE = 1_000_000
# What a run may be given. The bases above are for its second measurements, which so meet no other run's seeds.
LARGEST_BASE = 999_999_999
# Integers beyond 2**53 are not exact to every reader of JSON; twice the bases stay far below.
FIRST_CONFIRMING_BASE = LARGEST_BASE + 1
# Of the block of base 0, for looking around: no verdict is ever taken from them.
FIRST_EXPLORATORY_SEED = 100_000


def base_of_night(day: date) -> int:
    """The base of the night that begins on a day: 20261124."""
    return day.year * 10_000 + day.month * 100 + day.day


def confirming_base(base: int) -> int:
    """Where a run of that base measures once more what came out otherwise than before."""
    return base + FIRST_CONFIRMING_BASE
