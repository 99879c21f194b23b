"""Processes that a run has started and that have outlived it, wherever they have gone in the meantime."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

from lawbook.verification.worker_environment import RUN_MARK


def kill_left_over(run: str) -> None:
    """Kill every process that bears the run's name in its environment; where there is no /proc, none is found."""
    if sys.platform != "linux":
        return
    mark = f"{RUN_MARK}={run}".encode()
    # A process that forks while we look shows up in the next look.
    for _ in range(5):
        found = [pid for pid in _processes() if pid != os.getpid() and _bears(pid, mark)]
        if not found:
            return
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _bears(pid: int, mark: bytes) -> bool:
    # Of a process that has ended, and of another user's, there is nothing to read.
    try:
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
