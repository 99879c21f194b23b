"""An array that Slurm has taken, and the word that its tasks have left."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lawbook.verification.jobs import Finished, Lost, Progress, Result
from lawbook.verification.results import NoResultError, load_result
from lawbook.verification.running_job import OUTPUT_KEPT
from lawbook.verification.slurm.request import SUBMITIT_FOLDER
from lawbook.verification.slurm.task import BEAT, RESULT, Beat
from lawbook.verification.slurm.verdict import UnderWay


@dataclass
class Submitted:
    """An array. id: Slurm's number; empty until it has given one. size: of how many; jobs: those still under way."""

    folder: Path
    size: int
    jobs: dict[int, UnderWay]
    id: str = ""

    @property
    def name(self) -> str:
        return self.folder.name

    def id_of(self, number: int) -> str:
        """Slurm's number of one of its jobs."""
        return self.id if self.size == 1 else f"{self.id}_{number}"

    def read(self, now: float) -> Iterator[Progress | Finished]:
        """New signs of life, and results, each once: a job that has one is no longer under way."""
        try:
            found = {path.name: path for path in self.folder.iterdir()} if self.jobs else {}
        except OSError:
            # A network disk that is away for a while; the deadlines run on.
            return
        for number, running in list(self.jobs.items()):
            if path := found.get(f"{number}{RESULT}"):
                del self.jobs[number]
                yield Finished(running.ticket, _result(path))
            elif path := found.get(f"{number}{BEAT}"):
                with contextlib.suppress(OSError, ValueError):
                    beat = Beat.read(path)
                    if running.hear(beat, now) and beat.progress is not None:
                        yield Progress(running.ticket, *beat.progress)

    def printed_by(self, number: int) -> str:
        """The end of what the watcher of a job has printed; the job's own output is in its result."""
        with contextlib.suppress(OSError):
            path = self.folder / SUBMITIT_FOLDER / f"{self.id_of(number)}_0_log.err"
            return path.read_bytes()[-OUTPUT_KEPT:].decode(errors="replace")
        return ""


def _result(path: Path) -> Result:
    try:
        return load_result(path.read_bytes())
    except (OSError, NoResultError) as error:
        return Lost(f"its result cannot be read: {error}", by_machine=True)
