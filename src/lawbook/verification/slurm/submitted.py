"""An array of tasks that Slurm has been asked for, and the word that they have left beside their results."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from lawbook.verification.running_job import OUTPUT_KEPT
from lawbook.verification.slurm.request import SUBMITIT_FOLDER
from lawbook.verification.slurm.signs import BEAT, Beat
from lawbook.verification.slurm.verdict import Task


@dataclass
class Submitted:
    """An array. since: when it was asked for. id: Slurm's number; empty until it has given one."""

    folder: Path
    size: int
    since: float
    id: str = ""
    tasks: list[Task] = field(init=False)

    def __post_init__(self) -> None:
        self.tasks = [Task(self.name, place, self.since) for place in range(self.size)]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def is_over(self) -> bool:
        """Whether nothing is expected of it, and Slurm has none of its tasks."""
        return all(task.is_over and task.is_given_up for task in self.tasks)

    def id_of(self, place: int) -> str:
        """Slurm's number of one of its tasks."""
        return self.id if self.size == 1 else f"{self.id}_{place}"

    def beat_of(self, task: Task) -> Beat | None:
        """The newest sign of life of one of its tasks, if there is any."""
        with contextlib.suppress(OSError, ValueError):
            return Beat.read(self.folder / f"{task.place}{BEAT}")
        return None

    def printed_by(self, place: int) -> str:
        """The end of what a task's watcher has printed; what a job prints is in its result."""
        with contextlib.suppress(OSError):
            path = self.folder / SUBMITIT_FOLDER / f"{self.id_of(place)}_0_log.err"
            return path.read_bytes()[-OUTPUT_KEPT:].decode(errors="replace")
        return ""
