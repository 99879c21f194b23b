"""Files below `checkers`, read as a stranger's: none that is a link out of it, no plain file, or of any size."""

from __future__ import annotations

from pathlib import Path

# Bytes, fifty times a long module.
LARGEST_MODULE = 2**20


class NotReadableError(OSError):
    """A file that is not read, and why, in words."""


def read_source(folder: Path, path: Path) -> bytes:
    """The content of a module below the folder `checkers`. Raises OSError where it is not read."""
    if not path.is_file():
        raise NotReadableError("it is no plain file")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise NotReadableError(f"it is a link that leads out of {folder.name}")
    with path.open("rb") as file:
        content = file.read(LARGEST_MODULE + 1)
    if len(content) > LARGEST_MODULE:
        raise NotReadableError(f"it has more than {LARGEST_MODULE} bytes (1 MiB)")
    return content
