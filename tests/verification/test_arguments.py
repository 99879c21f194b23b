"""Params are judged by the checker's own annotations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from lawbook.verification.arguments import ArgumentError, bind_params


def measure(
    trials: object,
    *,
    step_size: float,
    width: int = 32,
    activation: Literal["relu", "tanh"] = "relu",
    widths: tuple[int, ...] = (),
    share: Annotated[float, Field(le=1)] = 0.5,
) -> None:
    """A signature."""


def test_whole_numbers_are_floats_and_lists_are_tuples_where_these_are_asked_for() -> None:
    bound = bind_params(measure, {"step_size": 1, "widths": [1, 2]})
    assert bound == {"step_size": 1.0, "widths": (1, 2)}
    assert type(bound["step_size"]) is float


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({}, "parameter 'step_size' has no value"),
        ({"step_size": 0.1, "lenght": 2}, "no parameter 'lenght'"),
        ({"step_size": 0.1, "trials": 2}, "no parameter 'trials'"),
        ({"step_size": "0.1"}, "'step_size: 0.1' does not fit"),
        ({"step_size": 0.1, "width": 2.5}, "'width: 2.5' does not fit"),
        ({"step_size": 0.1, "width": True}, "'width: True' does not fit"),
        ({"step_size": 0.1, "activation": "gelu"}, "'activation: gelu' does not fit"),
        ({"step_size": 0.1, "share": 1.5}, "less than or equal to 1"),
    ],
)
def test_what_does_not_fit_is_named(params: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        bind_params(measure, params)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ArgumentError, match=r"'lenght'; .*'step_size' has no value; .*'width: a'"):
        bind_params(measure, {"lenght": 1, "width": "a"})


@dataclass(frozen=True)
class Setting:
    """A task."""

    rate: float
    hidden: tuple[int, ...] = (16, 16)
    labels: Literal["true", "random"] = "true"

    def __post_init__(self) -> None:
        if self.rate < 0:
            raise ValueError("the rate is negative")


def train(trials: object, *, setting: Setting) -> None:
    """A signature that needs a setting."""


def train_as_usual(trials: object, *, setting: Setting = Setting(rate=0.5, hidden=(8,))) -> None:
    """A signature whose setting has a default."""


def test_a_mapping_becomes_the_dataclass_with_its_lists_as_tuples() -> None:
    assert bind_params(train, {"setting": {"rate": 1, "hidden": [4]}}) == {"setting": Setting(1.0, (4,))}


def test_fields_lie_over_those_of_the_signatures_default() -> None:
    bound = bind_params(train_as_usual, {"setting": {"labels": "random"}})
    assert bound == {"setting": Setting(0.5, (8,), "random")}
    assert bind_params(train_as_usual, {}) == {}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({}, "'setting.rate' has no value"),
        ({"rate": 1.0, "lables": "true"}, "'setting' has no field 'lables'; did you mean 'labels'?"),
        ({"rate": "fast"}, "'setting.rate: fast' does not fit"),
        ({"rate": 1.0, "hidden": [4, 0.5]}, r"'setting.hidden: \[4, 0.5\]' does not fit"),
        ({"rate": 1.0, "labels": "false"}, "'setting.labels: false' does not fit"),
        ({"rate": -1.0}, "'setting' does not fit: the rate is negative"),
        (3, "'setting: 3' does not fit: a mapping of fields of Setting is wanted"),
        (None, "a mapping of fields of Setting is wanted"),
    ],
)
def test_what_does_not_fit_a_setting_is_named_by_its_field(setting: object, said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        bind_params(train, {"setting": setting})


def test_all_mistakes_in_a_setting_are_told_at_once() -> None:
    with pytest.raises(ArgumentError, match=r"no field 'x'.*'setting.rate' has no value.*'setting.hidden: 1'"):
        bind_params(train, {"setting": {"x": 1, "hidden": 1}})
