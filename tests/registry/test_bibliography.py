from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawbook.registry.bibliography import parse_bibliography, read_bibliography
from lawbook.registry.latex_text import UnknownLatex, decode_latex

ENTRY = "@article{key,\n  author = {Doe, Jane},\n  title = {T},\n  year = {2020},\n}\n"


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"Gau{\ss}", "Gauß"),
        (r"{\L}ukasz \v{S}t\v{e}p\'an", "Łukasz Štěpán"),
        (r"Mart{\'\i}n, \'{\i}, {\'i}", "Martín, í, í"),
        (r"Schr{\"{o}}dinger", "Schrödinger"),
        ("{SGD} on a {ReLU} net", "SGD on a ReLU net"),
        ("pp.~1--25", "pp. 1–25"),
        (r"Smith \& Sons", "Smith & Sons"),
        (r"\emph{Deep} {\it nets}", "Deep nets"),
        (r"{The $\mu$P of $O(1/n)$} and $\{x\}$", r"The $\mu$P of $O(1/n)$ and $\{x\}$"),
        ("already plain: é, ß, µ", "already plain: é, ß, µ"),
    ],
)
def test_latex_is_decoded_and_mathematics_kept(latex: str, plain: str) -> None:
    assert decode_latex(latex) == plain


def test_a_command_without_plain_form_is_refused_by_name() -> None:
    with pytest.raises(UnknownLatex, match=r"\\mystery"):
        decode_latex(r"a \mystery{b}")


@given(st.text(alphabet="\\{}$~'`\"-ab ", max_size=30))
def test_any_latex_is_decoded_or_refused(latex: str) -> None:
    with contextlib.suppress(UnknownLatex):
        assert isinstance(decode_latex(latex), str)


def test_people_are_named_in_reading_order_and_addresses_left_alone() -> None:
    source = (
        "@InProceedings{a2020b,\n"
        "  Author = {von Neumann, John and {The Big Team} and King, Jr., Martin Luther and Ada Lovelace},\n"
        "  title = {A   title\n    over lines},\n"
        "  month = jan, year = 2020,\n"
        "  url = {https://x.org/~a_b\\_c--d},\n}"
    )
    reference = parse_bibliography(f"% a remark\n{source}\n").references["a2020b"]
    assert reference.type == "inproceedings"
    assert reference.authors == ("John von Neumann", "The Big Team", "Martin Luther King Jr.", "Ada Lovelace")
    assert reference.fields["title"] == "A title over lines"
    assert reference.fields["month"] == "January"
    assert reference.fields["url"] == "https://x.org/~a_b_c--d"
    assert reference.bibtex == source


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (ENTRY + ENTRY, "6:1", ["the key 'key' is taken by 'key' at line 1"]),
        (ENTRY + ENTRY.replace("key", "KEY"), "6:1", ["'KEY' is taken by 'key'"]),
        (ENTRY.replace("{T},", "{T}"), "4:3", ["expected ',' or '}'"]),
        (ENTRY.replace("{T},", "{T,"), "6:1", ["ends inside an entry"]),
        (ENTRY.replace("{T}", "foo"), "3:14", ["'foo' is not defined", "braces"]),
        (ENTRY.replace("  year = {2020},\n", ""), "1:1", ["'key' has no year"]),
        (ENTRY.replace("author = {Doe, Jane}", "note = {x}"), "1:1", ["'key' has no author"]),
        (ENTRY.replace("{T}", "{T}, title = {U}"), "1:1", ["'title' twice"]),
        (ENTRY.replace("Doe, Jane", "A, B, C, D"), "1:1", ["too many commas", "'and'"]),
        (ENTRY.replace("{T}", r"{\mystery}"), "1:1", ["'key'", r"\mystery"]),
    ],
)
def test_each_mistake_has_its_line(text: str, place: str, words: list[str]) -> None:
    (diagnostic,) = parse_bibliography(text).diagnostics
    assert str(diagnostic).startswith(f"claims/references.bib:{place}: ")
    assert all(word in str(diagnostic) for word in words)


def test_a_damaged_entry_keeps_its_key_known_and_its_neighbours_whole() -> None:
    bibliography = parse_bibliography(ENTRY.replace("year", "yaer") + ENTRY.replace("key", "other"))
    assert bibliography.keys == {"key", "other"}
    assert set(bibliography.references) == {"other"}


def test_a_missing_bibliography_is_one_mistake(tmp_path: Path) -> None:
    (diagnostic,) = read_bibliography(tmp_path).diagnostics
    assert "the bibliography is missing" in str(diagnostic)


def test_macros_of_one_file_do_not_leak_into_the_next() -> None:
    parse_bibliography("@string{venue = {Here}}" + ENTRY)
    (diagnostic,) = parse_bibliography(ENTRY.replace("{T}", "venue")).diagnostics
    assert "'venue' is not defined" in str(diagnostic)
