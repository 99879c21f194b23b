"""Two runs at once on one checkout: each check is measured by whoever begins it first, and the other leaves it out.

A lease is a file a check in `.lawbook/leases`, with who holds it and until when. One whose process is gone, on this
machine, or whose time is over, on another, is taken over. What another run has recorded since ours was planned counts
as measured.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock

from lawbook.evidence.record import TIME_FORMAT, Record
from lawbook.evidence.state import LOCK_PATIENCE, make_state_folder
from lawbook.evidence.store import Key, read_record, record_path
from lawbook.verification.plan import PlannedCheck

FOLDER = "leases"
# Beyond what the timeouts of a check's jobs allow: waiting for a slot, and writing.
SPARE = timedelta(minutes=10)
# Looks that doubling from `seeds` to four times as many takes.
LOOKS = 3


@dataclass
class Leases:
    """The checks that a run has begun. device: its token. before: the records known when it was planned, by name.

    elsewhere: why a check was left to another run, by name. enabled: False where nothing is recorded.
    """

    root: Path
    device: str
    before: Mapping[str, Record]
    publish: bool
    enabled: bool = True
    elsewhere: dict[str, str] = field(default_factory=dict)
    _held: dict[str, Path] = field(default_factory=dict)

    def take(self, planned: PlannedCheck) -> bool:
        """Whether the check is ours to measure; once it is another run's it stays so."""
        name = planned.name
        if not self.enabled or name in self._held:
            return True
        if name in self.elsewhere:
            return False
        # A lease spares work and no more: where the disk takes none, the check is measured, and told if it cannot be
        # recorded.
        with suppress(OSError):
            path = self._folder() / self._file(planned)
            with self._lock():
                if why := self._measured(planned) or _held_by_another(path):
                    self.elsewhere[name] = why
                    return False
                path.parent.mkdir(exist_ok=True)
                # Under the lock nobody reads it half written, and one that a crash has torn is nobody's.
                path.write_text(json.dumps(_mine(_longest(planned))))
            self._held[name] = path
        return True

    def release(self, name: str) -> None:
        """Let go of a check that is recorded, or will not be."""
        if path := self._held.pop(name, None):
            with suppress(OSError), self._lock():
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of all."""
        for name in list(self._held):
            self.release(name)

    def _folder(self) -> Path:
        return make_state_folder(self.root) / FOLDER

    def _lock(self) -> FileLock:
        return FileLock(make_state_folder(self.root) / "leases.lock", timeout=LOCK_PATIENCE)

    def _file(self, planned: PlannedCheck) -> str:
        store = "published" if self.publish else "local"
        return f"{planned.entry.id}.{planned.check.name}.{planned.tier}.{self.device}.{store}.json"

    def _measured(self, planned: PlannedCheck) -> str:
        key = Key(planned.entry.id, planned.check.name, planned.tier, self.device)
        path = record_path(key, publish=self.publish)
        if not (self.root / path).is_file():
            return ""
        found, known = read_record(self.root, path), self.before.get(planned.name)
        # A damaged file is told where the record is written.
        if not isinstance(found, Record) or (known is not None and found.started == known.started):
            return ""
        return f"recorded by another run, begun at {found.started}"


def _held_by_another(path: Path) -> str:
    """Who holds the lease, in words; empty where nobody does any more."""
    try:
        lease: dict[str, Any] = json.loads(path.read_bytes())
        host, pid, born = str(lease["host"]), int(lease["pid"]), float(lease["born"])
        taken, until = str(lease["taken"]), str(lease["until"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""
    if host == socket.gethostname():
        if _born(pid) != born:
            return ""
    elif until < datetime.now(UTC).strftime(TIME_FORMAT):
        return ""
    return f"being measured by process {pid} on {host}, since {taken}"


def _mine(longest: timedelta) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "born": _born(os.getpid()),
        "taken": now.strftime(TIME_FORMAT),
        "until": (now + longest).strftime(TIME_FORMAT),
    }


def _longest(planned: PlannedCheck) -> timedelta:
    arms = 1 + len(planned.check.controls) + len(planned.check.rivals)
    # Twice, as a changed outcome is measured again at once.
    return timedelta(seconds=2 * arms * LOOKS * planned.settings.timeout) + SPARE


def _born(pid: int) -> float | None:
    """When a process began, which tells it from a later one of the same number; None where there is none."""
    import psutil

    with suppress(psutil.Error):
        process = psutil.Process(pid)
        if process.status() != psutil.STATUS_ZOMBIE:
            return float(process.create_time())
    return None
