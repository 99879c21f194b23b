"""No page of the site replaces another: two texts for one path end the generation."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lawbook.book import Book
from lawbook.publishing.generate import generate
from lawbook.publishing.settings import SiteError, SiteSettings


@pytest.mark.parametrize("name", ["history.md", "problems/index.md", "History.md", "claims/noise-averages-out.md"])
def test_two_texts_for_one_path_are_an_error(
    book: Book, site_settings: SiteSettings, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "site"
    shutil.copytree(site_settings.folder, folder)
    page = folder / "pages" / name
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("# Another\n", encoding="utf-8")
    with pytest.raises(SiteError, match="two files of the site would lie at") as caught:
        generate(book, replace(site_settings, folder=folder), tmp_path / "docs")
    assert name in str(caught.value)
    assert not (tmp_path / "docs").exists()


def test_an_asset_does_not_replace_a_page(book: Book, site_settings: SiteSettings, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(site_settings.folder, folder)
    (folder / "pages/assets").mkdir()
    for place in ("pages/assets/story.md", "assets/story.md"):
        (folder / place).write_text("# A story\n", encoding="utf-8")
    with pytest.raises(SiteError, match=r"two files of the site would lie at assets/story\.md"):
        generate(book, replace(site_settings, folder=folder), tmp_path / "docs")
