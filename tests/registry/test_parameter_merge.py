"""A control's params lie over its tier's, and settings merge one field at a time."""

from __future__ import annotations

import pytest

from lawbook.registry.models import Check
from lawbook.registry.parameter_merge import dotted, merge_params, undotted

TIER = {"steps": 10, "setting": {"width": 32, "hidden": [32, 32]}}


def test_fields_merge_one_by_one_and_lists_are_replaced_whole() -> None:
    merged = merge_params(TIER, {"setting": {"hidden": [8]}}, None, {"steps": 20})
    assert merged == {"steps": 20, "setting": {"width": 32, "hidden": [8]}}


def test_what_is_merged_is_left_as_it_was() -> None:
    merge_params(TIER, {"setting": {"width": 1}})["setting"]["hidden"] = []
    assert TIER == {"steps": 10, "setting": {"width": 32, "hidden": [32, 32]}}


def test_a_controls_own_tier_lies_over_the_control_over_the_checks_tier() -> None:
    check = Check.model_validate(
        {
            "name": "x",
            "checker": "checkers.laws.example:f",
            "observable": "x",
            "expect": {"at_least": 0},
            "because": "y",
            "quick": {"seeds": 8, "timeout": 60, "params": {"setting": {"width": 1, "depth": 1, "rate": 1}}},
            "controls": [
                {
                    "name": "c",
                    "why": "z",
                    "params": {"setting": {"depth": 2, "rate": 2}},
                    "quick": {"setting": {"rate": 3}},
                    "full": {"setting": {"rate": 4}},
                }
            ],
        }
    )
    assert check.control_params(check.controls[0], "quick") == {"setting": {"width": 1, "depth": 2, "rate": 3}}


@pytest.mark.parametrize("params", [TIER, {}, {"setting": {}}, {"a": None, "b": {"c": None}}])
def test_dotted_names_and_back(params: dict[str, object]) -> None:
    assert undotted(dotted(params)) == params


def test_a_field_has_its_dotted_name() -> None:
    assert dotted(TIER) == {"steps": 10, "setting.width": 32, "setting.hidden": [32, 32]}
