"""Temporary folders: one a run, one a job in it, watched for what they hold, and gone in the end.

A run that was killed leaves its folder; the next one removes what no living run holds.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

PREFIX = "lawbook-run-"
LOCK = ".lock"
# A look at a folder with a million files takes long; between two lies so many times what the last one took.
REST = 20
# A folder is made, and removed, within seconds.
LONG_ENOUGH = 3600.0


class ScratchFolder:
    """A run's folder below the system's temporary folder; held by a lock that ends with this process."""

    def __init__(self) -> None:
        sweep()
        # Under another name until it is locked, so that no other run sweeps it in between.
        unlocked = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))
        self.path = unlocked.with_name(unlocked.name.removeprefix("."))
        try:
            self._lock = os.open(unlocked / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            unlocked.rename(self.path)
        except OSError:
            remove(unlocked)
            raise

    def of_job(self, number: int) -> Path:
        """A new, empty folder; raises OSError where none can be made."""
        folder = self.path / str(number)
        folder.mkdir(mode=0o700)
        return folder

    def close(self) -> None:
        """Remove the folder and all in it."""
        remove(self.path)
        os.close(self._lock)


class Quota:
    """Looks now and then at how much a folder holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._due = 0.0

    def used(self) -> int | None:
        """Bytes on the disk; None where it is too early to look again."""
        start = time.monotonic()
        if start < self._due:
            return None
        total = _size(self._folder)
        self._due = start + REST * (time.monotonic() - start)
        return total


def held_by_mount(place: Path) -> int:
    """Bytes that the file system mounted at a place holds; 0 where it cannot be looked at."""
    try:
        held = os.statvfs(place)
    except OSError:
        return 0
    return (held.f_blocks - held.f_bfree) * held.f_frsize


def remove(folder: Path) -> None:
    """Remove a folder that a checker has had, whatever it made of the permissions in it."""

    def permit(_function: object, path: str, _error: object) -> None:
        with contextlib.suppress(OSError):
            os.chmod(os.path.dirname(path), 0o700)
            os.chmod(path, 0o700)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)

    shutil.rmtree(folder, onerror=permit)
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def remove_from_within(folder: Path) -> None:
    """Remove a run's folder, whose engine may be gone; where it is mounted, all in it but its lock.

    What is mounted cannot be renamed or removed by those who see it so. The lock is never made anew, as the next run,
    which by it knows that this one is no more, may be removing the folder at the same time.
    """
    gone = folder.with_name(f".{folder.name}")
    try:
        folder.rename(gone)
    except OSError:
        with contextlib.suppress(OSError):
            for held in folder.iterdir():
                if held.name != LOCK:
                    remove(held)
    else:
        remove(gone)


def sweep() -> None:
    """Remove the folders of runs that are no more."""
    temporary = Path(tempfile.gettempdir())
    for folder in temporary.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                remove(folder)
            finally:
                os.close(lock)
    # A run that was killed while it made its folder, or removed it, has left it under its other name.
    for folder in temporary.glob(f".{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.lstat().st_mtime > LONG_ENOUGH:
                remove(folder)


def _size(folder: Path) -> int:
    total = 0
    waiting = [os.fspath(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total
