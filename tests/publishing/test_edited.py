"""What was saved is seen first: the pages of the entries that it is about, and no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lawbook.book import open_book
from lawbook.publishing.edited import edited, write_edited
from lawbook.publishing.generate import generate
from lawbook.publishing.serving import is_in_every_page
from lawbook.publishing.settings import DOCS_FOLDER, read_settings

REPOSITORY = Path(__file__).parents[2]
CLAIM = "claims/laws/noise-averages-out.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The tiny registry with its tree of pages."""
    root = tmp_path / "registry"
    shutil.copytree(REPOSITORY / "tests/tiny_registry", root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPOSITORY / "site", root / "site")
    generate(open_book(root), read_settings(root), root / DOCS_FOLDER)
    return root


def test_a_saved_claim_gets_its_page_as_the_whole_tree_would_give_it_and_no_other_changes(root: Path) -> None:
    docs = root / DOCS_FOLDER
    before = {path: path.read_bytes() for path in docs.rglob("*") if path.is_file()}
    path = root / CLAIM
    path.write_text(path.read_text().replace("limits: |\n", "limits: |\n  Newly said. ", 1))
    assert write_edited(root, [path]) == 1
    page = docs / "claims/noise-averages-out.md"
    changed = {path for path, content in before.items() if path.read_bytes() != content}
    assert changed == {page}
    assert "Newly said." in page.read_text()
    first = page.read_bytes()
    generate(open_book(root), read_settings(root), docs)
    assert page.read_bytes() == first


def test_a_file_that_is_about_no_entry_gives_no_page(root: Path) -> None:
    assert write_edited(root, [root / "site/pages/method.md", root / "evidence/history/2026-11.jsonl"]) == 0


def test_a_checker_and_evidence_lead_to_the_entries_that_rest_on_them(root: Path) -> None:
    book = open_book(root)
    assert "noise-averages-out" in edited(book, [Path("checkers/laws/example.py")])
    assert edited(book, [Path("evidence/noise-averages-out/centre.quick.cpu.json")]) == {"noise-averages-out"}
    assert edited(book, [Path("evidence/no-such-claim/centre.quick.cpu.json")]) == set()
    assert edited(book, [Path(CLAIM)]) == {"noise-averages-out"}


def test_only_what_stands_in_every_page_asks_for_all_of_them(root: Path) -> None:
    assert is_in_every_page(root, root / "site/mkdocs.yml")
    assert is_in_every_page(root, root / "site/overrides/main.html")
    assert not is_in_every_page(root, root / CLAIM)
