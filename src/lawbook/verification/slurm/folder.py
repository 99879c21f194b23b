"""The folder through which a run speaks with its tasks on a Slurm cluster: one a run; in it one an array, one a shape.

A run that was killed leaves its folder and its jobs; the next one from the same machine cancels them and removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from socket import gethostname

from lawbook.verification.scratch import remove
from lawbook.verification.slurm.commands import SlurmError
from lawbook.verification.slurm.signs import ENGINE

LOCK = ".lock"
# Before the name of a run, and so of its arrays; and of the folders that hold jobs.
RUN, JOBS = "lawbook-", "jobs-"
SECONDS_BETWEEN_BEATS = 10.0


class RunFolder:
    """A run's folder below the registry, which the nodes see at the same path; held by a lock while the run lives.

    cancel: cancels arrays by their names. Raises OSError where it cannot be made.
    """

    def __init__(self, root: Path, cancel: Callable[..., None]) -> None:
        above = root.resolve() / ".lawbook" / "slurm"
        above.mkdir(parents=True, exist_ok=True)
        # A lock may hold on one machine alone, so that each sees to its own.
        host = re.sub(r"[^A-Za-z0-9-]", "-", gethostname())
        _sweep(above, f"{host}.", cancel)
        self.name = f"{RUN}{token_hex(6)}"
        self.path = above / f"{host}.{self.name}"
        # Under another name until it is locked, so that no other run sweeps it in between.
        unlocked = above / f".{self.name}"
        unlocked.mkdir(mode=0o700)
        self._lock = os.open(unlocked / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        # Where a disk knows no locks nothing is swept either.
        with contextlib.suppress(OSError):
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        unlocked.rename(self.path)
        self._arrays = self._shapes = 0
        self._beats = 0
        self._said = -SECONDS_BETWEEN_BEATS
        self.beat()

    def of_array(self) -> Path:
        """A new, empty folder; its name is that of the array. Raises OSError where none can be made."""
        self._arrays += 1
        folder = self.path / f"{self.name}-{self._arrays}"
        folder.mkdir(mode=0o700)
        return folder

    def of_jobs(self) -> Path:
        """A new, empty folder for the jobs of one shape. Raises OSError where none can be made."""
        self._shapes += 1
        folder = self.path / f"{JOBS}{self._shapes}"
        folder.mkdir(mode=0o700)
        return folder

    def beat(self) -> None:
        """Tell the tasks, now and then, that somebody waits for them."""
        now = time.monotonic()
        if now - self._said < SECONDS_BETWEEN_BEATS:
            return
        self._said = now
        self._beats += 1
        # A full disk is told where a job cannot be submitted; tasks wait for long.
        with contextlib.suppress(OSError):
            temporary = self.path / f".{ENGINE}"
            temporary.write_text(str(self._beats))
            temporary.replace(self.path / ENGINE)

    def close(self) -> None:
        """Remove the folder and all in it."""
        remove(self.path)
        self.unlock()

    def unlock(self) -> None:
        """Leave what is there to the next run, as the end of this process would."""
        os.close(self._lock)


def _sweep(above: Path, prefix: str, cancel: Callable[..., None]) -> None:
    """Cancel the jobs and remove the folders of this machine's runs that are no more."""
    for folder in above.glob(f"{prefix}*"):
        with contextlib.suppress(OSError, SlurmError):
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                cancel(*(array.name for array in folder.glob(f"{RUN}*")))
                remove(folder)
            finally:
                os.close(lock)
