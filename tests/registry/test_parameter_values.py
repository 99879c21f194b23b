"""Which numbers a formula may name, and what stands where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from lawbook.registry.checker_source import CheckerSource, resolve_checker
from lawbook.registry.literals import Unread
from lawbook.registry.parameter_values import effective_params, scalar_values

PLAIN = """
START = 3.0
def f(trials, *, step_size: float, width: int = 32, shift: float = -0.5, shape: str = "flat",
      sizes: tuple[int, ...] = (1, 2), centred: bool = True, cap: float | None = None, start: float = START): ...
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


SETTING = """
from dataclasses import dataclass
@dataclass(frozen=True)
class Setting:
    rate: float
    width: int = 32
    hidden: tuple[int, ...] = (16, 16)
    labels: str = "true"
def required(trials, *, setting: Setting): ...
def given(trials, *, setting: Setting = Setting(rate=0.5, width=64)): ...
"""


@pytest.fixture
def root(tiny_registry: Path) -> Path:
    (tiny_registry / "checkers/laws/task.py").write_text(SETTING)
    return tiny_registry


def test_a_field_is_the_arms_else_the_signatures_else_the_dataclasses(root: Path) -> None:
    source = resolve_checker(root, "checkers.laws.task:given")
    assert scalar_values(source, {}).numbers == {"setting.rate": 0.5, "setting.width": 64}
    assert scalar_values(source, {"setting": {"width": 8}}).numbers == {
        "setting.rate": 0.5,
        "setting.width": 8,
    }
    source = resolve_checker(root, "checkers.laws.task:required")
    assert scalar_values(source, {"setting": {"rate": 1}}).numbers == {"setting.rate": 1, "setting.width": 32}


def test_fields_that_are_no_numbers_say_what_they_are(root: Path) -> None:
    source = resolve_checker(root, "checkers.laws.task:required")
    assert scalar_values(source, {"setting": {}}).others == {
        "setting": "a setting; name one of its fields",
        "setting.rate": "no value",
        "setting.hidden": "a list",
        "setting.labels": "text",
    }
    assert set(scalar_values(source, {}).others.values()) == {"no value"}


def test_effective_params_hold_every_field_of_a_setting(root: Path) -> None:
    source = resolve_checker(root, "checkers.laws.task:given")
    assert effective_params(source, {"setting": {"hidden": [1]}}) == {
        "setting": {"rate": 0.5, "width": 64, "hidden": [1], "labels": "true"}
    }
