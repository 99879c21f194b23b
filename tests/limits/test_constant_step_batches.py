"""Tuned constant steps on a spectrum: the exact recursion says what a batch size costs, and the hyperbola roughly."""

from __future__ import annotations

import pytest

from checkers.limits.constant_step_batches import WHOLE, Problem, steps_error, trade_off_product
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_003)))
SMALL = Problem(dimension=8, end=0.3)


def test_the_recursion_gives_the_tuned_steps() -> None:
    found = steps_error(TRIALS, batch_sizes=[8], problem=SMALL)
    assert max(found.values) < 0.1
    assert all(found.in_regime or ())


def test_it_is_told_a_noise_level() -> None:
    assert min(steps_error(TRIALS, batch_sizes=[8], problem=Problem(dimension=8, end=0.3, noise=2.0)).values) > 0.5


def test_without_noise_one_curvature_takes_one_step() -> None:
    steps, step_size = Problem(exponent=0.0, dimension=4, end=0.5).tuned(WHOLE)
    assert steps < 1
    assert step_size == pytest.approx(1.0, rel=0.2)


def test_the_law_holds_where_it_is_derived() -> None:
    problem = Problem(exponent=0.0, dimension=8, end=0.2)
    found = trade_off_product(TRIALS, batch_sizes=[16, 64], rule="best at each step", share=0.05, problem=problem)
    assert sum(found.values) / 3 == pytest.approx(1.0, abs=0.1)


def test_one_step_size_for_all_leaves_no_trade_off() -> None:
    assert min(trade_off_product(TRIALS, batch_sizes=[16], rule="of single examples", problem=SMALL).values) > 5
