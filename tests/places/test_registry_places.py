"""No command puts its output where people wrote, where evidence lies, or where git keeps its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lawbook.places.registry_places import PlaceError, refuse_folder, refuse_inside

PLACES = ["claims", "checkers", "evidence", "src", "site", "tests", ".git", ".github", ".lawbook"]


@pytest.mark.parametrize("place", PLACES)
def test_a_place_of_the_registry_and_whatever_lies_in_it_is_refused(tiny_registry: Path, place: str) -> None:
    for path in (place, f"{place}/deep/er", f"build/../{place}", place.upper(), f"{place.title()}/new"):
        with pytest.raises(PlaceError, match=rf"(?i)--out .* {place}/ of the registry; name a folder of its own"):
            refuse_folder(tiny_registry, tiny_registry / path, "--out")


def test_the_root_and_what_holds_it_is_refused(tiny_registry: Path) -> None:
    with pytest.raises(PlaceError, match="is the root of the registry"):
        refuse_folder(tiny_registry, tiny_registry, "--out")
    for above in tiny_registry.parents:
        with pytest.raises(PlaceError, match="holds the root of the registry"):
            refuse_folder(tiny_registry, above, "--out")


def test_a_link_is_judged_by_where_it_leads(tiny_registry: Path, tmp_path: Path) -> None:
    (tmp_path / "way-in").symlink_to(tiny_registry / "claims")
    (tmp_path / "elsewhere").mkdir()
    (tiny_registry / "evidence").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for path in ("way-in", "way-in/new", "elsewhere", "elsewhere/new"):
        with pytest.raises(PlaceError, match=r"(is|lies in) (claims|evidence)/"):
            refuse_folder(tiny_registry, tmp_path / path, "--out")


def test_a_relative_path_is_judged_from_where_one_stands(tiny_registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiny_registry / "claims")
    for path in (".", "..", "laws", "../claims/new"):
        with pytest.raises(PlaceError):
            refuse_folder(tiny_registry, Path(path), "--out")


def test_the_home_folder_and_the_whole_system_are_refused(
    tiny_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "people" / "someone"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for path in (home, home.parent):
        with pytest.raises(PlaceError, match="holds your home folder"):
            refuse_folder(tiny_registry, path, "--out")
    assert refuse_folder(tiny_registry, home / "public", "--out") == home / "public"
    with pytest.raises(PlaceError):
        refuse_folder(tiny_registry, Path("/"), "--out")


def test_another_registry_and_another_repository_are_as_safe_as_this_one(tiny_registry: Path, tmp_path: Path) -> None:
    (tmp_path / "other/claims").mkdir(parents=True)
    (tmp_path / "third/.git").mkdir(parents=True)
    with pytest.raises(PlaceError, match="lies in claims/ of the registry at"):
        refuse_folder(tiny_registry, tmp_path / "other/claims/new", "--out")
    with pytest.raises(PlaceError, match="lies in a folder of git's own"):
        refuse_folder(tiny_registry, tmp_path / "third/.git/hooks", "--out")


def test_a_registry_inside_the_tests_of_another_has_its_own_build_folder(tmp_path: Path) -> None:
    inner = tmp_path / "tests" / "registry"
    (inner / "claims").mkdir(parents=True)
    (tmp_path / "claims").mkdir()
    assert refuse_folder(inner, inner / "build/site", "--out") == (inner / "build/site").resolve()


def test_a_file_may_stand_beside_the_places_but_not_in_them(tiny_registry: Path) -> None:
    assert refuse_inside(tiny_registry, tiny_registry / "report.json", "--report").name == "report.json"
    with pytest.raises(PlaceError, match=r"lies in evidence/ of the registry; name a file elsewhere"):
        refuse_inside(tiny_registry, tiny_registry / "evidence/report.json", "--report")


def test_the_system_takes_it_for_a_refusal_of_its_own(tiny_registry: Path) -> None:
    with pytest.raises(OSError) as refused:  # noqa: PT011 - every command tells an OSError in a line
        refuse_folder(tiny_registry, tiny_registry, "--out")
    assert refused.value.strerror == f"--out {tiny_registry} is the root of the registry; {ADVICE}"
    assert os.listdir(tiny_registry)


ADVICE = "name a folder of its own, as build/site"
