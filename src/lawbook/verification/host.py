"""What the machine says of itself when a job has died on it: out of memory, no room left for scratch."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

MIB = 2**20
# Less than this is no room: a worker's own report may need as much.
LEAST_SCRATCH, LEAST_MEMORY = 16 * MIB, 128 * MIB
# What an exception says that speaks of the machine rather than of the experiment.
OF_THE_MACHINE = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EAGAIN,
        errno.EIO,
        errno.EROFS,
        errno.ESTALE,
    }
)
OF_THE_CARD = re.compile(
    r"CUDA error: (.*(ECC|busy or unavailable|device is lost|no CUDA-capable device|driver shutting down)"
    r"|initialization error|unknown error)|CUDA driver initialization failed|No CUDA GPUs are available",
    re.IGNORECASE,
)


class Host:
    """Remembers how things stood when it was made, and says what has gone wrong since."""

    def __init__(self) -> None:
        self._kills = _memory_kills()

    def trouble(self) -> str:
        """What the machine lacks now, or has run out of since the last look, in words; empty where nothing."""
        before, self._kills = self._kills, _memory_kills()
        if self._kills > before:
            return "the machine ran out of memory and killed what took it"
        available = _available_memory()
        if available is not None and available < LEAST_MEMORY:
            return f"the machine has {available // MIB} MiB of memory left"
        folder = tempfile.gettempdir()
        with contextlib.suppress(OSError):
            held = os.statvfs(folder)
            if held.f_bavail * held.f_frsize < LEAST_SCRATCH:
                return f"the disk of {folder} is full"
            if held.f_files and not held.f_favail:
                return f"the disk of {folder} takes no more files"
        return ""


def speaks_of_the_machine(error: BaseException) -> bool:
    """Whether an exception that a checker let out, or one behind it, is a complaint about the machine."""
    return any(
        isinstance(found, MemoryError)
        or (isinstance(found, OSError) and found.errno in OF_THE_MACHINE)
        or (isinstance(found, RuntimeError) and OF_THE_CARD.search(str(found)) is not None)
        for found in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _memory_kills() -> int:
    """How often the system has killed for memory: on the whole machine, and in our own group."""
    total = 0
    for path in (Path("/proc/vmstat"), *_memory_events()):
        with contextlib.suppress(OSError):
            total += sum(map(int, re.findall(r"^oom_kill (\d+)$", path.read_text(), re.MULTILINE)))
    return total


def _memory_events() -> list[Path]:
    try:
        groups = Path("/proc/self/cgroup").read_text()
    except OSError:
        return []
    return [
        Path("/sys/fs/cgroup") / place.lstrip("/") / "memory.events"
        for place in re.findall(r"^0::(.*)$", groups, re.MULTILINE)
    ]


def _available_memory() -> int | None:
    try:
        said = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(said[1]) * 1024 if said else None
