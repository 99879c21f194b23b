"""The places of a registry that no command may put its output in: what people wrote, what was measured, git's own.

A place is judged by where it leads (links and `..` followed) and without regard to case, as on some systems
`Claims` is `claims`.
"""

from __future__ import annotations

import errno
import os
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lawbook.registry.root import CLAIMS_FOLDER

REGISTRY_PLACES = (
    CLAIMS_FOLDER, "checkers", "evidence", "src", "site", "tests", ".git", ".github", ".ci", ".lawbook", ".venv",
)  # fmt: skip
GIT_FOLDER = ".git"


class PlaceError(OSError):
    """A command was asked to write or delete where it must not; the text says what is there and what would do."""

    def __init__(self, said: str) -> None:
        super().__init__(errno.EPERM, said)


def refuse_folder(root: Path, folder: Path, option: str) -> Path:
    """The folder with all links followed; option: what named it.

    Raises PlaceError where replacing the folder would touch the registry at `root` or another one, a git
    repository's own files, the home folder, or all that the system has.
    """
    whole = refuse_inside(root, folder, option)
    for place, name in (*_places(root), *_personal()):
        if _lies_in(place, whole):
            raise PlaceError(f"{option} {folder} holds {name}; {_advice(option)}")
    return whole


def refuse_inside(root: Path, path: Path, option: str) -> Path:
    """The path with all links followed.

    Raises PlaceError where it is the root, or is or lies in a place of this registry, of another one, or of git.
    """
    try:
        whole = path.resolve()
    except RuntimeError:  # links in a circle, up to Python 3.12
        raise PlaceError(f"{option} {path}: links that lead in a circle") from None
    refused = f"{option} {path}"
    for place, name in _places(root):
        if _key(whole) == _key(place):
            raise PlaceError(f"{refused} is {name}; {_advice(option)}")
        if place != root.resolve() and _lies_in(whole, place):
            raise PlaceError(f"{refused} lies in {name}; {_advice(option)}")
    if GIT_FOLDER in _key(whole):
        raise PlaceError(f"{refused} lies in a folder of git's own; {_advice(option)}")
    for other in whole.parents:
        if (other / CLAIMS_FOLDER).is_dir() and not _lies_in(root.resolve(), other):
            for place, name in _places(other):
                if place != other and _lies_in(whole, place):
                    raise PlaceError(f"{refused} lies in {name} at {other}; {_advice(option)}")
    return whole


def _places(root: Path) -> Iterator[tuple[Path, str]]:
    """The root and its places, each with its name; where one is a link, also where that leads."""
    whole = root.resolve()
    yield whole, "the root of the registry"
    for name in REGISTRY_PLACES:
        yield whole / name, f"{name}/ of the registry"
        if (whole / name).is_symlink():
            yield Path(os.path.realpath(whole / name)), f"{name}/ of the registry"


def _personal() -> Iterator[tuple[Path, str]]:
    with suppress(RuntimeError, OSError):
        if (home := Path.home()).is_absolute():
            yield home.resolve(), "your home folder"


def _lies_in(path: Path, place: Path) -> bool:
    """Whether path is the place or lies in it."""
    key, within = _key(path), _key(place)
    if key[: len(within)] == within:
        return True
    try:
        # The same folder under another name: a mount, or a disk that knows more spellings than we do.
        return any(os.path.samefile(above, place) for above in (path, *path.parents) if above.exists())
    except OSError:
        return False


def _key(path: Path) -> tuple[str, ...]:
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in path.parts)


def _advice(option: str) -> str:
    if option == "--report":
        return "name a file elsewhere, as build/report.json"
    return "name a folder of its own, as build/site"
