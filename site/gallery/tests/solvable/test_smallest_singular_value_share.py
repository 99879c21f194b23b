"""Does the instrument count what it says, and does the count break where it should?"""

from __future__ import annotations

import pytest
from checkers.solvable.smallest_singular_value_share import share_below

from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))


def test_of_single_numbers_the_share_is_that_of_a_normal_variable() -> None:
    assert share_below(TRIALS, side=1, matrices=2000).values == pytest.approx([0.683] * 3, abs=0.04)


def test_every_matrix_lies_below_a_large_threshold_and_none_with_more_rows_below_a_small_one() -> None:
    assert share_below(TRIALS, side=8, matrices=50, threshold=1e3).values == (1, 1, 1)
    assert share_below(TRIALS, side=8, matrices=50, extra_rows=8, threshold=0.1).values == (0, 0, 0)


def test_a_seed_gives_the_same_value_whichever_other_seeds_run_beside_it() -> None:
    alone = share_below(Trials(seeds=(100_001,)), side=4, matrices=50).values
    assert share_below(TRIALS, side=4, matrices=50).values[1] == alone[0]
