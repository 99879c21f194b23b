"""Which numbers a formula may name, and what stands where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from lawbook.registry.checker_source import CheckerSource, resolve_checker
from lawbook.registry.parameter_values import Unread, effective_params, scalar_values

PLAIN = """
START = 3.0
def f(trials, *, step_size: float, width: int = 32, shift: float = -0.5, shape: str = "flat", sizes=(1, 2),
      centred: bool = True, cap: float | None = None, start: float = START): ...
"""


@pytest.fixture
def plain(tiny_registry: Path) -> CheckerSource:
    (tiny_registry / "checkers/laws/plain.py").write_text(PLAIN)
    return resolve_checker(tiny_registry, "checkers.laws.plain:f")


def test_a_number_is_the_arms_else_the_signatures_literal_default(plain: CheckerSource) -> None:
    values = scalar_values(plain, {"step_size": 0.1, "shift": 2, "cap": 1.5})
    assert values.numbers == {"step_size": 0.1, "width": 32, "shift": 2, "cap": 1.5}


def test_what_is_no_number_says_what_it_is(plain: CheckerSource) -> None:
    assert scalar_values(plain, {"width": float("inf")}).others == {
        "step_size": "no value",
        "width": "no finite number",
        "shape": "text",
        "sizes": "a list",
        "centred": "true or false",
        "cap": "null",
        "start": "the default `START`, which is no literal",
    }


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), 10**400])
def test_a_number_beyond_double_precision_is_none_to_calculate_with(plain: CheckerSource, value: float) -> None:
    assert scalar_values(plain, {"width": value}).others["width"] == "no finite number"


def test_a_name_that_the_signature_does_not_take_is_no_value(plain: CheckerSource) -> None:
    values = scalar_values(plain, {"wdith": 3})
    assert "wdith" not in values.numbers | values.others


def test_effective_params_fill_in_defaults_and_keep_what_has_none_out(plain: CheckerSource) -> None:
    effective = effective_params(plain, {"width": 64})
    assert effective["width"] == 64
    assert effective["sizes"] == [1, 2]
    assert effective["start"] == Unread("START")
    assert "step_size" not in effective
