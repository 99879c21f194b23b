"""What a reader types is found however it is spelled, the best first: in the book's own words, in a real browser."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lawbook.book import Book, join_evidence
from lawbook.evidence.store import Evidence
from lawbook.publishing.search_index import plain_title, search_file
from lawbook.publishing.search_words import fold, fold_formula, readable
from lawbook.registry.load import load_registry

REPOSITORY = Path(__file__).parents[2]
SCRIPT = REPOSITORY / "site/assets/scripts/search.js"
PAGE = (REPOSITORY / "site/overrides/main.html").read_text(encoding="utf-8")
TYPE = """
(words => {
  const input = document.querySelector("#lb-search-words");
  input.focus();
  input.value = words;
  input.dispatchEvent(new Event("input"));
})(%s)
"""
TOLD = "document.querySelector('.lb-search-told').textContent"
FOUND = "[...document.querySelectorAll('#lb-search-list a')].map(link => link.href.split('/').pop())"


def lines_of(book: Book, pages: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    content = search_file(book, pages or {})
    assert content.startswith("lawbookSearch(")
    return {line["u"]: line for line in json.loads(content.removeprefix("lawbookSearch(").removesuffix(");\n"))}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2/η", "2/eta"), ("µP", "μP"), ("μP", "muP"), ("λ_max", "lambda_max"), ("λ_max", "lambda max"),
        ("Erdős", "erdos"), ("Gauß", "gauss"), ("ﬁnite", "finite"), ("2 ⁄ η", "2/η"), ("Adam's", "adam’s"),
    ],
)  # fmt: skip
def test_spellings_of_the_same_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


@pytest.mark.parametrize(
    ("tex", "typed"),
    [
        (r"2/\eta", "2/η"), (r"\frac{2}{\eta}", "2/η"), (r"\frac2\eta", "2/eta"), (r"\lambda_{\max}", "λ_max"),
        (r"\left(\varepsilon\right)", "ε"), (r"\mathcal{L}", "L"), (r"n \to \infty", "n → ∞"),
    ],
)  # fmt: skip
def test_a_formula_is_found_as_one_would_type_it(tex: str, typed: str) -> None:
    assert fold_formula(tex) == fold(typed)


def test_titles_are_shown_in_the_letters_of_a_reader() -> None:
    assert readable(r"\lambda_{\max} \to 2/\eta") == "λ_max → 2/η"
    assert plain_title(r"Sharpness is $\frac{2}{\eta}$ *always*") == "Sharpness is 2/η always"


def test_the_index_holds_names_symbols_authors_and_aliases_and_no_numbers_or_code(book: Book) -> None:
    line = lines_of(book)["claims/noise-averages-out.html"]
    assert line["k"] == "claim"
    assert "noise averages out" in line["a"]
    assert "gauss 1809" in f"{line.get('o', '')} {line.get('p', '')}"
    assert not any(word.isdigit() for word in line["w"].split())
    assert "\\" not in "".join(str(part) for part in line.values())


def test_pages_are_found_by_their_headings_and_sources_by_their_authors(book: Book) -> None:
    lines = lines_of(book, {"method.md": "# How we know\n\nOf *regions*.\n\n## No empty green {#green}\n"})
    assert lines["method.html"]["h"] == "how we know"
    assert lines["method.html"]["w"] == "how we know regions empty green"
    assert lines["method.html#green"]["t"] == "How we know: No empty green"
    assert any(address.startswith("bibliography.html#") for address in lines)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with the search of the whole book, without its evidence, read from a file."""
    folder = tmp_path_factory.mktemp("search")
    (folder / "assets/scripts").mkdir(parents=True)
    (folder / "search").mkdir()
    shutil.copy(SCRIPT, folder / "assets/scripts/search.js")
    book = join_evidence(load_registry(REPOSITORY), Evidence({}, (), ()))
    (folder / "search/index.js").write_text(search_file(book, {}), encoding="utf-8")
    box = PAGE.partition("{%- set search -%}")[2].partition("</nav>")[0]
    html = f'<meta charset="utf-8"><body>{box}<script src="assets/scripts/search.js"></script>'
    (folder / "index.html").write_text(html, encoding="utf-8")
    return (folder / "index.html").resolve().as_uri()


def find(browser: Any, words: str) -> list[str]:
    browser.value(TYPE % json.dumps(words))
    browser.wait_for(f"{TOLD} && !{TOLD}.startsWith('Reading')")
    return [str(address).removesuffix(".html") for address in browser.value(FOUND)]


BEST = {
    "2/eta": "edge-of-stability",
    "2/η": "edge-of-stability",
    "2 / η": "edge-of-stability",
    "lambda_max": "edge-of-stability",
    "edge of stability": "edge-of-stability",
    "edge of stability adam": "edge-of-stability-adam",
    "Cohen 2021": "edge-of-stability",
    "NTK": "ntk-stays-put",
    "neural tangent kernel": "ntk-stays-put",
    "Saxe": "deep-linear-modes",
    "chinchilla": "language-model-scaling",
    "double descent": "ridgeless-double-descent",
    "neural collapse": "neural-collapse",
}


@pytest.mark.slow
def test_each_search_finds_what_is_meant_first(browser: Any, page: str) -> None:
    browser.open(page)
    found = {words: find(browser, words) for words in BEST}
    assert {words: hits[:1] for words, hits in found.items()} == {words: [id] for words, id in BEST.items()}
    for words in ("µP", "μP", "muP", "mup"):
        assert {*find(browser, words)[:2]} == {"mup-transfer", "mup-coordinate-check"}, words
    forms = ("edge-of-stability", "edge-of-stability-adam", "edge-of-stability-momentum")
    for words in ("λ_max", "edge of stability"):
        assert {*forms, "progressive-sharpening"} <= {*find(browser, words)[:6]}, words


@pytest.mark.slow
def test_a_near_miss_is_told_and_its_like_is_found(browser: Any, page: str) -> None:
    browser.open(page)
    for slip, meant, first in (
        ("kernal", "kernel", "kernel-regression-risk"),
        ("sharpnss edge", "sharpness edge", "sam-edge"),
        ("stabiltiy", "stability", "edge-of-stability"),
    ):
        hits = find(browser, slip)
        assert f"this is for “{meant}”" in browser.value(TOLD), slip
        assert hits[0] == first, slip
    assert find(browser, "zzzzqqqq") == []
    assert "nor anything close" in browser.value(TOLD)


@pytest.mark.slow
def test_the_keyboard_alone_finds_and_opens(browser: Any, page: str) -> None:
    browser.open(page)
    browser.value("document.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true}))")
    browser.value("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: '/', bubbles: true}))")
    assert browser.value("document.activeElement.id") == "lb-search-words"
    find(browser, "edge of stability")
    press = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: '%s', bubbles: true}))"
    browser.value(press % "ArrowDown")
    browser.value(press % "ArrowDown")
    chosen = browser.value("document.querySelector('#lb-search-list [aria-selected=true]').id")
    assert chosen == browser.value("document.activeElement.getAttribute('aria-activedescendant')") == "lb-search-1"
    browser.value(press % "Escape")
    assert browser.value("document.querySelector('.lb-search-found').hidden")
    assert not [line for line in browser.logged if "Error" in line or "ERR" in line]
