"""A reader's walks in a real browser, from files alone: values by keyboard, tensions to their cause, what copies."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
LAW = "claims/noise-averages-out.html"
TOLD = "document.querySelector('.lb-first-figure .lb-readout').textContent"
DRAWING = "document.querySelector('.lb-first-figure svg')"
# What would leave the page is kept instead, and what would be copied is told.
KEPT = """
(() => {
  window.saved = [];
  window.copied = [];
  URL.createObjectURL = (blob) => { saved.push(blob); return "#"; };
  HTMLAnchorElement.prototype.click = function () { window.savedAs = this.download; };
  navigator.clipboard.writeText = async (text) => { copied.push(text); };
})()
"""


@pytest.fixture
def page(browser: Any, small_site: Path) -> Iterator[Any]:
    """The browser on the page of the law, opened from a file, in a window of a desk."""
    browser.show(1280, 800)
    browser.open(f"{small_site.resolve().as_uri()}/{LAW}")
    browser.value(KEPT)
    yield browser
    browser.show(1280, 900)
    browser.logged.clear()


def click(page: Any, selector: str, words: str = "") -> None:
    """Clicks the first element of a selector that says some words, after the command has been answered."""
    found = f"[...document.querySelectorAll({json.dumps(selector)})]"
    named = f"{found}.find((e) => e.textContent.includes({json.dumps(words)}))"
    page.value(f"setTimeout(() => {named}.dispatchEvent(new MouseEvent('click', {{bubbles: true}}))); 0")


def errors(page: Any) -> list[str]:
    return [line for line in page.logged if "Content Security Policy" in line or "Error" in line.split(":")[0]]


def test_the_first_screen_holds_the_claim_its_number_and_its_figure(page: Any) -> None:
    for width, height, least in ((1280, 800, 200), (390, 844, 60)):
        page.show(width, height)
        for selector in ("h1", ".lb-status", ".lb-prediction", ".lb-brief-facts"):
            place = f"document.querySelector('article {selector}').getBoundingClientRect()"
            assert page.value(f"{place}.bottom + scrollY") <= height, (selector, width)
        top = page.value(f"{DRAWING}.getBoundingClientRect().top + scrollY")
        assert top + least <= height, width


def test_a_value_is_read_off_a_figure_by_keyboard(page: Any) -> None:
    page.value(f"{DRAWING}.focus()")
    assert page.wait_for(TOLD) == "measured: width 1, loss 1 [0.9, 1.1]"
    page.press("ArrowRight")
    assert page.value(TOLD) == "measured: width 10, loss 0.3 [0.2, 0.4]"
    page.press("ArrowRight")  # the third point of the line has no value
    assert page.value(TOLD) == "measured: width 10, loss 0.3 [0.2, 0.4]"
    page.press("ArrowDown", "End")
    assert page.value(TOLD) == "theory: width 100, loss 0.1"
    page.press("ArrowDown", "Home")
    assert page.value(TOLD) == "measured (control: shifted): width 1, loss 1 [0.9, 1.1]"
    assert errors(page) == []


def test_a_value_is_read_off_a_figure_with_the_pointer(page: Any) -> None:
    place = page.value(
        f"(() => {{ const r = {DRAWING}.querySelector('.predicted .line').getBoundingClientRect();"
        "return [r.left, r.top]; })()"
    )
    page.ask("Input.dispatchMouseEvent", type="mouseMoved", x=place[0] + 1, y=place[1] + 1)
    assert "width 1, loss 1" in page.wait_for(TOLD)


def test_an_axis_turns_linear_and_back_and_the_lines_follow(page: Any) -> None:
    line = f"{DRAWING}.querySelector('.predicted .line').getAttribute('d')"
    ticks = f"{DRAWING}.querySelector('.scales').textContent"
    before = page.value(line), page.value(ticks)
    click(page, ".lb-first-figure button", "log y")
    page.wait_for(f"{line} !== {json.dumps(before[0])}")
    assert page.value(ticks) != before[1]
    shown = "document.querySelector('.lb-first-figure button[aria-pressed]:nth-child(2)').ariaPressed"
    assert page.value(shown) == "false"
    click(page, ".lb-first-figure button", "log y")
    page.wait_for(f"{shown} === 'true'")
    assert places(page.value(line)) == pytest.approx(places(before[0]), abs=0.1)


def places(path: str) -> list[float]:
    """The coordinates of a path whose steps are told from its corner (L), or from one to the next (l)."""
    start, relative, steps = path.lstrip("M").replace("L", " ").partition("l")
    found = [float(number) for number in start.split()]
    for place, number in enumerate(re.findall(r"-?(?:\d+\.?\d*|\.\d+)", steps) if relative else ()):
        found.append(found[place] + float(number))
    return found


def test_controls_and_the_spread_over_seeds_switch_off(page: Any) -> None:
    for words, selector in (("controls", "g.control[data-line]"), ("spread", "g[data-line] .band")):
        display = f"getComputedStyle({DRAWING}.querySelector('{selector}')).display"
        assert page.value(display) != "none"
        click(page, ".lb-first-figure button", words)
        page.wait_for(f"{display} === 'none'")


def test_a_figure_leaves_as_svg_and_its_numbers_as_csv(page: Any) -> None:
    click(page, ".lb-first-figure button", "SVG")
    click(page, ".lb-first-figure button", "CSV")
    drawing, table = page.wait_for("saved.length === 2 && Promise.all(saved.map(b => b.text()))")
    assert drawing.startswith("<svg")
    assert 'xmlns="http://www.w3.org/2000/svg"' in drawing
    assert "stroke-width:" in drawing.replace(" ", "")
    rows = table.splitlines()
    assert rows[0] == "control,panel,curve,role,x,y,low,high"
    assert rows[1] == ",Loss,measured,measured,1,1,0.9,1.1"
    assert "shifted,Loss,measured,measured,10,0.3,0.2,0.4" in rows
    assert page.value("savedAs") == "noise-averages-out-centre-quick-cpu-loss.csv"
    assert errors(page) == []


def test_the_numbers_of_a_verdict_leave_as_csv(page: Any) -> None:
    click(page, ".lb-figure-strip button", "CSV")
    (table,) = page.wait_for("saved.length === 1 && Promise.all(saved.map(b => b.text()))")
    rows = table.splitlines()
    assert rows[:2] == ["row,what,value", "measured,estimate,0.012345"]
    assert [row for row in rows if row.startswith("control: shifted,seed")][-1] == "control: shifted,seed,1"
    assert rows[-2:] == ["accepted,low,-0.3", "accepted,high,0.3"]
    assert page.value("savedAs") == "noise-averages-out-centre-quick-cpu-verdict.csv"


def test_the_numbers_of_a_course_leave_as_csv(page: Any) -> None:
    click(page, ".lb-course-figure button", "CSV")
    (table,) = page.wait_for("saved.length === 1 && Promise.all(saved.map(b => b.text()))")
    head, *runs = table.splitlines()
    assert head == "started,outcome,estimate,low,high,accepted low,accepted high,seeds,seed base"
    assert [run.split(",")[:3] for run in runs] == [
        ["2026-11-19T02:00:00Z", "pass", "0.02"],
        ["2026-11-20T02:00:00Z", "pass", "0.012345"],
    ]
    assert page.value("savedAs") == "noise-averages-out-centre-quick-cpu-estimates-over-time.csv"


def test_figures_whose_numbers_cannot_be_had_say_so(page: Any, small_site: Path, tmp_path: Path) -> None:
    alone = tmp_path / "site"
    shutil.copytree(small_site, alone, ignore=shutil.ignore_patterns("*.curves.js"))
    page.open(f"{alone.resolve().as_uri()}/{LAW}")
    for figure in (".lb-first-figure", ".lb-figure-strip", ".lb-course-figure"):
        click(page, f"{figure} button", "CSV")
        page.wait_for(f"document.querySelector('{figure} .lb-tools').textContent.includes('cannot be read')")


def test_a_formula_is_copied_as_tex_and_found_again_at_its_address(page: Any) -> None:
    formula = "document.querySelector('#statement ~ * .lb-formula')"
    click(page, ".lb-formula .lb-copy")
    (copied,) = page.wait_for("copied.length && copied")
    assert copied == r"\frac{1}{n} \sum_{i=1}^{n} x_i \to \mu."
    address = page.value(f"{formula}.querySelector('.lb-formula-link').href")
    page.open(address)
    assert page.value("document.querySelector(':target').matches('.lb-formula')")


def test_a_source_is_followed_to_its_bibtex_and_copied(page: Any) -> None:
    page.open(page.value("document.querySelector('.lb-sources a[href*=\"#bibtex-\"]').href"))
    assert page.wait_for("document.querySelector(':target')?.checkVisibility()")
    page.value(KEPT)
    click(page, ".lb-bibtex[open] .lb-copy")
    (copied, *_) = page.wait_for("copied.length && copied")
    assert copied.lstrip().startswith("@")
    assert "gauss1809theoria" in copied


def test_a_checkers_source_is_coloured_and_reads_as_it_stands_in_its_file(page: Any) -> None:
    page.open(page.value("document.querySelector('a[href*=\"#centre_of_noise\"]').href"))
    page.wait_for("document.querySelector(':target') && document.readyState === 'complete'")
    code = "document.querySelector(':target ~ .lb-source pre > code')"
    source = (Path(__file__).parents[1] / "tiny_registry/checkers/laws/example.py").read_text(encoding="utf-8")
    assert page.value(f"{code}.textContent").strip() in source
    coloured = page.value(
        f"[...{code}.querySelectorAll('span')].map((span) => span.className + ' ' + span.textContent)"
    )
    assert {"k def", "k return", "nf centre_of_noise"} <= set(coloured)
    assert any(span.startswith(('sd """', 's2 "')) for span in coloured)


