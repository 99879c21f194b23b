"""Rows of numbers as a file tells them are read by the page's script as they were, digit for digit."""

import io
import json
import math
from collections.abc import Callable
from csv import reader as csv_reader
from pathlib import Path
from typing import Any

import pytest
import quickjs
from hypothesis import assume, given
from hypothesis import strategies as st

from lawbook.publishing.number_rows import packed_row

SCRIPT = Path(__file__).parents[2] / "site/assets/scripts/figures/data.js"
Row = list[float | None]
Csv = Callable[[list[list[Any]]], str]
Read = Callable[[Any], Row]


@pytest.fixture(scope="module")
def page() -> quickjs.Context:
    """A page with the script."""
    page = quickjs.Context()
    page.eval(f"var window = {{}}; {SCRIPT.read_text(encoding='utf-8')}")
    return page


@pytest.fixture(scope="module")
def csv(page: quickjs.Context) -> Csv:
    """What the script gives out as a table."""
    told = page.eval("(rows) => lawbookFigures.csv(JSON.parse(rows))")
    return lambda rows: str(told(json.dumps(rows)))


@pytest.fixture(scope="module")
def read(page: quickjs.Context) -> Read:
    """What the script of a page makes of a row in a file."""
    # As texts: numbers too large for a whole number of JSON come back as they are.
    told = page.eval("(row) => JSON.stringify(lawbookFigures.numbers(JSON.parse(row)).map((x) => x && String(x)))")

    def numbers(row: Any) -> Row:
        texts = json.loads(told(json.dumps(row, allow_nan=False)))
        return [None if text is None else float(text) for text in texts]

    return numbers


def is_near(value: float | None, found: float | None) -> bool:
    """Whether a number was read as it was but for its fifth digit; a whole one, as it was."""
    if value is None or not math.isfinite(value):
        return found is None
    if found is None:
        return False
    return found == value if value.is_integer() and abs(value) < 2**53 else abs(found - value) <= 5.01e-5 * abs(value)


HOSTILE = st.sampled_from([
    1e308, -1.7976931348623157e308, 5e-324, -2.2e-308, 0.0, -0.0, math.nan, math.inf, 2.0**53, 2.0**53 + 2, 2.0**80,
    2.0**53 - 1, 1e15 + 0.5, 999999.5, 99999.5,
])  # fmt: skip
ANY = st.one_of(
    st.none(), st.floats(), st.floats(-10, 10), st.floats(1e-9, 1e9), st.integers(-(2**60), 2**60).map(float), HOSTILE
)


@given(st.lists(ANY, max_size=40))
def test_any_row_is_read_as_it_was_but_for_its_fifth_digit(read: Read, row: Row) -> None:
    found = read(packed_row(row))
    assert len(found) == len(row)
    assert all(map(is_near, row, found))


@given(st.lists(st.one_of(st.none(), st.integers(-(10**15), 10**15).map(float)), max_size=40))
def test_whole_numbers_are_read_as_they_were(read: Read, row: Row) -> None:
    assert read(packed_row(row)) == row


@given(st.floats(-1e300, 1e300), st.floats(1e-9, 1.0), st.lists(st.floats(0, 1), min_size=2, max_size=40))
def test_neighbours_far_from_nought_stay_apart(read: Read, centre: float, width: float, shares: list[float]) -> None:
    row: Row = [centre + abs(centre) * width * share for share in shares]
    known = [value for value in row if value is not None]
    assume(max(known) > min(known))
    finest = max(2e-4 * (max(known) - min(known)), 1e-14 * abs(centre))
    found = [value for value in read(packed_row(row)) if value is not None]
    assert all(abs(one - other) <= finest for one, other in zip(known, found, strict=True))


@given(st.floats(1e-300, 1e300), st.integers(0, 40))
def test_a_row_of_one_number_is_read_as_such(read: Read, value: float, count: int) -> None:
    found = read(packed_row([value] * count))
    assert len(set(found)) <= 1
    assert all(map(is_near, [value] * count, found))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        # A grid of steps, a straight line, a power law: differences of differences are nought.
        ([0.5 * i for i in range(9)], [(2, -1), 0, 5, 0, 0, 0, 0, 0, 0, 0]),
        ([70.0, 90.0, None, 80.0, 10.0] * 3, [(0, 1), *[7, 9, None, 8, 1] * 3]),
        ([1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0], [(2, -3, 1), 1, 8, 0, 0, 0, 0]),
        # Few numbers are told as they are.
        ([1.0, 0.123456789, math.nan], [1, 0.12346, None]),
    ],
)
def test_a_row_is_told_by_what_changes_along_it(read: Read, row: Row, told: list[Any]) -> None:
    assert packed_row(row) == told
    assert all(map(is_near, row, read(told)))


@pytest.mark.parametrize(
    ("given", "digits"),
    [
        ([0.123456789, 12.3456789, 1e-9 / 3] * 3, [0.12346, 12.346, 3.3333e-10] * 3),
        # All of it lies near one: as many digits as tell its points apart.
        ([1.0000001234, 1.0000009876, 1.0000005] * 3, [1.0000001234, 1.0000009876, 1.0000005] * 3),
        # A whole number beside others keeps all of its own, and gives them none.
        ([1234567.0, 2.5, 0.123456789] * 3, [1234567, 2.5, 0.12346] * 3),
    ],
)
def test_a_packed_row_keeps_the_digits_that_can_be_told_apart(read: Read, given: Row, digits: Row) -> None:
    packed = packed_row(given)
    assert isinstance(packed[0], tuple)
    assert read(packed) == digits


@pytest.mark.parametrize(
    "word", ["=1+1", "+1", "-1+1", "@x", " =1", "\t=1", "\n=1", "\r=1", "\u00a0=1", "＝1", "－1", "-inf"]
)
def test_no_word_of_a_table_is_a_formula_of_a_spreadsheet(csv: Csv, word: str) -> None:
    (row,) = csv_reader(io.StringIO(csv([[word, 1]]), newline=""))
    assert row == [f"'{word}", "1"]


def test_numbers_of_a_table_stay_numbers(csv: Csv) -> None:
    (row,) = csv_reader([csv([[-1e-7, -0.5, "-Infinity", "Infinity", "NaN", None, "a - b", "1=1"]])])
    assert row == ["-1e-7", "-0.5", "-Infinity", "Infinity", "NaN", "", "a - b", "1=1"]


@given(words=st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")), min_size=1))
def test_a_table_holds_every_word_in_its_place(csv: Csv, words: list[str]) -> None:
    (row,) = csv_reader(io.StringIO(csv([["first", *words]]), newline=""))
    assert [told.removeprefix("'") for told in row] == ["first", *(word.removeprefix("'") for word in words)]
