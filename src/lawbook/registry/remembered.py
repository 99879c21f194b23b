"""What an earlier reading of the very same texts found, so that only what changed is read and judged again.

Of each file: what it holds; that its prose has no mistake; that beside the same surroundings (the other ids, the
bibliography, the notation, the parts of pages, the code of the checkers) nothing else of it has one, and what its
checks are judged by there. Only what is without mistakes is remembered; whatever has one is judged again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lawbook.places.user_cache import content_digest, reader_digest, recall, remember
from lawbook.registry.checker_files import read_source
from lawbook.registry.checker_modules import PACKAGE
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.layout import BIBLIOGRAPHY, NOTATION, EntryFile
from lawbook.registry.links import Pages
from lawbook.registry.models import Tier
from lawbook.registry.regions import CheckRegions
from lawbook.registry.yaml_reader import Document, parse_yaml, read_text

NAME = "registry"
FOLDERS = ("registry", "prose", "places")
LIBRARIES = ("pydantic", "pydantic_core", "pyyaml", "markdown-it-py", "mdit-py-plugins", "quickjs", "nh3")
Regions = Mapping[tuple[str, Tier], CheckRegions]


@dataclass
class Known:
    """What is remembered of one file. prose: it has no mistake of its own. beside: the surroundings in which nothing
    else of it has; linked: those in which its links lead somewhere; quiet: those in which there is nothing to note.
    regions: of its checks, in `beside`.
    """

    content: dict[str, Any]
    prose: bool = False
    beside: str = ""
    linked: str = ""
    quiet: str = ""
    regions: dict[str, Any] = field(default_factory=dict)


class Memory:
    """What is known of the files of one registry, and what this pass learns of them."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._reader = reader_digest(FOLDERS, LIBRARIES)
        self._known: dict[str, Known] = {}
        self._before = recall(root, NAME, self._reader)
        self._digests: dict[Path, str] = {}

    def document(self, path: Path) -> Document:
        """The document of a file, from memory where its text was read before."""
        text = read_text(self._root, path)
        if isinstance(text, Diagnostic):
            return Document(path, None, (text,))
        digest = self._digests[path] = content_digest(path.as_posix().encode(), text.encode())
        known = _known(self._before.get(digest))
        if known is None:
            document = parse_yaml(text, path)
            if document.content is not None and not document.diagnostics:
                self._known[digest] = Known(document.content)
            return document
        self._known[digest] = known
        places = _Places(text, path)
        return Document(
            path,
            known.content,
            keys=_Part(places, "keys"),
            values=_Part(places, "values"),
            styles=_Part(places, "styles"),
            comments=_Part(places, "comments"),
            source=text,
        )

    def of(self, path: Path) -> Known | None:
        """What is known of a file without mistakes of form, to be read and added to."""
        return self._known.get(self._digests.get(path, ""))

    def save(self) -> None:
        """Keeps what was learnt, if anything was."""
        known = {digest: vars(known) for digest, known in self._known.items()}
        if known != self._before:
            remember(self._root, NAME, self._reader, known)


def surroundings(root: Path, files: tuple[EntryFile, ...], pages: Pages) -> str:
    """A digest of all that the judgement of one file may ask of the others."""
    parts = [repr((file.id, sorted(pages[file.id] or ()))) for file in files]
    named = [root / BIBLIOGRAPHY, root / NOTATION]
    contents = [f"{path}\0".encode() + path.read_bytes() for path in named if path.is_file()]
    modules = sorted((root / PACKAGE).rglob("*.py"))
    contents += [f"{path}\0".encode() + _source(root, path) for path in modules if path.is_file()]
    return content_digest("\n".join(parts).encode(), *contents)


def _source(root: Path, path: Path) -> bytes:
    try:
        return read_source(root / PACKAGE, path)
    except OSError as error:  # which is all that is judged of it
        return str(error).encode()


def plain_regions(regions: Regions) -> dict[str, Any]:
    """Regions as plain data, by `CHECK/TIER`."""
    return {
        f"{check}/{tier}": [
            found.main, found.predicted, dict(found.controls), dict(found.rivals), dict(found.predictions)
        ]
        for (check, tier), found in regions.items()
    }  # fmt: skip


def regions_of(plain: dict[str, Any]) -> dict[tuple[str, Tier], CheckRegions]:
    """Regions from `plain_regions`."""
    found: dict[tuple[str, Tier], CheckRegions] = {}
    for name, (main, predicted, *named) in plain.items():
        check, _, tier = name.rpartition("/")
        ends = [{arm: (low, high) for arm, (low, high) in regions.items()} for regions in named]
        found[check, "quick" if tier == "quick" else "full"] = CheckRegions(
            (main[0], main[1]), predicted, ends[0], ends[1], ends[2]
        )
    return found


class _Places:
    """Where the parts of a file stand, read when first asked for: only mistakes and notes have places."""

    def __init__(self, text: str, path: Path) -> None:
        self._text, self._path = text, path
        self._document: Document | None = None

    def part(self, name: str) -> Mapping[Any, Any]:
        if self._document is None:
            self._document = parse_yaml(self._text, self._path)
        found: Mapping[Any, Any] = getattr(self._document, name)
        return found


class _Part(Mapping[Any, Any]):
    def __init__(self, places: _Places, name: str) -> None:
        self._places, self._name = places, name

    def __getitem__(self, key: Any) -> Any:
        return self._places.part(self._name)[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._places.part(self._name))

    def __len__(self) -> int:
        return len(self._places.part(self._name))


def _known(stored: Any) -> Known | None:
    try:
        known = Known(**stored)
    except TypeError:
        return None
    is_whole = isinstance(known.content, dict) and isinstance(known.regions, dict)
    return known if is_whole and isinstance(known.beside, str) and isinstance(known.quiet, str) else None