def test_a_tension_is_followed_to_its_cause(page: Any, small_site: Path) -> None:
    page.open(f"{small_site.resolve().as_uri()}/tensions.html")
    assert page.value("document.querySelector('#tension').textContent").startswith("Tensions (1)")
    chain = "document.querySelector('.lb-findings .lb-chain').textContent"
    assert page.value(chain) == "noise-is-positive is a special case of noise-averages-out"
    click(page, ".lb-findings .lb-chain a", "noise-is-positive")
    page.wait_for("location.pathname.endsWith('claims/noise-is-positive.html') && document.readyState === 'complete'")
    assert page.value("document.querySelector('.lb-finding .lb-is-fail') !== null")
    click(page, ".lb-finding a", "Noise averages out")
    page.wait_for("location.pathname.endsWith('claims/noise-averages-out.html')")


def test_the_map_shows_one_entry_s_neighbours_and_the_view_stands_in_the_address(page: Any, small_site: Path) -> None:
    at = f"{small_site.resolve().as_uri()}/graph.html"
    faded = "[...document.querySelectorAll('a.lb-faded text')].map((e) => e.textContent)"
    shown = "[...document.querySelectorAll('.lb-map-table tbody tr')].filter((e) => !e.hidden).map((e) => e.innerText)"
    page.open(f"{at}#focus=noise-is-positive")
    assert page.value(faded) == ["noise-in-the-dark"]
    assert len(page.value(shown)) == 2
    page.value(
        "(() => { const box = document.querySelectorAll('.lb-map-tools select')[0]; box.value = 'contradicts';"
        "box.dispatchEvent(new Event('input')); })()"
    )
    assert page.value("location.hash") == "#focus=noise-is-positive&relation=contradicts"
    (row,) = page.value(shown)
    assert "noise-averages-out" in row
    assert page.value("document.querySelectorAll('.edge path:not(.lb-faded)').length") == 1


