"""What stands on a node of a cluster: the local machine's own executor with one slot, so that its limits hold there.

Time from the job's start, memory, scratch, what a job has forked, its output and its environment: all as on the local
machine, as it is the same code. The fork server stays between jobs, so the next one starts in milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from lawbook.verification.host import Host
from lawbook.verification.jobs import Finished, Job, Lost, Progress
from lawbook.verification.local_executor import LocalExecutor
from lawbook.verification.worker_environment import hide_from_workers

LONGEST_CALL = 1.0
Told = tuple[list[Progress | Finished], bool]


class ClusterWorker:
    """Runs one job after another; each call ends within about a second, so that silence means a lost node."""

    def __init__(self, threads: int, preload: Sequence[str]) -> None:
        hide_from_workers()
        self._host = Host()
        self._executor = LocalExecutor(1, threads=threads, preload=preload)

    def begin(self, ticket: int, job: Job) -> Told:
        """Start a job, and tell as `go_on` does."""
        self._executor.submit(ticket, job)
        return self.go_on()

    def go_on(self) -> Told:
        """What happened, waiting up to a second for something, and whether another job may come after this one."""
        end = time.monotonic() + LONGEST_CALL
        events: list[Progress | Finished] = []
        while not events and (left := end - time.monotonic()) > 0:
            events = [self._with_trouble(event) for event in self._executor.wait(left)]
        return events, self._executor.slots > 0

    def close(self) -> None:
        """Kill what still runs."""
        self._executor.close()

    def _with_trouble(self, event: Progress | Finished) -> Progress | Finished:
        """The event; of a lost job with what its node lacks, as the engine can ask its own machine alone."""
        if not isinstance(event, Finished) or not isinstance(event.result, Lost):
            return event
        if not (trouble := self._host.trouble()):
            return event
        lost = replace(event.result, reason=f"{trouble} ({event.result.reason})", by_machine=True)
        return replace(event, result=lost)
