"""Tables of symbols, the notation page, and symbols that name themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lawbook.book import Book, join_evidence
from lawbook.evidence.store import Evidence
from lawbook.prose import render_markdown
from lawbook.publishing.generate import text_files
from lawbook.publishing.notation import anchor, house_rows
from lawbook.publishing.settings import SiteSettings
from lawbook.registry.load import load_registry

REPOSITORY = Path(__file__).parents[2]
CLAIM = "claims/laws/noise-averages-out.yaml"
PREDICTION = "prediction: '$\\mathbb E[x] = \\mu$'\n"
OWN = PREDICTION + "symbols:\n  - {symbol: x, meaning: an input & more, why: nothing <b>is</b> drawn, shape: $d$}\n"
MakeRegistry = Callable[[Mapping[str, tuple[str, str] | None]], Path]


def read(root: Path) -> Book:
    return join_evidence(load_registry(root), Evidence({}, (), ()))


@pytest.fixture
def pages(make_registry: MakeRegistry, site_settings: SiteSettings) -> dict[str, str]:
    """The pages of a registry in which one claim uses a house symbol for something else."""
    return dict(text_files(read(make_registry({CLAIM: (PREDICTION, OWN)})), site_settings))


def test_a_claim_page_has_a_table_of_its_symbols_folded_up(pages: dict[str, str]) -> None:
    page = pages["claims/noise-averages-out.md"]
    _, table = page.split('<details class="lb-details lb-symbols"')
    table = table.split("</details>")[0]
    assert table.startswith(" data-search-exclude><summary>Symbols (2)")
    assert "an input &amp; more" in table
    assert (
        'href="../notation.html#symbol-x">Elsewhere</a>: a draw. Not here: nothing &lt;b&gt;is&lt;/b&gt; drawn.'
        in table
    )
    assert '<dt><a href="../notation.html#symbol-mu" aria-label=' in table
    assert "the centre of the noise" in table
    assert 'href="../notation.html"' in table
    assert page.index("lb-symbols") < page.index("{#measurement}")


def test_the_notation_page_lists_the_house_and_who_differs(pages: dict[str, str]) -> None:
    page = pages["notation.md"]
    assert '<tr id="symbol-x">' in page
    assert '<tr id="symbol-mu">' in page
    row = page[page.index('id="symbol-x"') :].split("</tr>")[0]
    assert "an input &amp; more: <a" in row
    assert 'href="claims/noise-averages-out.html"' in row
    assert "nowhere" in page[page.index('id="symbol-mu"') :]


def test_the_house_counts_who_uses_its_symbols(make_registry: MakeRegistry) -> None:
    x, mu = house_rows(read(make_registry({CLAIM: (PREDICTION, OWN)})))
    assert {state.entry.id for state in x.users} == {"noise-is-positive", "noise-in-the-dark"}
    assert [state.entry.id for state in x.otherwise["an input & more"]] == ["noise-averages-out"]
    assert ([state.entry.id for state in mu.users], mu.otherwise) == (["noise-averages-out"], {})


def test_every_symbol_of_the_book_has_a_place_of_its_own_on_the_page() -> None:
    places = [anchor(item) for item in load_registry(REPOSITORY).notation]
    assert "symbol-lambda-max" in places
    assert "symbol-eta-star" in places
    assert len(set(places)) == len(places)


def test_a_formula_that_is_a_listed_symbol_names_itself_and_no_other_does(pages: dict[str, str]) -> None:
    statement = pages["claims/noise-is-positive.md"]
    assert 'lb-symbol" title' not in statement  # `$x \ge \tfrac12$` is more than a symbol
    known = pages["problems/noise-in-the-dark.md"]
    assert '<span class="lb-symbol" title="a draw"><span class="katex" data-tex="x">' in known


def test_what_a_symbol_says_of_itself_cannot_leave_its_place() -> None:
    html = render_markdown("see $x$ and $$x$$", lambda tex: f'"><script>{tex}')
    assert html.count("lb-symbol") == 1
    assert 'title="&quot;&gt;&lt;script&gt;x"' in html
    assert "<script>" not in html


def test_without_notation_there_is_a_page_that_says_so(
    make_registry: MakeRegistry, site_settings: SiteSettings
) -> None:
    pages = dict(text_files(read(make_registry({"claims/notation.yaml": None})), site_settings))
    assert "no notation of its own" in pages["notation.md"]
    assert "lb-symbols" not in pages["claims/noise-averages-out.md"]


def test_programs_get_the_symbols_too(pages: dict[str, str]) -> None:
    told = json.loads(pages["api/claims/noise-averages-out.json"])["symbols"]
    assert told == [
        {
            "symbol": "x",
            "meaning": "an input & more",
            "shape": "$d$",
            "why": "nothing <b>is</b> drawn",
            "house": False,
        },
        {"symbol": "\\mu", "meaning": "the centre of the noise", "house": True},
    ]
