"""A formula is drawn where scripts run, read as MathML where none does, and never wider than its page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lawbook.prose import render_markdown
from lawbook.prose.math import KATEX, render_math

pytestmark = pytest.mark.slow
LAW = "claims/noise-averages-out.html"
ALL = "[...document.querySelectorAll('.katex[data-tex]')]"
WIDE = r"\text{one quite long name} + \text{another quite long name} + \text{a third of that length}"


@pytest.fixture
def page(browser: Any, small_site: Path) -> Iterator[Any]:
    """The browser in a window of a desk."""
    browser.show(1280, 800)
    browser.logged.clear()
    yield browser
    browser.ask("Emulation.setScriptExecutionDisabled", value=False)
    browser.show(1280, 900)
    browser.logged.clear()


@pytest.fixture
def changed(small_site: Path, tmp_path: Path) -> Any:
    """Writes the law's page with other words for some of its own into a copy of the site; returns its address."""

    def change(words: str, others: str) -> str:
        shutil.copytree(small_site, tmp_path / "site")
        path = tmp_path / "site" / LAW
        text = path.read_text(encoding="utf-8")
        assert words in text
        path.write_text(text.replace(words, others), encoding="utf-8")
        return str(path.resolve().as_uri())

    return change


def test_every_formula_is_drawn_and_its_mathml_is_left_for_ears(page: Any, small_site: Path) -> None:
    seen = 0
    for path in sorted(small_site.rglob("*.html")):
        page.open(path.resolve().as_uri())
        drawn = "formula.querySelector(':scope > .katex-html[aria-hidden=true]')"
        undrawn = f"{ALL}.filter((formula) => !{drawn}).map((formula) => formula.outerHTML)"
        page.wait_for(f"{undrawn}.length === 0")  # a page of many draws the last of them later
        page.value("document.querySelectorAll('article details').forEach((d) => (d.open = true))")
        told = f"{ALL}.map((formula) => [formula.firstChild, {drawn}].map((e) => e.getBoundingClientRect()))"
        shown = page.value(
            f"{told}.map(([ears, eyes]) => [ears.width, ears.height, eyes.width]).filter((all) => all[2])"
        )
        assert all(width <= 1 and height <= 1 for width, height, _ in shown), path
        seen += len(shown)
    assert seen > 20
    assert [line for line in page.logged if "Error" in line or "Policy" in line] == []


def test_a_formula_looks_as_katex_says(page: Any, small_site: Path) -> None:
    page.open((small_site / LAW).resolve().as_uri())
    found = "[...document.querySelectorAll('.lb-formula .katex-html .mathnormal')]"
    letters = page.value(f"{found}.map((letter) => getComputedStyle(letter).fontFamily)")
    assert letters
    assert set(letters) == {"KaTeX_Math"}
    assert page.value("document.querySelector('.lb-formula .katex-html .mfrac .frac-line') !== null")


def test_without_a_script_one_reads_the_mathml(page: Any, small_site: Path) -> None:
    page.ask("Emulation.setScriptExecutionDisabled", value=True)
    page.open((small_site / LAW).resolve().as_uri())
    assert page.value("document.querySelector('.katex-html')") is None
    place = "document.querySelector('.lb-formula math').getBoundingClientRect()"
    width, height = page.value(f"[{place}.width, {place}.height]")
    assert width > 60
    assert height > 25  # a fraction and a sum's bounds
    letter = "getComputedStyle(document.querySelector('.lb-formula mi:not([mathvariant])')).fontFamily"
    assert page.value(letter).startswith("lb-slanted")


def test_what_katex_cannot_draw_is_read_as_mathml(page: Any, changed: Any) -> None:
    address = changed(r'data-tex="\mu"', r'data-tex="\nosuchcommand"')
    page.open(address)
    broken = f"{ALL}.filter((formula) => formula.dataset.tex.includes('nosuch'))"
    assert page.value(f"{broken}.length") > 0
    assert page.value(f"{broken}.every((formula) => formula.children.length === 1)")
    assert page.value(f"{broken}.some((formula) => formula.firstChild.getBoundingClientRect().width > 3)")
    assert page.value(f"{ALL}.filter((formula) => formula.querySelector('.katex-html')).length") > 0


@pytest.mark.parametrize("odd", ["#%", "#%ff", "#%E0%A4%A"])
def test_an_address_that_names_nothing_stops_no_script(page: Any, small_site: Path, odd: str) -> None:
    page.open((small_site / LAW).resolve().as_uri() + odd)
    assert page.value("document.querySelector('.katex-html') !== null")
    assert page.value("document.querySelector('.lb-formula .lb-copy') !== null")  # of a later script
    assert [line for line in page.logged if "Error" in line] == []


def test_a_page_of_too_many_formulas_is_read_as_mathml_beyond_some(page: Any, changed: Any, tmp_path: Path) -> None:
    address = changed("</article>", "</article>".join([render_math(r"\sum_i x_i^2") * 400, ""]))
    script = tmp_path / "site/assets/scripts/book.js"
    text = script.read_text(encoding="utf-8")
    script.write_text(text.replace("MOST = 200000", "MOST = 4000"), encoding="utf-8")
    assert script.read_text(encoding="utf-8") != text
    page.open(address)
    page.wait_for("document.querySelectorAll('.katex-html *').length >= 4000")
    page.value("new Promise((done) => setTimeout(done, 300))")
    assert page.value("document.querySelectorAll('.katex-html *').length") < 4300
    assert page.value(f"{ALL}.at(-1).children.length") == 1


def test_no_formula_makes_a_link_or_runs_anything(page: Any, changed: Any) -> None:
    page.open(changed(r'data-tex="\mu"', r'data-tex="\href{javascript:document.body.dataset.pwned=1}{x}"'))
    assert page.value(f"{ALL}.some((formula) => formula.dataset.tex.includes('href'))")
    assert page.value("document.querySelector('.katex a')") is None


@pytest.mark.parametrize("script", [True, False], ids=["drawn", "without a script"])
def test_a_long_formula_scrolls_in_its_place_and_never_the_page(page: Any, changed: Any, script: bool) -> None:
    text = render_markdown(f"so $y = {WIDE}$ and\n\n$$\n{WIDE}\n$$\n")
    address = changed("<article", f"<article id=long class=md-typeset>{text}</article><article")
    page.show(390, 844)
    page.ask("Emulation.setScriptExecutionDisabled", value=not script)
    page.open(address)
    display = "document.querySelector('#long .katex-display')"
    assert page.value(f"{display}.scrollWidth > {display}.clientWidth + 50")
    assert page.value("document.documentElement.scrollWidth") == 390  # a phone of today widens its window instead


def test_the_site_carries_the_katex_that_has_checked_its_formulas(small_site: Path) -> None:
    assert (small_site / "assets/katex/katex.min.js").read_bytes() == KATEX.read_bytes()
