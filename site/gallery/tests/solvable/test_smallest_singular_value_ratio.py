"""Is the theory's number right, and does the ratio leave one where the law does not hold?"""

from __future__ import annotations

import math

import pytest
from checkers.solvable.smallest_singular_value_ratio import mean_of_the_law, ratio_to_theory

from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))


def test_the_integral_agrees_with_its_closed_form() -> None:
    tail = math.erfc(1 / math.sqrt(2)) / 2  # the normal variable's beyond one
    assert mean_of_the_law() == pytest.approx(2 - 2 * math.sqrt(2 * math.pi * math.e) * tail, rel=1e-6)


def test_of_single_numbers_the_mean_square_is_one() -> None:
    values = ratio_to_theory(TRIALS, side=1, matrices=4000, theory="complex").values
    assert values == pytest.approx([1] * 3, abs=0.1)


def test_a_further_row_multiplies_the_ratio() -> None:
    assert min(ratio_to_theory(TRIALS, side=8, matrices=300, extra_rows=1).values) > 2
