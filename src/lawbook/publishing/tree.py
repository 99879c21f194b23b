"""Writes the generated tree: each file whole, and only where it changed; removes what is no longer made."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from lawbook.places.lock import locked
from lawbook.places.owned_folder import (
    PART,
    files_below,
    read_marker,
    refuse_strangers,
    sweep_half_written,
    write_marker,
)
from lawbook.places.registry_places import PlaceError, refuse_folder


def write_tree(root: Path, docs: Path, content: Mapping[str, bytes | Path]) -> tuple[int, int]:
    """Makes `docs` hold this content (bytes, or the file to copy) and the marker that says so; how many files
    changed, how many went.

    Raises PlaceError, and changes nothing, where `docs` is no place to write to, holds what Lawbook did not put
    there, or the content names a file outside it.
    """
    whole = refuse_folder(root, docs, "the folder of pages")
    _refuse_outside(content)
    whole.mkdir(parents=True, exist_ok=True)
    with locked(whole):
        refuse_strangers(whole)
        sweep_half_written(whole)
        before = read_marker(whole) or frozenset()
        # Before any is written, so that what a killed process leaves is known as ours.
        write_marker(whole, before | set(content))
        gone = [path for path in files_below(whole) if path not in content]
        for path in gone:
            (whole / path).unlink()
        _remove_empty_folders(whole)
        changed = sum(_put(whole / path, source) for path, source in content.items())
        write_marker(whole, content)
    return changed + (before != content.keys()), len(gone)


def rewrite(docs: Path, content: Mapping[str, bytes]) -> int:
    """Puts new content into files of the tree that stand in it already; how many changed."""
    with locked(docs.resolve()):
        known = read_marker(docs) or frozenset()
        return sum(_put(docs / path, text) for path, text in content.items() if path in known)


def _refuse_outside(content: Iterable[str]) -> None:
    for path in content:
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise PlaceError(f"a page would lie outside the folder of pages: {path}")
        if any("\ud800" <= character <= "\udfff" for character in path):  # as the system writes other bytes
            raise PlaceError(f"the name of the page or file {path!r} is not UTF-8; rename it")


def _put(path: Path, source: bytes | Path) -> bool:
    content = source if isinstance(source, bytes) else source.read_bytes()
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}{PART}")
    try:
        part.write_bytes(content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return True


def _remove_empty_folders(docs: Path) -> None:
    for above, _, _ in os.walk(docs, topdown=False):
        if above != str(docs):
            with suppress(OSError):
                os.rmdir(above)