def test_the_first_figure_is_shown_again_in_its_check_as_a_drawing_of_its_own(page: Any, small_site: Path) -> None:
    html = (small_site / "claims/noise-averages-out.html").read_text()
    assert html.count("<use href=#first-figure />") == html.count("id=first-figure") == 1
    shown = "[...document.querySelectorAll('.lb-figure > svg[data-x]')]"
    assert page.value(f"{shown}.map((e) => e.querySelectorAll('.scales, .line').length > 3)") == [True, True]
    assert page.value("document.querySelectorAll('#first-figure').length") == 1
    click(page, ".lb-figures button", "log y")
    page.wait_for(
        f"{shown}[1].querySelector('.scales').textContent !== {shown}[0].querySelector('.scales').textContent"
    )


@pytest.mark.parametrize(("width", "height"), [(390, 844), (640, 400)], ids=["a phone", "a desk at 200 %"])
def test_no_page_scrolls_sideways(page: Any, small_site: Path, width: int, height: int) -> None:
    page.show(width, height)
    for path in sorted(small_site.rglob("*.html")):
        page.open(path.resolve().as_uri())
        page.value("document.querySelectorAll('article details').forEach((d) => (d.open = true))")
        assert page.value("document.documentElement.scrollWidth") <= width, path  # a phone widens its window instead


def test_everything_can_be_read_without_a_script(page: Any) -> None:
    page.ask("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(page.value("location.href"))
        shown = page.value("document.querySelector('article').innerText")
        assert page.value("document.querySelectorAll('.lb-tools, .lb-copy').length") == 0
    finally:
        page.ask("Emulation.setScriptExecutionDisabled", value=False)
    for words in ("0.012", "What follows", "lawbook try noise-averages-out/centre", "accepted"):
        assert words in shown
    assert "accepted [−0.3, 0.3]" in shown


def test_paper_carries_no_tools(page: Any) -> None:
    page.show(800, 1100, media="print")
    hidden = "[...document.querySelectorAll('.lb-tools, .lb-copy, .md-header')].every((e) => !e.checkVisibility())"
    assert page.value(hidden)
    assert page.value(f"{DRAWING}.checkVisibility()")


def test_nothing_that_a_keyboard_reaches_is_without_a_name(page: Any, small_site: Path) -> None:
    nameless = """
      [...document.querySelectorAll('a[href], button, [role=application], [role=dialog]')]
        .filter((e) => e.checkVisibility() && !(e.ariaLabel || e.title || e.textContent.trim()
          || e.querySelector('title, [aria-label], [alt]')))
        .map((e) => e.outerHTML.slice(0, 120))
    """
    for path in sorted(small_site.rglob("*.html")):
        page.open(path.resolve().as_uri())
        assert page.value(nameless) == [], path
