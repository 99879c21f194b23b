"""Jobs on a Ray cluster, through a process of its own that alone speaks to Ray.

Ray ends the process that it serves when the cluster's head is lost; so that process is not the engine. Whatever becomes
of it, its jobs are lost, which is no verdict, and the run ends with what it has.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from secrets import token_hex
from typing import IO

from lawbook.verification.jobs import Finished, Job, Lost, Progress
from lawbook.verification.left_over import kill_left_over
from lawbook.verification.running_job import OUTPUT_KEPT, plain_file
from lawbook.verification.worker_environment import SECRET, worker_environment

GONE = "the connection to the cluster is lost"
SECONDS_TO_END = 15.0
# How a cluster knows its own: no secrets themselves, and without them one that asks for its token cannot be reached.
OF_THE_TOKEN = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN_PATH")


class NoClusterError(Exception):
    """No cluster can be reached; the text says why."""


@dataclass(frozen=True)
class Wanted:
    """What the process that speaks to Ray is told first. address: empty for the cluster at hand, or a new one here.

    gpu: whether a job takes a GPU, which then says how many run at a time.
    """

    address: str
    threads: int
    preload: tuple[str, ...]
    gpu: bool


class RayExecutor:
    """Runs jobs on whatever nodes have room; each needs the registry at the same path and the same packages.

    slots: None for as many as the cluster has cores (or GPUs) for. patience: seconds for the cluster to answer at the
    start; silence: seconds after which it is taken for lost. Raises NoClusterError.
    """

    def __init__(
        self,
        slots: int | None,
        *,
        threads: int,
        preload: Sequence[str] = (),
        address: str = "",
        gpu: bool = False,
        patience: float = 120.0,
        silence: float = 90.0,
    ) -> None:
        self._silence = silence
        self._run = token_hex(8)
        self._tickets: dict[int, Hashable] = {}
        self._tokens = 0
        ours, theirs = socket.socketpair()
        self._said: IO[bytes] = plain_file()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "lawbook.verification.ray_cluster", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=_environment(threads, self._run),
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=self._said,
                start_new_session=True,
            )
        self._connection = Connection(ours.detach())
        self._heard = time.monotonic()
        self._connection.send(Wanted(address, threads, tuple(preload), gpu))
        self.slots = self._first_word(patience, address)
        if slots is not None:
            self.slots = slots

    def submit(self, ticket: Hashable, job: Job) -> None:
        """Hand the job to the cluster; where that is lost, `wait` says so."""
        self._tokens += 1
        self._tickets[self._tokens] = ticket
        with contextlib.suppress(OSError):
            self._connection.send((self._tokens, job))

    def wait(self, seconds: float) -> list[Progress | Finished]:
        """Progress and ends since the last call."""
        events: list[Progress | Finished] = []
        try:
            if self._connection.poll(seconds):
                # Once, then whatever else is there.
                events += self._received()
                while self._connection.poll(0):
                    events += self._received()
        except (EOFError, OSError):
            return [*events, *self._lose_all(GONE)]
        if time.monotonic() - self._heard > self._silence:
            return [*events, *self._lose_all(f"the cluster was silent for {self._silence:g} seconds")]
        return events

    def close(self) -> None:
        """Kill what still runs and leave the cluster; one that was begun for this run ends with it."""
        self._connection.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_END)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        kill_left_over(self._run)
        self._said.close()
        self._tickets.clear()
        self.slots = 0

    def _first_word(self, patience: float, address: str) -> int:
        where = f"at {address}" if address else "here"
        said = "it ended without a word"
        try:
            if not self._connection.poll(patience):
                said = f"it did not answer in {patience:g} seconds"
            elif isinstance(word := self._connection.recv(), int):
                self._heard = time.monotonic()
                return word
            else:
                said = str(word)
        except (EOFError, OSError):
            said = self._last_line() or said
        self._process.kill()
        self.close()
        raise NoClusterError(f"no Ray cluster {where}: {said}")

    def _received(self) -> list[Progress | Finished]:
        events = []
        for event in self._connection.recv():
            self._heard = time.monotonic()
            if event.ticket not in self._tickets:
                continue
            over = isinstance(event, Finished)
            ticket = self._tickets.pop(event.ticket) if over else self._tickets[event.ticket]
            events.append(replace(event, ticket=ticket))
        self._heard = time.monotonic()
        return events

    def _lose_all(self, reason: str) -> list[Progress | Finished]:
        """No slot is left: the run gives up what it has not measured."""
        lost = [Finished(ticket, Lost(reason, self._last_line())) for ticket in self._tickets.values()]
        self._tickets.clear()
        self.slots = 0
        return list(lost)

    def _last_line(self) -> str:
        self._said.seek(0)
        lines = self._said.read()[-OUTPUT_KEPT:].decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _environment(threads: int, run: str) -> dict[str, str]:
    """As a worker's own, for a cluster begun here hands its environment on; with what Ray is told by it."""
    of_ray = {
        name: value
        for name, value in os.environ.items()
        if name in OF_THE_TOKEN or (name.startswith("RAY_") and not SECRET.search(name))
    }
    temporary = {name: os.environ[name] for name in ("TMPDIR",) if name in os.environ}
    # Ray reports its use to its makers unless told otherwise.
    quiet = {"RAY_USAGE_STATS_ENABLED": "0"}
    return {**worker_environment(os.environ, threads, run), **quiet, **of_ray, **temporary}
