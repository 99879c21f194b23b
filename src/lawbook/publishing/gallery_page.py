"""What the page "Kinds of observable" shows: the example registry of `site/gallery`, file by file, as tests run it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from lawbook.publishing.escaping import markup
from lawbook.publishing.source_code import highlighted
from lawbook.registry.checker_modules import CheckerError
from lawbook.registry.checker_source import resolve_checker
from lawbook.registry.checker_tests import test_of
from lawbook.registry.entry import Entry
from lawbook.registry.load import load_registry

GALLERY = "gallery"


@dataclass(frozen=True)
class File:
    """One file of an example. path: as it would lie in a registry. html: its lines, highlighted."""

    path: str
    html: Markup


@dataclass(frozen=True)
class Example:
    """A claim with the three files that it is made of."""

    entry: Entry
    files: tuple[File, ...]


def examples(site: Path) -> list[Example]:
    """The examples by the order of their titles; none where the site has no gallery.

    Raises RegistryError where the gallery is no valid registry.
    """
    root = site / GALLERY
    if not root.is_dir():
        return []
    entries = sorted(load_registry(root.resolve()).claims.values(), key=lambda entry: entry.title)
    return [Example(entry, tuple(_files(root.resolve(), entry))) for entry in entries]


def _files(root: Path, entry: Entry) -> list[File]:
    found = [_file(root, entry.path, "yaml")]
    for check in entry.checks:
        try:
            module = resolve_checker(root, check.checker).module_path
        except CheckerError:
            continue
        there = [path for path in (module, test_of(module)) if (root / path).is_file()]
        found += [_file(root, path, "python") for path in there]
    return found


def _file(root: Path, path: Path, language: str) -> File:
    text = (root / path).read_text(encoding="utf-8")
    return File(path.as_posix(), markup(highlighted(text, language)))
