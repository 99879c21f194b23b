"""Where the page of a claim lies, and how to have it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from lawbook.cli import main
from lawbook.publishing.page_places import page_lines
from lawbook.registry.load import load_registry


def with_site(root: Path) -> Path:
    (root / "site").mkdir()
    (root / "site/mkdocs.yml").touch()
    return root


def test_a_page_that_is_built_is_named_and_one_that_is_not_says_how(tiny_registry: Path) -> None:
    registry = load_registry(with_site(tiny_registry))
    page = tiny_registry / "build/site/claims/noise-averages-out.html"
    (told,) = page_lines(registry, ["noise-averages-out"])
    assert told.startswith(f"not built yet: `lawbook site build` writes {page}")
    page.parent.mkdir(parents=True)
    page.touch()
    (told,) = page_lines(registry, ["noise-averages-out"])
    assert told.startswith(f"{page} (as last built; `lawbook site serve noise-averages-out` shows it")


def test_many_entries_have_one_page_to_begin_at_and_no_site_has_none(tiny_registry: Path) -> None:
    registry = load_registry(tiny_registry)
    assert page_lines(registry, list(registry.entries)) == []
    with_site(tiny_registry)
    (told,) = page_lines(registry, [*registry.entries, "another"])
    assert "build/site/index.html" in told
    assert page_lines(registry, []) == []


def test_verify_and_show_end_with_the_page(tiny_registry: Path) -> None:
    root = with_site(tiny_registry)
    where = f"{root}/build/site/claims/noise-averages-out.html"
    for command in (["verify", "--device", "cpu"], ["show", "--curves", "none"]):
        done = CliRunner().invoke(main, [*command, "noise-averages-out", "--root", str(root)])
        assert done.exit_code == 0, done.output
        last = "".join(done.output.splitlines()[-5:])
        assert "Page" in last
        assert where in last
