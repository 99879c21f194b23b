"""axe-core finds nothing serious on any kind of page, light or dark; skipped where no package carries its script."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
# Packages that carry axe-core's script; it runs in the Chromium that the other tests drive.
CARRIERS = {"axe_playwright_python": "axe.min.js", "axe_core_python": "axe.min.js"}
# Not 404.html: its addresses begin at a server's root.
PAGES = (
    "index.html", "claims/noise-averages-out.html", "claims/noise-is-positive.html", "problems/index.html",
    "problems/noise-in-the-dark.html", "strands/laws.html", "graph.html", "tensions.html", "changes.html",
    "history.html", "notation.html", "severity.html", "bibliography.html", "schema.html", "method.html",
    "contribute.html", "checkers/laws/example.html",
)  # fmt: skip
# What KaTeX has typeset is spoken by its MathML, which axe does not read.
RUN = """
window.found = null;
axe.run({exclude: [[".katex"]]}, {resultTypes: ["violations"], preload: false}).then((done) => {
  window.found = done.violations
    .filter((rule) => ["serious", "critical"].includes(rule.impact))
    .map((rule) => [rule.id, rule.nodes.slice(0, 3).map((node) => node.html.slice(0, 200))]);
});
0
"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    for package, name in CARRIERS.items():
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            if (script := Path(folder) / name).is_file():
                return script.read_text(encoding="utf-8")
    pytest.skip(f"no axe-core here (looked in {', '.join(CARRIERS)})")


@pytest.mark.parametrize("scheme", ["default", "slate"], ids=["light", "dark"])
def test_axe_finds_nothing_serious(browser: Any, axe: str, small_site: Path, scheme: str) -> None:
    browser.show(1280, 900)
    for path in PAGES:
        browser.open(f"{small_site.resolve().as_uri()}/{path}")
        browser.value(f"document.body.dataset.mdColorScheme = '{scheme}'")
        browser.value("document.querySelectorAll('article details').forEach((part) => (part.open = true))")
        browser.value("new Promise((done) => setTimeout(done, 600))")  # until what scripts add stands
        browser.ask("Runtime.evaluate", expression=axe)
        browser.value(RUN)
        browser.wait_for("window.found !== null", 60)
        assert browser.value("window.found") == [], path
    browser.logged.clear()
