"""The folder through which the jobs of one shape go to the tasks on the nodes, and their results come back.

A job waits as `NUMBER.MINUTES.job`. A task takes it by giving it a name of its own, `NUMBER.taken.ARRAY.PLACE`, which
succeeds for one of them alone, on a network disk too. `NUMBER.result` comes once, whole, in JSON: nothing that the
engine reads could run there. What the tasks read comes from the engine alone, whose user's folder it is.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from lawbook.evidence.strict_json import read_plain_file
from lawbook.places.writing import write_atomically
from lawbook.verification.jobs import Job, Lost, Result
from lawbook.verification.results import LARGEST_RESULT, NoResultError, dump_result, load_result
from lawbook.verification.slurm.request import minutes_for

# A network disk may show a folder as it was half a minute ago, but not to one that has just changed it.
SECONDS_BETWEEN_TOUCHES = 1.0
# A file of this name tells tasks which find no job to wait for none.
LEAVE = "leave"


class Waiting(NamedTuple):
    """A job that no task has taken. minutes: what it may take, with its start and end."""

    number: int
    minutes: int

    @property
    def file(self) -> str:
        return f"{self.number}.{self.minutes}.job"


class Seen(NamedTuple):
    """What lies in the folder. waiting: the oldest first. taken: by which task, as `task_name` has it.

    is_to_leave: whether tasks without a job are to go.
    """

    waiting: list[Waiting]
    taken: Mapping[int, str]
    results: list[int]
    is_to_leave: bool


def task_name(array: str, place: int) -> str:
    """What a task signs with."""
    return f"{array}.{place}"


def read_task_name(name: str) -> tuple[str, int]:
    """The array of a task, and its place there."""
    array, _, place = name.rpartition(".")
    return array, int(place)


class JobsFolder:
    """The folder, for the engine and for the tasks; each may raise OSError of the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._touched = float("-inf")

    def look(self) -> Seen:
        """What lies there now."""
        if (now := time.monotonic()) - self._touched > SECONDS_BETWEEN_TOUCHES:
            self._touched = now
            os.utime(self.path)
        waiting, taken, results, is_to_leave = [], {}, [], False
        for name in os.listdir(self.path):
            if found := re.fullmatch(r"([0-9]{1,9})\.([0-9]{1,9})\.job", name):
                waiting.append(Waiting(int(found[1]), int(found[2])))
            elif found := re.fullmatch(r"([0-9]{1,9})\.taken\.(.+\.[0-9]{1,9})", name):
                taken[int(found[1])] = found[2]
            elif found := re.fullmatch(r"([0-9]{1,9})\.result", name):
                results.append(int(found[1]))
            is_to_leave = is_to_leave or name == LEAVE
        return Seen(sorted(waiting), taken, results, is_to_leave)

    def put(self, number: int, job: Job) -> None:
        """Let a job wait for a task."""
        # Whole from the start; not forced to this machine's disk, with which the engine would go too.
        temporary = self.path / f".{number}"
        temporary.write_bytes(pickle.dumps(job))
        temporary.rename(self.path / Waiting(number, minutes_for(job)).file)

    def withdraw(self, number: int, job: Job) -> bool:
        """Take a job back that waits; False where a task has it already."""
        try:
            (self.path / Waiting(number, minutes_for(job)).file).unlink()
        except FileNotFoundError:
            # With the folder everything is gone.
            return not self.path.exists()
        return True

    def take(self, waiting: Waiting, task: str) -> Job | None:
        """Take a job for a task; None where another one was faster, or where it cannot be read, which is its result."""
        mine = self._taken(waiting.number, task)
        # A network disk may do it and say that it could not, as where its answer was lost: only the name tells.
        with contextlib.suppress(OSError):
            (self.path / waiting.file).rename(mine)
        try:
            job: Job = pickle.loads(mine.read_bytes())
        except FileNotFoundError:
            return None
        except Exception as error:  # a torn file may raise anything, and costs its job, not the task
            self.give(waiting.number, Lost(f"its file cannot be read: {error}", by_machine=True))
            return None
        return job

    def give(self, number: int, result: Result) -> None:
        """Leave the result of a job."""
        write_atomically(self._result(number), dump_result(result))

    def result(self, number: int) -> Result:
        """What came of a job; where that cannot be read, the machine has lost it."""
        try:
            return load_result(read_plain_file(self._result(number), LARGEST_RESULT))
        except (OSError, NoResultError) as error:
            return Lost(f"its result cannot be read: {error}", by_machine=True)

    def forget(self, number: int, task: str | None) -> None:
        """Remove what is left of a job, which a task has had."""
        for path in (self._result(number), *([self._taken(number, task)] if task else [])):
            # Few files make a quick look, and no more depends on it.
            with contextlib.suppress(OSError):
                path.unlink()

    def tell_to_leave(self, *, leave: bool) -> None:
        """Whether tasks that find no job are to go at once, as others wait for their places."""
        with contextlib.suppress(OSError):
            if leave:
                (self.path / LEAVE).touch()
            else:
                (self.path / LEAVE).unlink(missing_ok=True)

    def _taken(self, number: int, task: str) -> Path:
        return self.path / f"{number}.taken.{task}"

    def _result(self, number: int) -> Path:
        return self.path / f"{number}.result"
