r"""A bar in a cell's formula is told, whatever the table's form, and one that Markdown keeps is let pass."""

from __future__ import annotations

import pytest

from lawbook.prose import bad_math
from lawbook.prose.tablecheck import BAR_IN_CODE, BAR_IN_FORMULA

BODY = "| a | b |\n|---|---|\n| {} | y |\n"


@pytest.mark.parametrize(
    ("table", "place"),
    [
        (BODY.format(r"$\|x\|_2$"), (3, 5)),
        (BODY.format("$|x|_2$"), (3, 4)),
        (BODY.format(r"$P(a\|b)$"), (3, 8)),
        (BODY.format(r"$\left|x\right|$"), (3, 9)),
        (BODY.format("$$|x|$$"), (3, 5)),
        (BODY.format("`$` and $|x|$"), (3, 12)),
        (BODY.format("\\$5 for $|x|$"), (3, 12)),
        ("| $|x|$ | b |\n|---|---|\n| x | y |\n", (1, 4)),
        ("| $\\|x\\|$ | b |\n|:--|--:|\n| x | y |\n", (1, 5)),
        ("| $|x|$ |\n|---|\n", (1, 4)),
        ("a | b\n--- | ---\n$\\|x\\|$ | y\n", (3, 3)),
        ("> | a | b |\n> |---|---|\n> | $|x|$ | y |\n", (3, 6)),
        ("- | a | b |\n  |---|---|\n  | $|x|$ | y |\n", (3, 6)),
        ("Text before\n\n| a | b |\n|:-:|---|\n| x | $|y|$ |\n", (5, 8)),
    ],
)
def test_a_bar_inside_a_formula_of_a_table_is_told(table: str, place: tuple[int, int]) -> None:
    (told,) = bad_math(table)
    assert (told.line, told.column) == place
    assert told.message == BAR_IN_FORMULA
    assert r"\lVert … \rVert" in told.message


def test_a_bar_that_cuts_code_in_a_table_is_told() -> None:
    (told,) = bad_math(BODY.format("`a|b`"))
    assert (told.line, told.column, told.message) == (3, 5, BAR_IN_CODE)


@pytest.mark.parametrize(
    "text",
    [
        BODY.format(r"$\lVert x \rVert_2$"),
        BODY.format(r"`a\|b` or c \| d"),
        BODY.format("\\$5"),
        "```\n| $|x|$ | b |\n|---|---|\n```\n",
        "    | $|x|$ | b |\n    |---|---|\n",
        "The norm $|x|$ is\n\n---\n\n$\\|x\\|$",
        "Heading $|x|$\n---\n",
        "$$|x|\n-|y|$$",
        "$|x|$ and | $|y|$",
        "| a | b |\n|---|---|\n| x |\n",
    ],
)
def test_a_bar_that_survives_is_let_pass(text: str) -> None:
    assert bad_math(text) == []


def test_cells_that_no_column_takes_are_told() -> None:
    (told,) = bad_math(BODY.format("x | z"))
    assert (told.line, told.column) == (3, 1)
    assert "2 columns and this row 3 cells" in told.message


def test_a_head_that_does_not_match_its_line_is_no_table_and_told() -> None:
    (told,) = bad_math("| a | b | c |\n|---|---|\n| x | y |\n")
    assert (told.line, told.column) == (1, 1)
    assert "this is no table" in told.message


def test_dollar_signs_of_two_cells_are_told_each_at_its_place() -> None:
    assert [(told.line, told.column) for told in bad_math("| a | b |\n|---|---|\n| costs $5 | or $6 |\n")] == [
        (3, 9),
        (3, 17),
    ]
