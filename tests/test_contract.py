"""What a checker may give back, and what is refused where it is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lawbook import Curve, Measurement, Trials


@pytest.mark.parametrize(
    "values",
    [
        [0.0, 1.0],
        (0, 1),
        range(2),
        (float(value) for value in range(2)),
        np.array([0, 1], dtype=np.int32),
        torch.tensor([0.0, 1.0], dtype=torch.bfloat16, requires_grad=True),
        [torch.tensor(0.0), torch.tensor(1.0)],
    ],
    ids=["list", "tuple", "range", "generator", "array", "tensor", "list of tensors"],
)
def test_values_come_in_any_sequence_and_are_kept_as_floats(values: Any) -> None:
    kept = Measurement(values).values
    assert kept == (0.0, 1.0)
    assert all(type(value) is float for value in kept)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({0.0, 1.0}, "must be a sequence, an array or a tensor, not an object of type set"),
        ({0: 1.0}, "not an object of type dict"),
        ("01", "not an object of type str"),
        (1.0, "not an object of type float"),
        (None, "not an object of type NoneType"),
        (["0.5"], "must be real numbers, one dimension of them; here is an object of type str"),
        ([None], "of type NoneType"),
        (torch.zeros(2, 1), "of type list"),
        (torch.zeros(2, dtype=torch.complex64), "of type complex"),
    ],
)
def test_values_without_an_order_or_that_are_no_numbers_are_refused(values: Any, words: str) -> None:
    with pytest.raises(TypeError, match=f"^values .*{words}"):
        Measurement(values)


def test_flags_come_in_any_sequence_and_are_kept_as_bools() -> None:
    for flags in ([1, 0], np.array([True, False]), torch.tensor([True, False])):
        assert Measurement([0.0, 1.0], in_regime=flags).in_regime == (True, False)


@pytest.mark.parametrize(
    ("flags", "words"),
    [([0.5, 1], "not 0.5"), ("no", "not an object of type str"), (torch.ones(2, 2), "not")],
)
def test_a_flag_that_is_neither_true_nor_false_is_refused(flags: Any, words: str) -> None:
    with pytest.raises(TypeError, match=f"in_regime .*{words}"):
        Measurement([0.0, 1.0], in_regime=flags)


def test_flags_and_values_are_as_many() -> None:
    with pytest.raises(ValueError, match="in_regime has 1 entries for 2 values"):
        Measurement([0.0, 1.0], in_regime=[True])


def test_one_curve_and_one_note_need_no_list() -> None:
    curve = Curve("line", [0, 1], [1, 2])
    measurement = Measurement([0.0], curves=curve, notes="a note")
    assert (measurement.curves, measurement.notes) == ((curve,), ("a note",))


def test_what_is_no_curve_is_refused() -> None:
    with pytest.raises(TypeError, match=r"curves must be of lawbook\.Curve; here is an object of type dict"):
        Measurement([0.0], curves=[{"x": [0]}])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": 3}, "a curve's label must be text, not an object of type int"),
        ({"panel": None}, "a curve's panel must be text"),
        ({"role": "theory"}, "role must be one of measured, predicted, reference, not 'theory'"),
        ({"y_scale": "log10"}, "y_scale must be one of linear, log, not 'log10'"),
        ({"y": [1]}, "x has 2 points and y 1"),
        ({"low": [0, 0]}, "a band needs both low and high"),
        ({"z": [[1, 2]]}, "z must have a row for each of the 2 y"),
        ({"x": "01"}, "x must be a sequence"),
    ],
)
def test_a_curve_that_cannot_be_drawn_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        Curve(**{"label": "line", "x": [0, 1], "y": [1, 2], **changes})


def test_seeds_are_distinct_and_at_least_one() -> None:
    for seeds in ((), (1, 1)):
        with pytest.raises(ValueError, match="distinct and at least one"):
            Trials(seeds)
