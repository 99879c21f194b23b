"""Lines added to a file of evidence, each whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from lawbook.evidence.strict_json import what_it_is
from lawbook.places.registry_places import PlaceError


def append_line(path: Path, text: bytes) -> int:
    """Add a line to a file, which is made if need be, and let the disk have it; where the file ended before.

    Raises OSError where it cannot be written whole, and then writes nothing of it. The caller holds the store's lock.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab+", buffering=0, opener=_open_at_once) as file:
        if said := what_it_is(os.fstat(file.fileno())):
            raise OSError(0, said, os.fspath(path))
        # A run that was killed while it wrote may have left half a line; ours starts on a line of its own.
        torn = False
        if (end := file.seek(0, os.SEEK_END)) > 0:
            file.seek(-1, os.SEEK_END)
            torn = file.read(1) != b"\n"
        content = (b"\n" if torn else b"") + text + b"\n"
        try:
            if file.write(content) != len(content):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(path))
            os.fsync(file.fileno())
        except OSError:
            # A disk that is full takes half a line; a line that was not written whole was not written.
            file.truncate(end)
            raise
    return end


def refuse_strange(root: Path, path: Path) -> None:
    """Raises PlaceError where something stands at a path relative to root that is no plain file to add lines to."""
    if (root / path).is_symlink():
        raise PlaceError(f"{path} is a link; put the file itself there")
    if (root / path).exists() and (said := what_it_is((root / path).lstat())):
        raise PlaceError(f"{path} cannot be added to: {said}; move it away, and restore the file from git")


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o666)
