"""What the workers are kept from where the system allows it: the network, the files that are not theirs, `/dev/shm`.

The fork server runs under bubblewrap (`bwrap`): a user namespace of its own, in which everything but the run's
temporary folder can only be read, no network is there but the loopback, and no process outside lets itself be looked
into. Each worker then takes mounts of its own. Whether all that can be had is tried once, not assumed.
Memory is walled by cgroups, where this process may make some.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from lawbook.registry.diagnostics import printable
from lawbook.verification.memory_groups import MemoryGroups, NoGroupError, divide_own_group

VARIABLE, OFF = "LAWBOOK_ISOLATION", "off"
DATA = "LAWBOOK_DATA"
PROGRAM = "bwrap"
Kept = Literal["environment", "tmpdir", "network", "root", "shm", "memory"]
# Every worker, on every system, sees a list of the environment and has a temporary folder of its own.
ALWAYS: tuple[Kept, ...] = ("environment", "tmpdir")
SANDBOXED: tuple[Kept, ...] = (*ALWAYS, "network", "root")
WHOLE: tuple[Kept, ...] = (*SANDBOXED, "shm")
# A machine under load starts a Python in seconds; one that hangs is not asked again.
SECONDS_TO_TRY = 30.0
LONGEST_REASON = 200
# Of a card; other devices are not shown.
CARDS = ("nvidia*", "kfd", "dri", "dxg")
# Where compilers of the card's code keep what they made; they go without where they cannot.
CACHES = {"TRITON_CACHE_DIR": ".triton/cache", "CUDA_CACHE_PATH": ".nv/ComputeCache"}


@dataclass(frozen=True)
class Isolation:
    """kept: what the workers are kept to, as records name it. lacking: why the sandbox is no more, if it is not whole.

    program: the path of bubblewrap, where it is used. caches: folders that can be written in besides. groups: where
    each job has a cgroup of its own; ungrouped: why none has.
    """

    kept: tuple[Kept, ...]
    lacking: str = ""
    program: str = ""
    caches: tuple[Path, ...] = ()
    groups: MemoryGroups | None = None
    ungrouped: str = ""

    @property
    def own_mounts(self) -> bool:
        """Whether each worker takes mounts of its own."""
        return "shm" in self.kept

    def command(self, folder: Path) -> list[str]:
        """What comes before a command that is to run so. folder: the run's temporary folder, which it may write in."""
        if "root" not in self.kept:
            return []
        return sandbox(self.program, (*self.caches, folder), own_mounts=self.own_mounts)

    def __str__(self) -> str:
        said = f"Isolation of workers: {', '.join(self.kept)}"
        absent = [name for name in WHOLE if name not in self.kept]
        said += f"; not {', '.join(absent)} ({self.lacking})" if absent else ""
        return said + (f"; not memory ({self.ungrouped})" if self.ungrouped else "")


def find_isolation(root: Path) -> Isolation:
    """What can be had here for the checkers of a registry, by trying it, at the first call of this process."""
    if os.environ.get(VARIABLE, "") == OFF:
        return Isolation(ALWAYS, f"{VARIABLE}={OFF}")
    found = replace(_sandboxed(root), caches=_caches(root, os.environ))
    try:
        return replace(found, kept=(*found.kept, "memory"), groups=divide_own_group())
    except NoGroupError as error:
        return replace(found, ungrouped=str(error))


def _sandboxed(root: Path) -> Isolation:
    needed = {"the registry": str(root), "Python": sys.prefix, "the data": os.environ.get(DATA, "")}
    for name, place in needed.items():
        if place and Path(os.path.realpath(place)).is_relative_to("/dev"):
            return Isolation(ALWAYS, f"{name} lies in {place}, which would be hidden")
    program = shutil.which(PROGRAM)
    return _tried(program) if program else Isolation(ALWAYS, "bubblewrap is not installed")


def sandbox(program: str, folders: Sequence[Path], *, own_mounts: bool) -> list[str]:
    """The command line of bubblewrap up to the command: all of the system to read, `folders` to write in, no network.

    own_mounts: leave it the right to mount, which only a worker's own mounts then need.
    """
    # Not to die with its parent: where the engine is killed, the fork server ends what its workers have started.
    words = [program, "--unshare-user", "--unshare-net", "--unshare-ipc", "--cap-drop", "ALL"]
    words += ["--cap-add", "CAP_SYS_ADMIN"] if own_mounts else []
    words += ["--ro-bind", "/", "/", "--dev", "/dev"]
    for path in sorted(found for pattern in CARDS for found in Path("/dev").glob(pattern)):
        words += ["--dev-bind", str(path), str(path)]
    words += ["--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    for path in folders:
        whole = os.path.realpath(path)
        words += ["--bind", whole, whole]
    return [*words, "--"]


def _caches(root: Path, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The caches of the card's compilers that are there, but none that holds, or lies in, what is to be kept."""
    places = [Path(environment.get(name) or os.path.expanduser(f"~/{usual}")) for name, usual in CACHES.items()]
    within = [
        Path(os.path.realpath(place)) for place in (root, sys.prefix, environment.get(DATA, ""), __file__) if place
    ]
    around = [*within, *(Path(os.path.realpath(place)) for place in (Path.home(), tempfile.gettempdir(), "/dev/shm"))]
    return tuple(
        place
        for place in (Path(os.path.realpath(place)) for place in places)
        if place.is_dir()
        and not any(kept.is_relative_to(place) for kept in around)
        and not any(place.is_relative_to(kept) for kept in within)
    )


class _HangsError(Exception):
    """Bubblewrap does not come to an end, and is not asked again."""


@cache
def _tried(program: str) -> Isolation:
    written = "import pathlib, sys; pathlib.Path(sys.argv[1], 'own').mkdir()"
    try:
        alone = _trouble(program, [sys.executable, "-P", "-m", "lawbook.verification.own_mounts"], own_mounts=True)
        if not alone:
            return Isolation(WHOLE, program=program)
        trouble = _trouble(program, [sys.executable, "-I", "-S", "-c", written], own_mounts=False)
    except _HangsError as error:
        return Isolation(ALWAYS, str(error))
    return Isolation(ALWAYS, trouble) if trouble else Isolation(SANDBOXED, alone, program)


def _trouble(program: str, command: Sequence[str], *, own_mounts: bool) -> str:
    """Why a command that is to make `own` in a folder does not run in the sandbox, in a line; empty where it does."""
    with tempfile.TemporaryDirectory(prefix="lawbook-try-") as name:
        words = [*sandbox(program, [Path(name)], own_mounts=own_mounts), *command, os.path.realpath(name)]
        try:
            done = subprocess.run(
                words, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS_TO_TRY, check=False
            )
        except subprocess.TimeoutExpired:
            raise _HangsError(f"{PROGRAM} did not end within {SECONDS_TO_TRY:g} seconds") from None
        except OSError as error:
            return f"{PROGRAM} cannot be run: {error.strerror}"
        if done.returncode == 0:
            return "" if Path(name, "own").is_dir() else f"{PROGRAM} runs nothing"
    lines = done.stderr.decode(errors="replace").split("\n")
    said = next((line.strip() for line in reversed(lines) if line.strip()), f"status {done.returncode}")
    return printable(said, LONGEST_REASON)
