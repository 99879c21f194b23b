"""A wall around a job's memory, where this process has a cgroup of its own that it may divide (cgroup v2).

The watcher looks five times a second, and a job that takes memory faster is past its limit before it is seen; the
kernel counts every page, those of `/dev/shm` too. A group is divided only where nobody else is in it.
"""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MOUNT, OURS = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
ENGINE = "lawbook-engine"
MIB = 2**20
# The wall stands behind the limit, so that a job is told by the watcher how much it took, where that is quick enough.
WALL = 9 / 8


class NoGroupError(Exception):
    """There is no group to divide; the text says why."""


@dataclass(frozen=True)
class JobGroup:
    """The cgroup of one job, and of all that it starts."""

    folder: Path

    def take(self, pid: int) -> None:
        """Put a process into it; one that has ended already needs none."""
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.procs").write_text(str(pid))

    def ran_out(self) -> bool:
        """Whether the kernel has killed in it for memory."""
        with contextlib.suppress(OSError):
            said = (self.folder / "memory.events").read_text()
            return re.search(r"^oom_kill [1-9]", said, re.MULTILINE) is not None
        return False

    def remove(self) -> None:
        """Kill what is left in it, and remove it."""
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.kill").write_text("1")
        with contextlib.suppress(OSError):
            self.folder.rmdir()


@dataclass(frozen=True)
class MemoryGroups:
    """The divided group. folder: of those of jobs."""

    folder: Path

    def of_job(self, name: str, limit: int) -> JobGroup:
        """A new group for a job of so many MiB; raises OSError."""
        group = JobGroup(self.folder / f"lawbook-{name}")
        group.folder.mkdir()
        try:
            (group.folder / "memory.max").write_text(str(int(WALL * limit * MIB)))
            for rule, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
                # Not every kernel has them.
                with contextlib.suppress(OSError):
                    (group.folder / rule).write_text(value)
        except OSError:
            group.remove()
            raise
        return group

    def remove_all(self, run: str) -> None:
        """Remove the groups of a run's jobs that would not go when these ended, as something was still dying there."""
        for folder in self.folder.glob(f"lawbook-{run}-*"):
            JobGroup(folder).remove()


@cache
def divide_own_group(mount: Path = MOUNT, ours: Path = OURS) -> MemoryGroups:
    """Divide this process's own group, once; raises NoGroupError where that cannot be, and then changes nothing."""
    try:
        place = re.search(r"^0::/(.*)$", ours.read_text(), re.MULTILINE)
        folder = mount / place[1] if place else mount
        offered = folder / "cgroup.controllers"
        if not offered.is_file() or "memory" not in offered.read_text().split():
            raise NoGroupError("no cgroup with memory is delegated to this process")
        if (folder / "cgroup.procs").read_text().split() != [str(os.getpid())]:
            raise NoGroupError("other processes are in this one's cgroup")
        engine = folder / ENGINE
        engine.mkdir()
    except OSError as error:
        raise NoGroupError(f"this process's cgroup cannot be divided: {error.strerror}") from None
    try:
        # A group whose memory is shared out may hold groups alone, no process of its own.
        (engine / "cgroup.procs").write_text(str(os.getpid()))
        (folder / "cgroup.subtree_control").write_text("+memory")
    except OSError as error:
        with contextlib.suppress(OSError):
            (folder / "cgroup.procs").write_text(str(os.getpid()))
        with contextlib.suppress(OSError):
            engine.rmdir()
        raise NoGroupError(f"this process's cgroup cannot be divided: {error.strerror}") from None
    return MemoryGroups(folder)
