"""A region follows its formulas: where they have values it is an interval, elsewhere the reason is told."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lawbook.registry.expectation import Expectation
from lawbook.registry.formulas import FormulaError

AT = {"step_size": 0.4, "share": 0.1, "zero": 0.0}


def region(at: Any = AT, **expect: Any) -> tuple[float, float]:
    return Expectation.model_validate(expect).region(at)


@pytest.mark.parametrize(
    ("expect", "wanted"),
    [
        ({"equals": 1.0, "within": 0.25}, (0.75, 1.25)),
        ({"equals": "2 / step_size", "within": "15 %"}, (4.25, 5.75)),
        ({"equals": "2 / step_size", "within": ["-3 %", "15 %"]}, (4.85, 5.75)),
        ({"equals": "2 / step_size", "within": [0, "step_size"]}, (5.0, 5.4)),
        ({"equals": "-2 / step_size", "within": "10 %"}, (-5.5, -4.5)),
        ({"equals": 2, "within": "share"}, (1.9, 2.1)),
        ({"equals": 2, "within": "100 * share %"}, (1.8, 2.2)),
        ({"between": ["step_size", "2 * step_size"]}, (0.4, 0.8)),
        ({"at_most": "step_size"}, (-math.inf, 0.4)),
        ({"at_least": "1 - step_size"}, (0.6, math.inf)),
    ],
)
def test_a_region_has_the_ends_that_its_formulas_give(expect: Any, wanted: tuple[float, float]) -> None:
    assert region(**expect) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    ("expect", "word"),
    [
        ({"equals": 1, "within": 0}, "more than 0"),
        ({"equals": 1, "within": -0.5}, "more than 0"),
        ({"equals": 0, "within": "15 %"}, "more than 0"),
        ({"equals": 1, "within": [0.1, 0.2]}, "leaves the prediction itself out"),
        ({"equals": 1, "within": [0, 0]}, "no region"),
        ({"equals": 1, "within": [-0.1, 0.1, 0.2]}, "not 3 items"),
        ({"equals": 1e300, "within": 1e-9}, "no region"),
        ({"between": [2, 1]}, "empty or a point"),
        ({"between": [1, 1]}, "empty or a point"),
        ({"equals": True, "within": 1}, "not true or false"),
        ({"equals": None, "within": 1}, "exactly one"),
        ({"at_most": math.inf}, "finite"),
        ({"at_most": math.nan}, "finite"),
        ({"at_most": 10**400}, "finite"),
        ({"at_most": [1]}, "not a list"),
        ({"equals": 1}, "go together"),
        ({"within": 1}, "exactly one"),
        ({"equals": 1, "within": 1, "at_most": 2}, "exactly one"),
        ({}, "exactly one"),
    ],
)
def test_what_is_no_region_is_refused_before_anything_runs(expect: Any, word: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Expectation.model_validate(expect)
    assert word in str(refused.value)


@pytest.mark.parametrize(
    "expect",
    [
        {"equals": "1 / zero", "within": 1},
        {"equals": "zero", "within": "15 %"},
        {"between": ["step_size", "share"]},
        {"at_most": "unheard"},
    ],
)
def test_a_formula_that_gives_no_region_somewhere_says_so_there(expect: Any) -> None:
    with pytest.raises(FormulaError):
        region(**expect)


def test_an_expectation_reads_as_it_was_written() -> None:
    for expect, said in (
        ({"equals": "2 / step_size", "within": ["-3 %", "15 %"]}, "2 / step_size, within [-3 %, 15 %]"),
        ({"equals": 1.0, "within": 0.05}, "1 ± 0.05"),
        ({"between": [0, "width"]}, "between 0 and width"),
        ({"at_most": 0.05}, "at most 0.05"),
        ({"at_least": 3}, "at least 3"),
    ):
        assert str(Expectation.model_validate(expect)) == said


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3))
def test_a_plain_number_and_a_formula_of_it_give_one_region(centre: float, width: float) -> None:
    written = region(equals=centre, within=width)
    computed = region({"a": centre, "b": width}, equals="a", within="b")
    assert written == computed == (centre - width, centre + width)
