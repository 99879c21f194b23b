"""Params are judged by the checker's own annotations."""

from __future__ import annotations

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
