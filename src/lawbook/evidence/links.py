"""Evidence lies where it seems to: no link may lead what is written into other files, no pipe swallow it."""

from __future__ import annotations

from pathlib import Path

from lawbook.evidence.appending import refuse_strange
from lawbook.evidence.history import HISTORY_FOLDER
from lawbook.places.registry_places import PlaceError


def refuse_links(root: Path, store: Path) -> None:
    """Raises PlaceError where a link would lead a record or its line of history astray, or no file could hold it.

    store: relative to root. It may be a link to another disk, but to no other place of the registry.
    """
    whole = root / store
    if whole.is_symlink() and whole.resolve().is_relative_to(root.resolve()):
        raise PlaceError(f"{store} is a link into the registry itself; make it a folder")
    history = whole / HISTORY_FOLDER
    if history.is_symlink():
        raise PlaceError(f"{history.relative_to(root)} is a link; put the folder itself there")
    for path in sorted(history.glob("*.jsonl")):
        refuse_strange(root, path.relative_to(root))
