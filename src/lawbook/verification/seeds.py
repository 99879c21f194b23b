"""Which seeds a run takes: a base names a block of its own, so that two bases share no seed."""

from __future__ import annotations

# More than any check may ask for, and a night's base may be its date: 20261124 begins at 20,261,124,000,000.
SEEDS_PER_BASE = 1_000_000
# Integers beyond 2**53 are not exact to every reader of JSON.
LARGEST_BASE = 2**53 // SEEDS_PER_BASE - 1
# Of the block of base 0, for looking around: no verdict is ever taken from them.
FIRST_EXPLORATORY_SEED = 100_000
