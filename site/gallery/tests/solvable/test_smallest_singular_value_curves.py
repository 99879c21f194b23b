"""Is the distance that of its definition, and large where the law is another?"""

from __future__ import annotations

import pytest
from checkers.solvable.smallest_singular_value_curves import distance_to_the_law

from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))


def test_one_draw_is_half_or_more_away_from_any_smooth_law() -> None:
    assert min(distance_to_the_law(TRIALS, side=4, matrices=1).values) >= 0.5


def test_the_law_of_the_other_entries_is_far_away_both_ways() -> None:
    complex_draws = distance_to_the_law(TRIALS, side=16, matrices=500, complex_entries=True).values
    complex_law = distance_to_the_law(TRIALS, side=16, matrices=500, law="complex").values
    assert min(*complex_draws, *complex_law) > 0.1


def test_a_seed_gives_the_same_value_whichever_other_seeds_run_beside_it() -> None:
    alone = distance_to_the_law(Trials(seeds=(100_001,)), side=4, matrices=20).values
    assert distance_to_the_law(TRIALS, side=4, matrices=20).values[1] == pytest.approx(alone[0])
