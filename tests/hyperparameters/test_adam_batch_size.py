"""Under dominant noise the square-root rule keeps Adam's curve, and other rules do not."""

from __future__ import annotations

from checkers.hyperparameters.adam_batch_size import curve_distance
from lawbook import Trials

TRIALS = Trials((100001, 100002))
GIVEN = {"noise": 8.0, "step_size": 0.012, "steps": 640, "dimension": 4, "replicas": 128}


def test_the_square_root_rule_keeps_the_curve_and_others_move_it() -> None:
    rule, linear, constant = (
        max(curve_distance(TRIALS, **GIVEN, rule=rule).values) for rule in ("square-root", "linear", "constant")
    )
    assert rule < 0.4
    assert min(linear, constant) > 0.8


def test_a_floor_that_is_left_as_it_was_slows_the_larger_batch() -> None:
    given = {**GIVEN, "epsilon": 3.0}
    rescaled, kept = (max(curve_distance(TRIALS, **given, floor=floor).values) for floor in ("rescaled", "kept"))
    assert rescaled < 0.4 < kept


def test_two_runs_of_one_batch_size_are_one_run() -> None:
    assert max(curve_distance(TRIALS, **GIVEN, factor=1).values) == 0.0
