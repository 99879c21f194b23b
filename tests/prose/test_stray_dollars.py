"""Prose between two dollar signs is told and never set; no ordinary formula is mistaken for prose."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lawbook.prose import bad_math
from lawbook.prose.mathcheck import LONE_DOLLAR, STRAY_DOLLAR

CLAIMS = Path(__file__).parents[2] / "claims"


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 or $6 a run.", "between $5 and$6", "$5-$6 a run", "$5/$6", "$5,$6", "US$5 or US$6", "$3 (was $4)",
        "a $5 run or a 6$ run", "$HOME and $PATH", "$x and $y", "set $FOO/$BAR", "5$ or 6$", "5$/6$", "$1M to $2M",
        "$5k-$6k", "$5–10 and up to $20", "$.50 or $.60", "-$5 or -$6", "($5)/($6)", "$5 (or $6)", "$$5 or $$6",
        "${x} and ${y}", "US$ and C$", "^foo$ or bar$", "jQuery's $ and $$", "the $HOME variable and the PATH$",
        "cost $10, $20", "a $100 million run and a $10 million run", "*$5* or $6", "[$5 or $6](https://a.b)",
        "# $5 or $6", "- $5 or $6", "> $5 or $6", "$5\nor $6", "$5\\% or $6",
    ],
)  # fmt: skip
def test_prose_between_dollar_signs_is_told_once_at_the_first(text: str) -> None:
    (told,) = bad_math(text)
    assert told.message == STRAY_DOLLAR
    before = text[: text.index("$")]
    assert (told.line, told.column) == (1, len(before) + 1)


@pytest.mark.parametrize(
    "text",
    [
        "$x$", "$\\eta $", "$ x $", "the $n$th and $k$-th", "$\\sim$5", "$n=$5", "$<$0.05", "10$^5$", "10$^{-3}$",
        "5$x$",
        "3$\\times$4", "$2 dx$", "$2\\pi$", "$2 \\sin x$", "$0.5$", "$1$ and $2$", "$a b c$", "$x_{train loss}$",
        "$x \\text{ if } y$", "$5 \\times 10^3$", "$[0, 1]$", "$p < 0.05$", "$O(n \\log n)$", "$n log n$", "$d$/$n$",
        "$\\operatorname{tr} A$", "$-1$", "$10 \\%$", "$a$:$b$", "$10$-$20$", "$5$–$6$", "$\\mu$P", "$L^2$-norm",
        "it costs \\$5 or \\$6", "it costs `$5 or $6` a run", "$$\\text{if } x$$",
    ],
)  # fmt: skip
def test_an_ordinary_formula_is_no_prose(text: str) -> None:
    assert bad_math(text) == []


AMOUNTS = st.builds("{}{}".format, st.integers(0, 10**6), st.sampled_from(["", ".50", "k", "M", ",000", " bn"]))
LINKS = st.sampled_from([" or ", " and ", " to ", "-", "–", "/", ", ", " vs. ", " per hour, then ", " (later ", " + "])


@given(first=AMOUNTS, link=LINKS, second=AMOUNTS)
def test_no_two_amounts_of_money_become_a_formula_in_silence(first: str, link: str, second: str) -> None:
    told = bad_math(f"It costs ${first}{link}${second} a run.")
    assert [mistake.message for mistake in told] == [STRAY_DOLLAR]


@given(first=AMOUNTS)
def test_a_single_amount_is_a_lone_dollar(first: str) -> None:
    assert [mistake.message for mistake in bad_math(f"It costs ${first} a run.")] == [LONE_DOLLAR]


def test_no_formula_of_the_book_is_taken_for_prose_or_broken_by_a_table() -> None:
    def texts(content: object) -> list[str]:
        if isinstance(content, dict):
            return [text for value in content.values() for text in texts(value)]
        if isinstance(content, list):
            return [text for value in content for text in texts(value)]
        return [content] if isinstance(content, str) else []

    loaded = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in CLAIMS.glob("*/*.yaml")]
    assert len(loaded) > 50
    assert [(text, bad_math(text)) for text in texts(loaded) if "$" in text and bad_math(text)] == []
