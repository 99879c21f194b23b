"""A Slurm that only pretends, with a clock that is turned by hand; and jobs for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lawbook.verification.jobs import Finished, Job, Measured, Progress, Result
from lawbook.verification.slurm.commands import Slurm, SlurmError, State
from lawbook.verification.slurm.executor import SlurmExecutor
from lawbook.verification.slurm.jobs_folder import JobsFolder, Waiting, task_name
from lawbook.verification.slurm.nodes import Node
from lawbook.verification.slurm.request import Array
from lawbook.verification.slurm.signs import Beat
from lawbook.verification.slurm.verdict import SlurmPatience

PATIENCE = SlurmPatience(looks=1, beats=1, questions=10, arrays=5, files=60, silence=180, answer=600, end=15)


class Pretended(Slurm):
    """Takes arrays of at most `most` tasks, all of which it says to run until told otherwise."""

    def __init__(self, most: int = 1000, largest: int = 1000, longest: int | None = None) -> None:
        self.arrays: list[Array] = []
        self.cancelled: list[str] = []
        self.said: dict[tuple[str, int], State | None] = {}
        self.is_down = False
        self.most, self._largest, self._longest = most, largest, longest

    def nodes(self) -> list[Node]:
        return [Node("n1", "short", True, True, 8, 64000, {"toy": 2}, 60)]

    def largest_array(self) -> int:
        return self._largest

    def refusal(self, options: object) -> str:
        return ""

    def submit(self, array: Array) -> str:
        if self.is_down or array.size > self.most:
            raise SlurmError("sbatch: error: AssocMaxSubmitJobLimit")
        if self._longest is not None and array.minutes > self._longest:
            raise SlurmError("sbatch: error: QOSMaxWallDurationPerJobLimit")
        self.arrays.append(array)
        return str(40 + len(self.arrays))

    def states(self, arrays: Sequence[str]) -> dict[tuple[str, int], State]:
        if self.is_down:
            raise SlurmError("slurm_load_jobs error: Unable to contact slurm controller")
        found = {
            (array.name, place): State("RUNNING", "None")
            for array in self.arrays
            if array.name in arrays and array.name not in self.cancelled
            for place in range(array.size)
        }
        return {key: state for key, state in {**found, **self.said}.items() if state is not None}

    def how_ended(self, job: str) -> str:
        return " by SIGKILL"

    def cancel(self, *targets: str) -> None:
        self.cancelled += targets

    def task(self, place: int = 0, array: int = 0) -> PretendedTask:
        """A task of an array; by default the first of the first."""
        return PretendedTask(self.arrays[array], place)

    def say(self, word: str, place: int = 0, array: int = 0, reason: str = "None") -> None:
        """What is said of a task from now on; nothing at all where the word is empty."""
        self.said[self.arrays[array].name, place] = State(word, reason) if word else None


class PretendedTask:
    """Does of a task's work what it is told to do."""

    def __init__(self, array: Array, place: int) -> None:
        self._folder, self._array, self._place = JobsFolder(Path(array.jobs)), array, place

    def take(self) -> int:
        """Take the oldest job that waits; its seed."""
        job = self._folder.take(self._folder.look().waiting[0], task_name(self._array.name, self._place))
        assert job is not None
        return job.seeds[0]

    def beat(self, beat: Beat) -> None:
        beat.write(Path(self._array.folder) / f"{self._place}.beat")

    def give(self, number: int, result: Result) -> None:
        self._folder.give(number, result)

    def do_all(self) -> None:
        """Measure whatever waits."""
        for waiting in self._folder.look().waiting:
            self.give(waiting.number, measured(self.take()))

    def waiting(self) -> list[Waiting]:
        return self._folder.look().waiting


class Clock:
    """Goes on only while somebody sleeps. meanwhile: what happens then."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.meanwhile()


def job(seed: int, *, memory: int = 1024, device: str = "cpu", timeout: float = 60.0) -> Job:
    return Job("/registry", "checkers.a:b", {}, (seed,), device, 1, timeout, memory)


def measured(seed: int) -> Measured:
    return Measured((seed / 3,), None, (), (), 0.5)


def ended(events: Sequence[Progress | Finished]) -> dict[object, Result]:
    return {event.ticket: event.result for event in events if isinstance(event, Finished)}


def all_of(executor: SlurmExecutor, seconds: float) -> dict[object, Result]:
    """What ends in so many seconds."""
    found: dict[object, Result] = {}
    for _ in range(int(seconds // 5)):
        found |= ended(executor.wait(5))
    return found
