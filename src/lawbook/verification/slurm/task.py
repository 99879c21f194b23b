"""What a task of a Slurm array does on its node: one job after another, each under the local machine's own watcher.

What forks the workers is started once, so that the next job begins in milliseconds. Jobs come and results go by a
folder that the engine's machine and the nodes share. A task ends that has found no job for a while, whose time limit
might not hold the next one, or on whose node something is wrong.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import psutil

from lawbook.verification.cluster_worker import ClusterWorker
from lawbook.verification.jobs import Finished, Job, Lost, Progress
from lawbook.verification.slurm.jobs_folder import JobsFolder, Seen, task_name
from lawbook.verification.slurm.signs import BEAT, ENGINE, SECONDS_BETWEEN_BEATS, Beat, Engine

# What comes back to a run from a job often brings the next one.
SECONDS_WITHOUT_JOB = 20.0
# Between looks for a job at the least; later a tenth of the time for which there was none.
SECONDS_BETWEEN_LOOKS, PART_OF_WAIT = 0.05, 0.1


def work(jobs: str, array: str, place: int, minutes: int, threads: int, preload: Sequence[str]) -> None:
    """Do the jobs of a folder. array: the folder of the task's own. minutes: its time limit, as Slurm was told.

    Ends early where the engine is gone, or by SIGTERM.
    """
    # Whoever is cancelled ends at once; submitit would have it wait, or begin anew.
    for each in (signal.SIGTERM, signal.SIGUSR2):
        signal.signal(each, _end)
    # Slurm's clock ran while this process imported what it needs, perhaps from a cold network disk.
    since = time.monotonic() - max(0.0, time.time() - float(psutil.Process().create_time()))
    worker = ClusterWorker(threads, preload)
    try:
        Task(Path(jobs), Path(array), place, minutes, since).work(worker)
    finally:
        worker.close()


class Task:
    """A task of an array, on its node. since: when it began, of `time.monotonic`. For the rest see `work`."""

    def __init__(self, jobs: Path, array: Path, place: int, minutes: int, since: float) -> None:
        self._folder, self._name = JobsFolder(jobs), task_name(array.name, place)
        self._beats, self._engine = array / f"{place}{BEAT}", Engine(jobs.parent / ENGINE)
        self._minutes = minutes
        self._since = since
        self._told = -SECONDS_BETWEEN_BEATS
        self._has_worked = False

    def work(self, worker: ClusterWorker) -> None:
        """One job after another, until there is a reason to end."""
        while (found := self.next_job()) is not None:
            self._has_worked = True
            if not self._do(worker, *found):
                return

    def next_job(self) -> tuple[int, Job] | None:
        """Take a job, waiting for one a while; None where the task is to end."""
        since = time.monotonic()
        while True:
            if not self._tell(None, 0.0, None):
                return None
            try:
                seen = self._folder.look()
            except OSError as error:
                print(f"the folder of the jobs cannot be read: {error}", file=sys.stderr)
                seen = Seen([], {}, [], is_to_leave=False)
            left = self._minutes_left()
            for waiting in seen.waiting:
                if waiting.minutes <= left and (job := self._folder.take(waiting, self._name)) is not None:
                    return waiting.number, job
            without = time.monotonic() - since
            # Another task, whose time has just begun, is to have what this one cannot.
            too_long = any(waiting.minutes > left for waiting in seen.waiting)
            if too_long or seen.is_to_leave or without > SECONDS_WITHOUT_JOB:
                return None
            time.sleep(max(SECONDS_BETWEEN_LOOKS, PART_OF_WAIT * without))

    def _do(self, worker: ClusterWorker, number: int, job: Job) -> bool:
        """Do a job and leave its result; whether another one may follow."""
        start = time.monotonic()
        newest: Progress | None = None
        events, may_go_on = worker.begin(number, job)
        while True:
            for event in events:
                if isinstance(event, Finished):
                    self._folder.give(number, event.result)
                    # A node that has lost one job would soon have lost all.
                    return may_go_on and not (isinstance(event.result, Lost) and event.result.by_machine)
                newest = event
            if not self._tell(number, time.monotonic() - start, newest):
                return False
            events, may_go_on = worker.go_on()

    def _tell(self, number: int | None, working: float, newest: Progress | None) -> bool:
        """A sign of life, now and then; whether anybody is there to see it."""
        now = time.monotonic()
        if now - self._told < SECONDS_BETWEEN_BEATS:
            return True
        self._told = now
        far = (newest.label, newest.done, newest.total) if newest else None
        Beat(round(now - self._since, 1), number, round(working, 1), far).write(self._beats)
        if self._engine.is_gone():
            print("the engine that asked for this is gone", file=sys.stderr)
            return False
        return True

    def _minutes_left(self) -> float:
        """What a job may take. The first one has all: that Slurm was asked for as much holds the start, too."""
        if not self._has_worked:
            return self._minutes
        return self._minutes - (time.monotonic() - self._since) / 60


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
