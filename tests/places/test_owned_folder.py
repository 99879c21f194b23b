"""A folder is Lawbook's as far as its marker says, and no further."""

from __future__ import annotations

from pathlib import Path

import pytest

from lawbook.places.owned_folder import (
    MARKER,
    files_below,
    read_marker,
    refuse_strangers,
    remove_owned,
    write_marker,
)
from lawbook.places.registry_places import PlaceError


@pytest.fixture
def owned(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/page.html").write_text("a page")
    write_marker(folder, files_below(folder))
    return folder


def test_what_the_marker_names_is_no_stranger(owned: Path) -> None:
    assert read_marker(owned) == {"deep/page.html"}
    refuse_strangers(owned)


def test_what_is_missing_or_empty_holds_no_stranger(tmp_path: Path) -> None:
    refuse_strangers(tmp_path / "missing")
    (tmp_path / "empty/hollow").mkdir(parents=True)
    refuse_strangers(tmp_path / "empty")


@pytest.mark.parametrize("marker", [None, b"", b"[]", b'{"files": 3}', b"\xff", b'{"files"'])
def test_without_a_readable_marker_everything_is_strange(owned: Path, marker: bytes | None) -> None:
    (owned / MARKER).unlink()
    if marker is not None:
        (owned / MARKER).write_bytes(marker)
    with pytest.raises(PlaceError, match=r"holds deep/page.html, which Lawbook did not put there; nothing was"):
        refuse_strangers(owned)


def test_a_file_a_link_and_a_linked_folder_are_strangers(owned: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (owned / name).write_text("mine")
    (owned / "c").symlink_to(tmp_path)
    (owned / "d").symlink_to(tmp_path / "nowhere")
    with pytest.raises(PlaceError, match=r"holds a, b, c and 1 more, which"):
        refuse_strangers(owned)


def test_a_link_in_the_place_of_a_file_of_ours_is_a_stranger(owned: Path, tmp_path: Path) -> None:
    (owned / "deep/page.html").unlink()
    (owned / "deep/page.html").symlink_to(tmp_path / "nowhere")
    with pytest.raises(PlaceError):
        refuse_strangers(owned)


def test_a_marker_that_is_a_link_says_nothing(owned: Path, tmp_path: Path) -> None:
    (owned / MARKER).rename(tmp_path / "marker")
    (owned / MARKER).symlink_to(tmp_path / "marker")
    assert read_marker(owned) is None


def test_removing_follows_no_link(owned: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/letter").write_text("dear")
    (owned / "way-out").symlink_to(tmp_path / "precious")
    (owned / "deep/letter").symlink_to(tmp_path / "precious/letter")
    remove_owned(owned)
    assert not owned.exists()
    assert (tmp_path / "precious/letter").read_text() == "dear"
