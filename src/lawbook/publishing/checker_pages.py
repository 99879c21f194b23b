"""The modules that entries name as checkers, a page each: the whole source, read and never executed, with an address
for every checker in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lawbook.book import Book, EntryState
from lawbook.publishing.settings import SiteSettings
from lawbook.registry.checker_files import read_source
from lawbook.registry.checker_modules import PACKAGE, CheckerError
from lawbook.registry.checker_source import resolve_checker
from lawbook.registry.entry import Entry

FOLDER = f"{PACKAGE}/"


@dataclass(frozen=True)
class CheckerPlace:
    """Where a checker stands: path and lines of its file, address in the site, url in the repository's web view or
    "".
    """

    reference: str
    path: str
    line: int
    end_line: int
    address: str
    url: str

    @property
    def function(self) -> str:
        return self.reference.partition(":")[2]


@dataclass(frozen=True)
class Use:
    """What an entry asks of a checker. asked: each check or map by its name, and its place on the entry's page."""

    state: EntryState
    asked: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Stretch:
    """Some lines of a module. place: of the checker that they begin with, None before the first one."""

    text: str
    place: CheckerPlace | None = None
    uses: Sequence[Use] = ()


def checker_places(root: Path, entry: Entry, settings: SiteSettings) -> list[CheckerPlace]:
    """Where the checkers of an entry stand; without those that cannot be found or read."""
    places = (_place(root, reference, settings) for reference in _named(entry))
    return [place for place in places if place is not None]


def checker_pages(
    book: Book, settings: SiteSettings, only: Collection[str] | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, variables of `checker.md.jinja`) of the page of each module that an entry names, or that some do."""
    uses: dict[str, dict[str, list[Use]]] = {}
    wanted = set()
    for id, state in book.states.items():
        for reference in _named(state.entry):
            module = reference.partition(":")[0]
            uses.setdefault(module, {}).setdefault(reference, []).append(Use(state, _asked(state.entry, reference)))
            if only is None or id in only:
                wanted.add(module)
    for module in sorted(wanted):
        places = [_place(book.registry.root, reference, settings) for reference in uses[module]]
        known = sorted((place for place in places if place is not None), key=lambda place: place.line)
        if known:
            path = known[0].path
            try:
                stretches = list(_stretches(book.registry.root, path, known, uses[module]))
            except (OSError, UnicodeDecodeError):  # gone, or another one, since it was parsed
                continue
            users = {use.state.entry.id: use.state for found in uses[module].values() for use in found}
            yield (
                _page(module).removesuffix(".html") + ".md",
                {
                    "module": module,
                    "path": path,
                    "url": settings.source_url(path),
                    "users": list(users.values()),
                    "stretches": stretches,
                },
            )


def _named(entry: Entry) -> list[str]:
    """The references of an entry's checks, and of its maps that have their own, each once."""
    of_maps = [law_map.checker for law_map in entry.maps if law_map.checker is not None]
    return list(dict.fromkeys([*(check.checker for check in entry.checks), *of_maps]))


def _asked(entry: Entry, reference: str) -> tuple[tuple[str, str], ...]:
    checks = [(check.name, f"check-{check.name}") for check in entry.checks if check.checker == reference]
    maps = [(law_map.name, "maps") for law_map in entry.maps if law_map.checker == reference]
    return (*checks, *maps)


def _page(module: str) -> str:
    # MkDocs makes README.md a folder's index.html, and no module has a hyphen.
    return f"{module.replace('.', '/')}{'-module' if module.endswith('.README') else ''}.html"


def _place(root: Path, reference: str, settings: SiteSettings) -> CheckerPlace | None:
    try:
        source = resolve_checker(root, reference)
        _lines(root, source.module_path)
    except (CheckerError, OSError, UnicodeDecodeError):
        return None
    module, _, function = reference.partition(":")
    path = source.module_path.as_posix()
    url = settings.source_url(path, (source.line, source.end_line))
    return CheckerPlace(reference, path, source.line, source.end_line, f"{_page(module)}#{function}", url)


def _lines(root: Path, path: str | Path) -> list[str]:
    """The lines of a module as Python counts them."""
    source = read_source(root / PACKAGE, root / path).decode("utf-8")
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _stretches(
    root: Path, path: str, places: Sequence[CheckerPlace], uses: Mapping[str, Sequence[Use]]
) -> Iterator[Stretch]:
    """The lines of a module, cut before each of these checkers, which are in their order."""
    lines = _lines(root, path)
    starts = []
    for place in places:
        start = min(place.line - 1, len(lines))
        while start and lines[start - 1].strip():  # decorators and comments right above belong to it
            start -= 1
        starts.append(start)
    texts = [
        "\n".join(lines[start:end]).strip("\n") for start, end in zip([0, *starts], [*starts, len(lines)], strict=True)
    ]
    if texts[0]:
        yield Stretch(texts[0])
    for text, place in zip(texts[1:], places, strict=True):
        yield Stretch(text, place, uses[place.reference])
