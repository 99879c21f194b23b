"""A formula is arithmetic and nothing else, and says where it has no value."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawbook.registry.formulas import FormulaError, read_formula

VALUES = {"step_size": 0.4, "width": 32.0, "setting.width": 64.0, "zero": 0.0, "beta": 0.9}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 / step_size", 5.0),
        ("(2 + 2 * beta) / step_size", 9.5),
        ("2 * setting.width - 1", 127.0),
        ("-width ** 2", -1024.0),
        ("2 ** 3 ** 2", 512.0),
        ("1e-3 * .5", 0.0005),
        ("sqrt(width * 2)", 8.0),
        ("log2(width)", 5.0),
        ("log(exp(2))", 2.0),
        ("min(width, setting.width, 7)", 7.0),
        ("max(1, abs(-3))", 3.0),
        ("arccos(0) / pi", 0.5),
        ("+width", 32.0),
    ],
)
def test_arithmetic_has_its_value(text: str, value: float) -> None:
    assert read_formula(text).value(VALUES) == pytest.approx(value, rel=1e-15)


def test_names_are_those_of_parameters_in_order_of_mention() -> None:
    assert read_formula("setting.width / step_size + width - pi * width").names == (
        "setting.width",
        "step_size",
        "width",
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("width ^ 2", "**"),
        ("max(width", "quoted"),
        ("(1 + 2", "without its pair"),
        ("import os", "no arithmetic"),
        ("__import__('os')", "calls `__import__`"),
        ("width.bit_length()", "no arithmetic"),
        ("setting.inner.width", "no arithmetic"),
        ("width if beta else 1", "no arithmetic"),
        ("[width]", "no arithmetic"),
        ("width, beta", "no arithmetic"),
        ("lambda: 1", "no arithmetic"),
        ("width // 2", "no arithmetic"),
        ("width % 2", "percentage"),
        ("width @ 2", "no arithmetic"),
        ("~width", "no arithmetic"),
        ("width < 3", "no arithmetic"),
        ("width and 3", "no arithmetic"),
        ("(x := 3)", "no arithmetic"),
        ("'text'", "no number"),
        ("True", "no number"),
        ("None", "no number"),
        ("1j", "no number"),
        ("0x10", "plain decimal"),
        ("1_000", "plain decimal"),
        ("1e999", "too large"),
        ("9" * 400, "characters"),
        ("𝑤idth", "ASCII"),
        ("width\n+ 1", "ASCII"),
        ("sqrt", "parentheses"),
        ("sqrt(1, 2)", "takes one"),
        ("sqrt()", "takes one"),
        ("min(1)", "two or more"),
        ("sqrt(x=1)", "calls `sqrt`"),
        ("sin(1)", "calls `sin`"),
        ("min(*width, 1)", "no arithmetic"),
        ("f'{width}'", "no arithmetic"),
        ("...", "no arithmetic"),
    ],
)
def test_whatever_is_no_arithmetic_is_refused_with_a_word_for_why(text: str, word: str) -> None:
    with pytest.raises(FormulaError, match=r".*") as refused:
        read_formula(text)
    assert word in str(refused.value)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("2 / zero", "divides by zero at zero = 0"),
        ("zero ** -1", "divides by zero"),
        ("9 ** 9 ** 9 ** 9", "real"),
        ("exp(width * 100)", "real"),
        ("(-1) ** 0.5", "real"),
        ("sqrt(-width)", "real"),
        ("log(zero)", "real"),
        ("arccos(width)", "real"),
        ("1e308 * 10", "finite"),
        ("1e308 * 10 - 1e308 * 10", "finite"),
        ("depth", "`depth` is not known here"),
    ],
)
def test_a_formula_without_a_finite_real_value_says_so_and_where(text: str, word: str) -> None:
    with pytest.raises(FormulaError) as refused:
        read_formula(text).value(VALUES)
    assert word in str(refused.value)


@given(st.text(max_size=40))
def test_no_text_ends_in_anything_but_a_formula_or_its_error(text: str) -> None:
    try:
        formula = read_formula(text)
        value = formula.value(dict.fromkeys(formula.names, 1.5))
    except FormulaError:
        return
    assert math.isfinite(value)
