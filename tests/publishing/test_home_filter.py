"""The table of laws is filtered by facts that combine, counted, sorted, and linked to, from a file as from a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
SHOWN = "[...document.querySelectorAll('.lb-tile')].filter(tile => !tile.hidden).length"
ALL = "document.querySelectorAll('.lb-tile').length"
CHOOSE = """
((name, value) => {
  const select = document.querySelector(".lb-filter").elements[name];
  select.value = value;
  select.dispatchEvent(new Event("input", {bubbles: true}));
  return select.selectedOptions[0].textContent;
})(%r, %r)
"""


@pytest.fixture
def home(browser: Any, plain_site: Any) -> str:
    address = Path(plain_site.built, "index.html").resolve().as_uri()
    browser.open("about:blank")
    browser.open(address)
    browser.logged.clear()
    return address


def number(told: str) -> int:
    return int(told.rpartition("(")[2].rstrip(")"))


def test_facts_combine_and_say_how_many_each_leaves(browser: Any, home: str) -> None:
    everything = browser.value(ALL)
    passing = number(browser.value(CHOOSE % ("status", "pass")))
    assert browser.value(SHOWN) == passing
    assert 0 < passing < everything
    both = number(browser.value(CHOOSE % ("strand", "laws")))
    assert browser.value(SHOWN) == both < passing
    assert f"{both} of {everything}" in browser.value("document.querySelector('.lb-filter-count').textContent")
    browser.value("document.querySelector('.lb-filter [type=reset]').click()")
    browser.wait_for(f"{SHOWN} == {everything}")


def test_a_choice_stands_in_the_address_and_an_address_chooses(browser: Any, home: str) -> None:
    browser.value(CHOOSE % ("status", "fail"))
    browser.value(CHOOSE % ("sort", "newest"))
    shown, address = browser.value(SHOWN), browser.value("location.href")
    assert address == f"{home}#status=fail&sort=newest"
    browser.open("about:blank")
    browser.open(address)
    assert browser.value(SHOWN) == shown < browser.value(ALL)
    assert browser.value("document.querySelector('[data-filter-status=fail]').getAttribute('aria-pressed')") == "true"
    browser.open("about:blank")
    browser.open(f"{home}#status=no-such&standing=established")
    assert browser.value("document.querySelector('.lb-filter').elements.status.value") == ""


def test_sorting_puts_the_worst_first_in_each_column(browser: Any, home: str) -> None:
    browser.value(CHOOSE % ("sort", "status"))
    order = ["error", "void", "fail", "inconclusive", "unverified", "pass"]
    for column in browser.value(
        "[...document.querySelectorAll('.lb-tiles')].map(column => [...column.querySelectorAll('.lb-tile')]"
        ".map(tile => tile.dataset.facts.split(';')[2]).map(place => "
        "document.querySelector('.lb-filter').elements.status.options[place].value))"
    ):
        assert column == sorted(column, key=order.index)


def test_every_choice_is_reached_by_the_keyboard_and_nothing_is_said_to_the_console(browser: Any, home: str) -> None:
    names = browser.value(
        "[...document.querySelector('.lb-filter').elements].filter(element => element.tabIndex === 0)"
        ".map(element => element.name || element.type)"
    )
    assert names == [
        "words", "strand", "kind", "standing", "status", "method", "tier", "device", "sort", "reset",
    ]  # fmt: skip
    unlabelled = "[...document.querySelectorAll('.lb-filter input, .lb-filter select')].filter(e => !e.labels.length)"
    assert browser.value(f"{unlabelled}.length") == 0
    assert browser.logged == []
