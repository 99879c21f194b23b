"""A folder is swapped for another so that one of them always stands, whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from lawbook.places import swap
from lawbook.places.owned_folder import files_below, write_marker
from lawbook.places.swap import new_beside, put_in_place


def fill(folder: Path, text: str) -> Path:
    (folder / "deep").mkdir(parents=True, exist_ok=True)
    (folder / "deep/page.html").write_text(text)
    write_marker(folder, files_below(folder))
    return folder


@pytest.mark.parametrize("in_one_step", [True, False])
def test_the_new_stands_in_the_old_ones_place_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_step: bool
) -> None:
    if not in_one_step:
        monkeypatch.setattr(swap, "_exchange", lambda one, other: False)
    target = fill(tmp_path / "site", "old")
    put_in_place(fill(new_beside(target), "new"), target)
    assert (target / "deep/page.html").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_killed_builds_left_is_cleaned_by_the_next(tmp_path: Path) -> None:
    target = fill(tmp_path / "site", "good")
    for left in (".site.lawbook-new", ".site.lawbook-old"):
        (tmp_path / left / "deep").mkdir(parents=True)
        (tmp_path / left / "deep/half").write_text("ha")
        (tmp_path / left / "out").symlink_to(target)
    new = new_beside(target)
    assert list(new.iterdir()) == []
    assert (target / "deep/page.html").read_text() == "good"
    assert {path.name for path in tmp_path.iterdir()} == {"site", new.name}


def test_a_site_that_a_killed_build_had_put_aside_is_put_back(tmp_path: Path) -> None:
    fill(tmp_path / ".site.lawbook-old", "good")
    new_beside(tmp_path / "site")
    assert (tmp_path / "site/deep/page.html").read_text() == "good"
