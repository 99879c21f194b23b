"""Lists as data: each `site/lists/ID.yaml` says what belongs on it, and makes a page that is never out of date."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NoReturn

import yaml

from lawbook.book import Book, EntryState
from lawbook.publishing.changes import Change
from lawbook.publishing.facets import FACETS, KNOWN, facts, last_verified, severity_of
from lawbook.publishing.search_index import plain_title
from lawbook.publishing.search_words import fold
from lawbook.publishing.settings import SiteError, SiteSettings
from lawbook.registry.suggestions import did_you_mean

KEYS = ("title", "description", "where", "sort")
SORTS = ("title", "status", "newest")
WHERE = (*FACETS, "as_expected", "stale", "has_tier", "words", "became", "within_days")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_TIME = 3660


@dataclass(frozen=True)
class SavedList:
    """One list. where: by key, the words of which one at least must fit; all keys must.

    Beside the facets: as_expected and stale (a truth value); has_tier (has a check that runs at that tier); words (the
    beginning of a word of its title, formula or other names); became (changed to that status), within_days of the
    newest record of the book.
    """

    id: str
    title: str
    description: str
    where: dict[str, Any]
    sort: str

    @property
    def path(self) -> str:
        return f"lists/{self.id}.html"


def read_lists(settings: SiteSettings) -> list[SavedList]:
    """Every list by title; raises SiteError where one is wrong, with its file, its key and what was meant."""
    folder = settings.folder / "lists"
    found = [_read(path) for path in sorted(folder.glob("*.yaml"))]
    for path in sorted(folder.glob("*.yml")):
        raise SiteError(f"{path}: a list's name ends in .yaml; rename it")
    return sorted(found, key=lambda saved: saved.title.lower())


def members(saved: SavedList, book: Book, changes: Sequence[Change]) -> list[EntryState]:
    """The claims that belong on a list, sorted as it says."""
    claims = [state for state in book.states.values() if not state.entry.is_problem]
    own = [state for state in claims if _fits(saved, state, book, changes)]
    own.sort(key=lambda state: plain_title(state.entry.title).lower())
    if saved.sort == "status":
        own.sort(key=lambda state: severity_of(state.status))
    if saved.sort == "newest":
        own.sort(key=last_verified, reverse=True)
    return own


def _fits(saved: SavedList, state: EntryState, book: Book, changes: Sequence[Change]) -> bool:
    where, held = saved.where, facts(state)
    if any(not set(where[name]) & set(held[name]) for name in FACETS if name in where):
        return False
    if "as_expected" in where and state.as_expected is not where["as_expected"]:
        return False
    if "stale" in where and any(check.stale for check in state.checks) is not where["stale"]:
        return False
    if "has_tier" in where and not {check.tier for check in state.checks} & set(where["has_tier"]):
        return False
    if "words" in where and not _says(state, where["words"]):
        return False
    return "became" not in where or _became(where, state, book, changes)


def _says(state: EntryState, words: Sequence[str]) -> bool:
    claim = state.entry.claim
    said = f" {fold(' '.join([plain_title(claim.title), plain_title(claim.prediction), *claim.aliases]))}"
    return any(f" {fold(word)}" in said for word in words)


def _became(where: dict[str, Any], state: EntryState, book: Book, changes: Sequence[Change]) -> bool:
    own = [change for change in changes if change.id == state.entry.id and change.after in where["became"]]
    if not own or not book.history:
        return False
    # By the book's own time, so that the same book gives the same pages.
    last = date.fromisoformat(book.history[-1].started[:10])
    since = last - timedelta(days=where.get("within_days", LONGEST_TIME))
    return any(date.fromisoformat(change.line.started[:10]) > since for change in own)


def _read(path: Path) -> SavedList:
    if not _ID.fullmatch(path.stem):
        raise SiteError(f"{path}: the name of a list is its address; write it in a-z, 0-9 and single hyphens")
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SiteError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SiteError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(held, dict):
        raise SiteError(f"{path}: a list is a mapping of {', '.join(KEYS)}")
    _known(path, "", held, KEYS)
    for key in ("title", "where"):
        if key not in held:
            raise SiteError(f"{path}: '{key}' is missing; a list needs a title, and says in `where` what belongs on it")
    for key in ("title", "description"):
        if not isinstance(held.get(key, ""), str) or (key in held and not held[key].strip()):
            raise SiteError(f"{path}: {key}: a text, not {held[key]!r}")
    sort = held.get("sort", "title")
    if sort not in SORTS:
        raise SiteError(f"{path}: sort: {sort!r} is no order; {did_you_mean(str(sort), SORTS, noun='orders')}")
    where = _where(path, held["where"])
    return SavedList(path.stem, held["title"], held.get("description", ""), where, str(sort))


def _where(path: Path, given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or not given:
        raise SiteError(f"{path}: where: a mapping of what must fit, such as `standing: refuted`")
    _known(path, "where: ", given, WHERE)
    where: dict[str, Any] = {}
    for key, value in given.items():
        if key in ("as_expected", "stale"):
            if not isinstance(value, bool):
                _wrong(path, key, f"true or false, not {value!r}")
            where[key] = value
        elif key == "within_days":
            if type(value) is not int or not 0 < value <= LONGEST_TIME:
                _wrong(path, key, f"a whole number of days from 1 to {LONGEST_TIME}, not {value!r}")
            where[key] = value
        else:
            where[key] = _choices(path, key, value)
    if "within_days" in where and "became" not in where:
        _wrong(path, "within_days", "a time for `became`, which is missing")
    return where


def _choices(path: Path, key: str, value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    known = KNOWN.get({"became": "status", "has_tier": "tier"}.get(key, key))
    if not listed or not all(isinstance(word, str) and word.strip() for word in listed):
        _wrong(path, key, f"a word or a list of words, not {value!r}")
    for word in listed:
        if known is not None and word not in known:
            _wrong(path, key, f"'{word}' is none; {did_you_mean(word, known, noun='it knows')}")
        if key == "words" and not fold(word):
            _wrong(path, key, f"{word!r} holds no letter or digit")
    return [str(word) for word in listed]


def _known(path: Path, where: str, held: dict[Any, Any], keys: Sequence[str]) -> None:
    for key in held:
        if key not in keys:
            raise SiteError(f"{path}: {where}unknown key '{key}'; {did_you_mean(str(key), keys, noun='keys', most=16)}")


def _wrong(path: Path, key: str, said: str) -> NoReturn:
    raise SiteError(f"{path}: where: {key}: {said}")
