"""Reads what others leave in the shared folder: a plain file of a size that it may have, or none."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read_plain(path: Path, most: int) -> bytes:
    """The content of a plain file of so many bytes at most; never waits for anybody to write.

    Raises OSError where there is none, or something else, such as a pipe or a link.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(f"{path.name} is no plain file")
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(f"{path.name} is larger than {most} bytes")
    return content
