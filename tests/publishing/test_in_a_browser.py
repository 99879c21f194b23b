"""In a real browser no hostile text runs, and the theme works under a policy that lets no script into a page."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lawbook.prose import plain_text, spelled_out

pytestmark = pytest.mark.slow
HARM = "document.body.dataset.pwned || document.querySelector('pwned, [pwned]') !== null"
TYPE = """
(words => {
  const input = document.querySelector("#lb-search-words");
  input.focus();
  input.value = words;
  input.dispatchEvent(new Event("input"));
})(%s)
"""
TOLD = "document.querySelector('.lb-search-told').textContent"
TITLES = "[...document.querySelectorAll('#lb-search-list a')].map(link => link.firstChild.textContent)"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def served(hostile_site: Any) -> Iterator[str]:
    """The hostile site's address on this machine alone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(hostile_site.built)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["http", "file"])
def home(request: pytest.FixtureRequest, served: str, hostile_site: Any) -> str:
    """The site's address, from a server and as files."""
    return served if request.param == "http" else Path(hostile_site.built).resolve().as_uri()


def search(browser: Any, words: str) -> list[str]:
    browser.value(TYPE % json.dumps(words))
    browser.wait_for(f"{TOLD} && !{TOLD}.startsWith('Reading')")
    return list(browser.value(TITLES))


def violations(browser: Any) -> list[str]:
    found = [line for line in browser.logged if "Content Security Policy" in line or "Error:" in line]
    browser.logged.clear()
    return found


def test_no_page_runs_what_a_text_says(browser: Any, served: str, hostile_site: Any) -> None:
    built = Path(hostile_site.built)
    for path in sorted(built.rglob("*.html")):
        browser.open(f"{served}/{path.relative_to(built).as_posix()}")
        assert not browser.value(HARM), path
        assert violations(browser) == [], path
        assert not browser.value("document.documentElement.scrollWidth > innerWidth"), path
    assert browser.dialogs == []


def test_searching_for_a_title_runs_nothing_and_shows_it_as_it_is(browser: Any, home: str, hostile_site: Any) -> None:
    browser.open(f"{home}/claims/claim-00.html")
    titles = dict.fromkeys(" ".join(spelled_out(plain_text(text)).split()) for text in hostile_site.texts.values())
    for title in titles:
        is_word = title.startswith(("Quagga", "Zebra"))
        shown = search(browser, title.split()[0] if is_word else title)
        assert not browser.value(HARM), title
        assert not is_word or title in [" ".join(words.split()) for words in shown]
    assert violations(browser) == []
    assert browser.dialogs == []


def test_search_colours_and_links_work_under_the_policy(browser: Any, home: str) -> None:
    browser.open(f"{home}/index.html")
    assert search(browser, "schema reference")[0] == "Schema reference"
    before = browser.value("document.body.dataset.mdColorScheme")
    browser.value("[...document.querySelectorAll('.md-header label[for^=__palette_]')].find(e => !e.hidden).click()")
    after = browser.wait_for(
        f"document.body.dataset.mdColorScheme != '{before}' && document.body.dataset.mdColorScheme"
    )
    browser.open(f"{home}/problems/index.html")
    assert browser.value("document.body.dataset.mdColorScheme") == after
    browser.value(
        "const about = [...document.querySelectorAll('.md-tabs__link')].find(e => e.href.includes('about'));"
        "setTimeout(() => about.click()); 0"
    )
    browser.wait_for("location.pathname.endsWith('about.html') && document.readyState == 'complete'")
    browser.open(f"{home}/index.html")
    browser.value("document.querySelector('[data-filter-status]').click()")
    assert browser.value("document.querySelector('[data-filter-status]').getAttribute('aria-pressed')") == "true"
    assert violations(browser) == []


def test_the_policy_stops_what_would_slip_through(browser: Any, home: str) -> None:
    browser.open(f"{home}/about.html")
    browser.value(
        "document.querySelector('article').insertAdjacentHTML('beforeend', "
        "'<img src=x onerror=document.body.dataset.pwned=1><a href=javascript:document.body.dataset.pwned=1>x</a>"
        '<iframe srcdoc="<script>parent.document.body.dataset.pwned=1</script>"></iframe>\')'
    )
    browser.value(
        "(() => { const s = document.createElement('script'); s.textContent = 'document.body.dataset.pwned=1';"
        "document.body.append(s); document.querySelector('article a[href^=javascript]').click();"
        "return new Promise(resolve => setTimeout(resolve, 300)) })()"
    )
    assert browser.value("document.body.dataset.pwned") is None
    assert len(violations(browser)) >= 3
