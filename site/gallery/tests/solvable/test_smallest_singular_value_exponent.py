"""Does the slope follow a power that is known?"""

from __future__ import annotations

import pytest
from checkers.solvable.smallest_singular_value_exponent import exponent

from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))


def test_square_matrices_fall_and_tall_ones_grow_with_the_square_root_of_size() -> None:
    square = exponent(TRIALS, sides=(8, 16, 32), matrices=200).values
    tall = exponent(TRIALS, sides=(8, 16, 32), matrices=50, rows_per_column=4).values
    assert square == pytest.approx([-0.5] * 3, abs=0.2)
    assert tall == pytest.approx([0.5] * 3, abs=0.1)


def test_a_seed_gives_the_same_value_whichever_other_seeds_run_beside_it() -> None:
    alone = exponent(Trials(seeds=(100_001,)), sides=(2, 4), matrices=20).values
    assert exponent(TRIALS, sides=(2, 4), matrices=20).values[1] == pytest.approx(alone[0])
