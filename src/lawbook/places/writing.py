"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def check_folder(folder: Path) -> None:
    """Make a folder if need be; raises OSError where no file can be written in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".try."):
        pass


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader, whenever it looks, finds the old content or the new, whole."""
    with prepared(path, content) as put_in_place:
        put_in_place()


@contextmanager
def prepared(path: Path, content: bytes) -> Iterator[Callable[[], None]]:
    """A file's content on the disk beside it, and what puts it in its place; without that it is gone in the end.

    What takes room is done before; a name is changed on a full disk too.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        yield lambda: os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)
