"""A worker's own view of the files: its temporary folder and its `/dev/shm` to write in, nobody else's.

Called in a worker whose fork server runs under bubblewrap with the right to mount, which the worker then gives up.
`python -P -m lawbook.verification.own_mounts FOLDER` tries it, with FOLDER as the run's.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
NEW_MOUNTS = 0x20000
READ_ONLY, NO_SETUID, NO_DEVICES, NO_PROGRAMS, CHANGE, BIND = 1, 2, 4, 8, 32, 4096
CAPABILITIES_VERSION = 0x20080522


def take_own_mounts(folder: Path, own: Path, size: int) -> None:
    """Let this process, and what it starts, write only in `own` of a run's folder and in an empty `/dev/shm`.

    Then give up all rights. size: MiB that `/dev/shm` holds. Raises OSError where the system does not let it. For
    Linux.
    """
    system = ctypes.CDLL(None, use_errno=True)
    _done(system.unshare(NEW_MOUNTS), "unshare")
    _mount(system, b"tmpfs", SHARED_MEMORY, b"tmpfs", NO_SETUID | NO_DEVICES, f"size={size}m,mode=1777".encode())
    _mount(system, os.fsencode(own), own, None, BIND, None)
    # What the mount forbids already must stay forbidden.
    kept = os.statvfs(folder).f_flag & (NO_SETUID | NO_DEVICES | NO_PROGRAMS)
    _mount(system, None, folder, None, CHANGE | BIND | READ_ONLY | kept, None)
    header, none = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0), (ctypes.c_uint32 * 6)()
    _done(system.capset(header, none), "capset")


def _mount(
    system: ctypes.CDLL, source: bytes | None, target: Path, kind: bytes | None, flags: int, data: bytes | None
) -> None:
    _done(system.mount(source, os.fsencode(target), kind, ctypes.c_ulong(flags), data), f"mount {target}")


def _done(status: int, what: str) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def main(arguments: list[str]) -> None:
    """Try it, with a folder of a job in the run's."""
    folder = Path(arguments[0])
    own = folder / "own"
    own.mkdir()
    take_own_mounts(folder, own, 1)
    (own / "written").touch()
    try:
        (folder / "written").touch()
    except OSError:
        return
    sys.exit("the folder of the run can still be written in")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        sys.exit(str(error.strerror))
