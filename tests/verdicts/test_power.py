"""How likely a check decides, against what theory says of it."""

from __future__ import annotations

import math

import pytest

from lawbook.verdicts.judgement import Rule
from lawbook.verdicts.power import Imagined


def rule(*looks: int, estimator: str = "mean") -> Rule:
    return Rule((-1.0, 1.0), 0.95, estimator, looks)  # type: ignore[arg-type]


def test_the_width_that_is_decided_is_that_of_normal_theory() -> None:
    # Passing takes |mean| + 1.96 σ/√n ≤ w, and |mean| stays below 1.645 σ/√n nine times in ten.
    expected = (1.645 + 1.96) * 3.0 / math.sqrt(400)
    assert Imagined(rule(400)).half_width(3.0, 0.9) == pytest.approx(expected, rel=0.05)


def test_doubling_decides_what_one_look_leaves_open() -> None:
    once, doubled = Imagined(rule(16)), Imagined(rule(16, 32, 64))
    region = (-0.6, 0.6)
    assert once.chances(0.0, 1.0, region).decides < 0.7
    assert doubled.chances(0.0, 1.0, region).decides > 0.9


def test_a_truth_at_the_border_passes_hardly_ever_and_one_outside_fails() -> None:
    imagined = Imagined(rule(8, 16, 32))
    border = imagined.chances(0.5, 0.1, (-0.5, 0.5))
    assert border.passes < 0.06
    assert border.fails < 0.06
    assert imagined.chances(2.0, 0.1, (-0.5, 0.5)).fails == 1.0


def test_open_ends_and_medians_are_judged_too() -> None:
    median = Imagined(rule(16, 32, estimator="median"))
    assert median.chances(0.0, 1.0, (-2.0, math.inf)).passes > 0.95
    assert 0.0 < median.half_width(1.0, 0.5) < median.half_width(1.0, 0.9)


def test_where_each_seed_is_judged_a_pass_takes_all_of_them() -> None:
    every = Imagined(rule(8, estimator="every"))
    chances = every.chances(0.0, 1.0, (-1.96, 1.96))
    assert chances.decides == 1.0
    assert chances.passes == pytest.approx(0.95**8, abs=0.04)
