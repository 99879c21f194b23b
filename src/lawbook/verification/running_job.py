"""One job under way on this machine: the pipes to its worker, what it has said, and the limits it is held to."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import IO

from lawbook.verification.held_memory import held_memory
from lawbook.verification.jobs import SCRATCH_LIMIT, Failure, Job, Lost, Measured, Progress, Result
from lawbook.verification.memory_groups import JobGroup
from lawbook.verification.own_mounts import SHARED_MEMORY
from lawbook.verification.results import LARGEST_RESULT, NoResultError, load_result
from lawbook.verification.scratch import Quota, held_by_mount, remove

# Characters of output that a record keeps, and MiB after which a job is told to have printed too much.
OUTPUT_KEPT, OUTPUT_LIMIT = 4000, 16
LONGEST_PROGRESS = 65536
MIB = 2**20


class RunningJob:
    """A job and the engine's ends of its pipes. Raises OSError where the machine has no room for them.

    own_mounts: whether its worker has a `/dev/shm` of its own. group: its own cgroup, if any. pid: None until the fork
    server has said it. verdict: why it is being killed. killed: when the server was told so. peak: MiB, the most that
    it was seen to hold.
    """

    def __init__(self, ticket: Hashable, job: Job, scratch: Path, *, own_mounts: bool, group: JobGroup | None) -> None:
        self.ticket = ticket
        self.job = replace(job, scratch=str(scratch))
        self.pid: int | None = None
        self.started = self.submitted = time.monotonic()
        self.verdict = ""
        self.peak = 0
        self.killed: float | None = None
        self._quota = Quota(scratch)
        self._own_mounts, self._group = own_mounts, group
        self._unread = b""
        self._tail = b""
        self._printed = 0
        self._open: dict[str, int] = {}
        self._theirs: list[int] = []
        self._result: IO[bytes] | None = None
        try:
            for name in ("progress", "output"):
                receive, send = os.pipe()
                self._open[name] = receive
                self._theirs.append(send)
                os.set_blocking(receive, False)
            self._result = plain_file()
        except OSError:
            self.release()
            raise

    def handles(self) -> list[int]:
        """The worker's ends: of progress, of the result, of what it prints."""
        assert self._result is not None
        progress, output = self._theirs
        return [progress, self._result.fileno(), output]

    def handed_over(self) -> None:
        """Close the worker's ends here, once they are its own."""
        for handle in self._theirs:
            os.close(handle)
        self._theirs.clear()

    def begun(self, pid: int) -> None:
        """The worker is there; its time runs."""
        self.pid, self.started = pid, time.monotonic()
        if self._group is not None:
            self._group.take(pid)

    @property
    def readable(self) -> dict[int, str]:
        """The pipes that may still bring something."""
        return {handle: name for name, handle in self._open.items()}

    def read(self, name: str) -> Progress | None:
        """Take what a pipe holds: the newest progress, if it tells of any. A pipe at its end is dropped."""
        try:
            received = os.read(self._open[name], LONGEST_PROGRESS)
        except BlockingIOError:
            return None
        if not received:
            # Closed by the worker, which may work on; to look again would only find the end again.
            os.close(self._open.pop(name))
            return None
        if name == "output":
            self._printed += len(received)
            self._tail = (self._tail + received)[-4 * OUTPUT_KEPT :]
            return None
        *lines, self._unread = (self._unread + received).split(b"\n")
        self._unread = self._unread[:LONGEST_PROGRESS]
        # Only the newest matters; whoever watches cannot read faster.
        return self._progress(lines[-1]) if lines else None

    def over_its_limits(self, now: float) -> bool:
        """Look at time, memory and scratch; whether the job is past one of them, which is then its verdict."""
        job = self.job
        used = 0.0 if self.pid is None else held_memory(self.pid) / MIB
        self.peak = max(self.peak, round(used))
        if now - self.started > job.timeout:
            self.verdict = f"timed out after {job.timeout:g} seconds"
        elif used > job.memory:
            self.verdict = f"took {used:.0f} MiB of memory, over its limit of {job.memory} MiB"
        elif (written := self._written()) is not None and written / MIB > SCRATCH_LIMIT:
            self.verdict = f"wrote {written / MIB:.0f} MiB of temporary files, over its limit of {SCRATCH_LIMIT} MiB"
        return bool(self.verdict)

    def result(self, status: int) -> Result:
        """What came of it, once its process has ended with a status."""
        self._drain()
        seconds = time.monotonic() - self.started
        if not self.verdict and status < 0 and self._group is not None and self._group.ran_out():
            self.verdict = f"took more than its limit of {self.job.memory} MiB of memory, and was killed for it"
        if self.verdict:
            return Failure(self.verdict, self.output(), seconds)
        try:
            result = load_result(self._content())
        except NoResultError:
            if status < 0:
                return self.lost(f"the worker was killed by {signal_name(-status)}")
            return self.lost(f"the worker ended with status {status} and no result")
        if isinstance(result, Measured):
            return replace(result, notes=(*result.notes, *self._remarks()))
        return result if not isinstance(result, Failure | Lost) else replace(result, output=self.output())

    def lost(self, reason: str) -> Lost:
        """The job as one that ended without a word of its own."""
        return Lost(reason, self.output(), time.monotonic() - self.started)

    def output(self) -> str:
        """The end of what the worker has printed, under a line that says so where it was much."""
        head = "".join(f"[{remark}]\n" for remark in self._remarks())
        return head + self._tail.decode(errors="replace")[len(head) - OUTPUT_KEPT :]

    def release(self) -> None:
        """Close all that is open, and remove the scratch folder."""
        self.handed_over()
        for handle in self._open.values():
            os.close(handle)
        self._open.clear()
        if self._result is not None:
            self._result.close()
        if self._group is not None:
            self._group.remove()
        remove(Path(self.job.scratch))

    def _written(self) -> int | None:
        """Bytes in its temporary folder and in its own `/dev/shm`; None where it is too early to look again."""
        in_folder = self._quota.used()
        if in_folder is None or self.pid is None or not self._own_mounts:
            return in_folder
        return in_folder + held_by_mount(Path(f"/proc/{self.pid}/root{SHARED_MEMORY}"))

    def _drain(self) -> None:
        # No more than a pipe holds: what the worker left behind may print on.
        for _ in range(64):
            before = self._printed
            if "output" in self._open:
                self.read("output")
            if self._printed == before:
                return

    def _content(self) -> bytes:
        assert self._result is not None
        self._result.seek(0)
        return self._result.read(LARGEST_RESULT)

    def _remarks(self) -> list[str]:
        printed = self._printed // MIB
        return [f"printed {printed} MiB, of which only the end was kept"] if printed >= OUTPUT_LIMIT else []

    def _progress(self, line: bytes) -> Progress | None:
        # A checker may write into any pipe that it finds open.
        try:
            label, done, total = json.loads(line)
        except (ValueError, TypeError):
            return None
        if not isinstance(label, str) or not isinstance(done, int) or not isinstance(total, int | None):
            return None
        return Progress(self.ticket, label, done, total)


def plain_file() -> IO[bytes]:
    """A file without a name: in memory where the system can, so that a full disk does not matter."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("lawbook"), "w+b")
    return tempfile.TemporaryFile()


def signal_name(number: int) -> str:
    """A signal in words."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    return f"{name} (out of memory, perhaps)" if name == "SIGKILL" else name
