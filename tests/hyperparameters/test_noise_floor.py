"""The loss that gradient noise holds up, on few directions."""

import pytest

from checkers.hyperparameters.noise_floor import floor_ratio
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = {"components": 4, "settled": 400, "steps": 2400}


def test_under_the_rule_the_floor_stays_and_exact_theory_says_by_how_much_it_moves() -> None:
    assert floor_ratio(TRIALS, **SMALL).values == pytest.approx((1.05, 1.05), abs=0.05)
    exact = floor_ratio(TRIALS, expected="exact", step_size=0.02, **SMALL).values
    assert exact == pytest.approx((1.0, 1.0), abs=0.04)
    assert min(floor_ratio(TRIALS, step_size=0.02, **SMALL).values) > 1.15


def test_other_rules_lower_the_floor_by_what_they_leave_out() -> None:
    assert floor_ratio(TRIALS, rule="constant", **SMALL).values == pytest.approx((1 / 8, 1 / 8), rel=0.15)
    root = 8**-0.5
    assert floor_ratio(TRIALS, rule="square-root", **SMALL).values == pytest.approx((root, root), rel=0.15)
