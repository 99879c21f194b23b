"""What this user's machine remembers between commands, in the user's cache folder: never beside a stranger's files.

A registry may be a stranger's pull request, with a cache of their making in it; what lies in the user's own folder
only that user's commands wrote. A file that is missing, damaged or cannot be written costs time and nothing else.
`LAWBOOK_CACHE=DIR` names another folder, `LAWBOOK_CACHE=off` none.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

VARIABLE = "LAWBOOK_CACHE"
OFF = "off"
DIGITS = 32


def cache_folder() -> Path | None:
    """The folder, which need not exist; None where there is to be none."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen == OFF:
        return None
    if chosen:
        return Path(chosen)
    with suppress(RuntimeError):
        above = os.environ.get("XDG_CACHE_HOME", "")
        return (Path(above) if os.path.isabs(above) else Path.home() / ".cache") / "lawbook"
    return None


def recall(root: Path, name: str, reader: str) -> dict[str, Any]:
    """What `remember` was given for the registry at root by the same reader; empty where nothing can be had."""
    path = _path(root, name)
    if path is None:
        return {}
    with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        stored = json.loads(path.read_bytes())
        if stored["reader"] == reader and isinstance(stored["known"], dict):
            return dict(stored["known"])
    return {}


def remember(root: Path, name: str, reader: str, known: dict[str, Any]) -> None:
    """Keeps plain data for the next command; does nothing where it cannot be written."""
    path = _path(root, name)
    if path is None:
        return
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.write_text(json.dumps({"reader": reader, "known": known}, separators=(",", ":")))
        temporary.replace(path)


@cache
def reader_digest(package_folders: Sequence[str], libraries: Sequence[str]) -> str:
    """A digest of the code that reads: another version of it, or of a library, may find something else.

    package_folders: of the package, whose Python and script files count.
    """
    digest = hashlib.sha256(sys.version.encode())
    package = Path(__file__).parents[1]
    for folder in package_folders:
        for path in sorted((package / folder).rglob("*")):
            if path.suffix in (".py", ".js"):
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for library in libraries:
        with suppress(PackageNotFoundError):
            digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:DIGITS]


def content_digest(*parts: bytes) -> str:
    """A digest of contents in this order."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:DIGITS]


def _path(root: Path, name: str) -> Path | None:
    folder = cache_folder()
    return folder and folder / f"{name}-{content_digest(os.fsencode(root.resolve()))}.json"
