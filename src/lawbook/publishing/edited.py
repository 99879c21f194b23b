"""The pages of the entries that some saved files are about, ahead of all others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from lawbook.book import Book, open_book
from lawbook.publishing.generate import generate_entries
from lawbook.publishing.settings import DOCS_FOLDER, read_settings

STORES = ("evidence", ".lawbook/evidence")


def write_edited(root: Path, changed: Collection[Path]) -> int:
    """Writes these pages into the tree that stands; how many changed.

    Raises what `open_book` and `generate` raise where the registry cannot be read or shown.
    """
    book = open_book(root)
    ids = edited(book, [path.relative_to(root) for path in changed])
    return generate_entries(book, read_settings(root), root / DOCS_FOLDER, ids) if ids else 0


def edited(book: Book, changed: Collection[Path]) -> set[str]:
    """The entries whose own file, checker's module or evidence is among the changed files, told from the root."""
    modules = {".".join(path.with_suffix("").parts) for path in changed}
    found = set(_of_evidence(changed)) & book.states.keys()
    for id, state in book.states.items():
        checkers = {check.checker.partition(":")[0] for check in state.entry.checks}
        if state.entry.path in changed or checkers & modules:
            found.add(id)
    return found


def _of_evidence(changed: Collection[Path]) -> Iterator[str]:
    for path in changed:
        for store in STORES:
            if path.is_relative_to(store):
                yield path.relative_to(store).parts[0]
