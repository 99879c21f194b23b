"""A saved list shows the claims that its file asks for, and says what is wrong with a file that asks for none."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from lawbook.book import Book
from lawbook.publishing.changes import status_changes
from lawbook.publishing.facets import facets
from lawbook.publishing.generate import text_files
from lawbook.publishing.lists import members, read_lists
from lawbook.publishing.settings import SiteError, SiteSettings

Listed = Callable[[str], list[str]]


@pytest.fixture
def listed(tmp_path: Path, book: Book, site_settings: SiteSettings) -> Listed:
    """The ids on the list that a `where` in YAML makes."""
    settings = dataclasses.replace(site_settings, folder=tmp_path)
    (tmp_path / "lists").mkdir()

    def made(where: str) -> list[str]:
        text = where if where.startswith("title") else f"title: A list\nwhere: {where}\n"
        (tmp_path / "lists/a-list.yaml").write_text(text, encoding="utf-8")
        (saved,) = read_lists(settings)
        return [state.entry.id for state in members(saved, book, status_changes(book))]

    return made


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ("{status: pass}", ["noise-averages-out"]),
        ("{status: [pass, unverified]}", ["noise-averages-out", "noise-is-positive"]),
        ("{standing: refuted}", ["noise-is-positive"]),
        ("{standing: refuted, status: pass}", []),
        ("{kind: theorem, strand: laws, tier: quick, device: cpu}", ["noise-averages-out"]),
        ("{device: h100}", []),
        ("{has_tier: full}", ["noise-averages-out"]),
        ("{as_expected: true}", ["noise-averages-out"]),
        ("{stale: true}", ["noise-averages-out"]),
        ("{words: [averages]}", ["noise-averages-out"]),
        ("{words: average}", ["noise-averages-out"]),
        ("{words: verages}", []),
        ("{became: fail}", ["noise-averages-out"]),
        ("{became: fail, within_days: 1}", []),
        ("{became: fail, within_days: 2}", ["noise-averages-out"]),
    ],
)
def test_what_is_asked_for_is_listed(listed: Listed, where: str, ids: list[str]) -> None:
    assert listed(where) == ids


def test_a_list_is_sorted_as_it_says(listed: Listed) -> None:
    both = "title: x\nwhere: {status: [pass, unverified]}\nsort: "
    assert listed(f"{both}title") == ["noise-averages-out", "noise-is-positive"]
    assert listed(f"{both}status") == ["noise-is-positive", "noise-averages-out"]
    assert listed(f"{both}newest")[0] == "noise-averages-out"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: x\nwere: {status: pass}\n", "unknown key 'were'; did you mean 'where'?"),
        ("title: x\nwhere: {statsu: pass}\n", "where: unknown key 'statsu'; did you mean 'status'?"),
        ("title: x\nwhere: {status: passed}\n", "where: status: 'passed' is none; did you mean 'pass'?"),
        ("title: x\nwhere: {standing: 3}\n", "where: standing: a word or a list of words, not 3"),
        ("title: x\nwhere: {as_expected: maybe}\n", "true or false, not 'maybe'"),
        ("title: x\nwhere: {within_days: 7}\n", "a time for `became`, which is missing"),
        ("title: x\nwhere: {became: fail, within_days: 0}\n", "a whole number of days from 1"),
        ("title: x\nwhere: {words: ['…']}\n", "holds no letter or digit"),
        ("title: x\nwhere: {}\n", "a mapping of what must fit"),
        ("title: x\n", "'where' is missing"),
        ("title: ''\nwhere: {status: pass}\n", "title: a text"),
        ("title: x\nwhere: {status: pass}\nsort: newset\n", "did you mean 'newest'?"),
        ("title: [x\n", "not valid YAML"),
        ("- x\n", "a list is a mapping of title"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_name_and_what_was_meant(
    tmp_path: Path, site_settings: SiteSettings, text: str, said: str
) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SiteError) as caught:
        read_lists(dataclasses.replace(site_settings, folder=tmp_path))
    assert str(caught.value).startswith(f"{tmp_path / 'lists/mine.yaml'}: ")
    assert said in str(caught.value)


def test_each_list_has_a_page_and_the_home_page_leads_there(book: Book, site_settings: SiteSettings) -> None:
    files = dict(text_files(book, site_settings))
    assert "noise-is-positive.html" in files["lists/refuted.md"]
    assert "noise-averages-out.html" not in files["lists/refuted.md"]
    assert 'href="lists/refuted.html"' in files["index.md"]
    assert 'href="refuted.html"' in files["lists/index.md"]


def test_facets_count_what_the_book_holds_and_nothing_else(book: Book) -> None:
    claims = [state for state in book.states.values() if not state.entry.is_problem]
    counted = {facet.name: facet.counts for facet in facets(claims)}
    assert counted["status"] == {"pass": 1, "unverified": 1}
    assert counted["standing"] == {"established": 1, "refuted": 1}
    assert counted["device"] == {"cpu": 1, "none": 1}
