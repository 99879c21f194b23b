"""A folder that Lawbook made: a marker file in it lists what it put there, so that nothing else is ever deleted.

A link counts as a file and is never followed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from lawbook.places.registry_places import PlaceError
from lawbook.places.writing import write_atomically

MARKER = ".lawbook-made"
# The name of a file while it is written ends so; only a process that was killed leaves one.
PART = ".lawbook-part"
NAMED_AT_MOST = 3


def read_marker(folder: Path) -> frozenset[str] | None:
    """The files that Lawbook put below a folder, relative to it; None where it bears no (readable) marker."""
    path = folder / MARKER
    if path.is_symlink():
        return None
    try:
        marker = json.loads(path.read_bytes())
        return frozenset(str(name) for name in marker["files"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_marker(folder: Path, files: Iterable[str]) -> None:
    """Say that these files below a folder are Lawbook's; writes only where that is news."""
    listed = sorted(files)
    if read_marker(folder) == frozenset(listed):
        return
    note = "Lawbook made these files and replaces or removes them without asking."
    marker = {"note": note, "files": listed}
    write_atomically(folder / MARKER, json.dumps(marker, ensure_ascii=False, indent=0).encode() + b"\n")


def files_below(folder: Path) -> Iterator[str]:
    """Every file and link below a folder, relative to it; the marker and half-written files are left out."""
    for above, folders, files in os.walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(above, name))]
        for name in (*files, *links):
            if name != MARKER and not _is_half_written(name):
                yield Path(above, name).relative_to(folder).as_posix()


def refuse_strangers(folder: Path, also: Callable[[str], bool] = lambda path: False) -> None:
    """Raises PlaceError where a folder holds anything that Lawbook did not put there.

    also: what counts as Lawbook's though no marker says so.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise PlaceError(f"{folder} is no folder")
    made = read_marker(folder) or frozenset()
    strange = sorted(
        path for path in files_below(folder) if not also(path) and (path not in made or _is_link(folder, path))
    )
    if strange:
        more = f" and {len(strange) - NAMED_AT_MOST} more" if len(strange) > NAMED_AT_MOST else ""
        raise PlaceError(
            f"{folder} holds {', '.join(strange[:NAMED_AT_MOST])}{more}, which Lawbook did not put there; "
            "nothing was changed. Move or delete them, or name another folder"
        )


def remove_owned(folder: Path) -> None:
    """Delete a folder with all that is below it, its marker last, so that what a kill leaves still bears it."""
    for above, folders, files in os.walk(folder, topdown=False):
        for name in files:
            if Path(above, name) != folder / MARKER:
                os.unlink(os.path.join(above, name))
        for name in folders:
            path = os.path.join(above, name)
            (os.unlink if os.path.islink(path) else os.rmdir)(path)
    (folder / MARKER).unlink(missing_ok=True)
    folder.rmdir()


def sweep_half_written(folder: Path) -> None:
    """Delete the half-written files that killed processes left below a folder."""
    for above, _, files in os.walk(folder):
        for name in filter(_is_half_written, files):
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(above, name))


def _is_half_written(name: str) -> bool:
    return name.startswith(".") and (name.endswith(PART) or name.startswith(f".{MARKER}."))


def _is_link(folder: Path, path: str) -> bool:
    whole = folder / path
    return whole.is_symlink()
