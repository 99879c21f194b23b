"""The jobs of one shape that are under way, and the tasks that do them: two things, as a task does many jobs."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from lawbook.verification.jobs import Finished, Job, Lost, Progress
from lawbook.verification.slurm.jobs_folder import JobsFolder, read_task_name
from lawbook.verification.slurm.request import Shape, minutes_for
from lawbook.verification.slurm.submitted import Submitted
from lawbook.verification.slurm.verdict import Task, UnderWay

# A look while a task takes a job may find neither of its names; after so long it has none.
SECONDS_WITHOUT_FILE = 60.0


@dataclass
class Pool:
    """Jobs of a shape and arrays of tasks for them. most: how many tasks at a time.

    failed: how many tasks have ended without a word since one was last heard for the first time.
    """

    shape: Shape
    folder: JobsFolder
    most: int
    jobs: dict[int, UnderWay] = field(default_factory=dict)
    arrays: dict[str, Submitted] = field(default_factory=dict)
    failed: int = 0
    _numbers: int = 0
    _leaves: bool = False

    def put(self, ticket: Hashable, job: Job, now: float) -> None:
        """Let a job wait for a task. Raises OSError where its file cannot be written."""
        self.tell_to_leave(leave=False)
        self.folder.put(self._numbers, job)
        self.jobs[self._numbers] = UnderWay(ticket, job, self._numbers, now)
        self._numbers += 1

    def drop(self, running: UnderWay) -> bool:
        """Let go of a job, whose result is nobody's from now on; False where a task has taken it meanwhile."""
        try:
            if running.task is None and not self.folder.withdraw(running.number, running.job):
                return False
        except OSError:
            return False
        del self.jobs[running.number]
        self.folder.forget(running.number, running.task.name if running.task else None)
        return True

    def tell_to_leave(self, *, leave: bool) -> None:
        """Tell tasks that find no job to make room, or no longer."""
        if leave != self._leaves:
            self._leaves = leave
            self.folder.tell_to_leave(leave=leave)

    @property
    def tasks(self) -> list[Task]:
        return [task for array in self.arrays.values() for task in array.tasks]

    @property
    def waiting(self) -> list[UnderWay]:
        """Jobs that no task has taken yet, the oldest first."""
        return [running for running in self.jobs.values() if running.task is None]

    @property
    def is_served(self) -> bool:
        """Whether some task has given a sign of life, and may take a job."""
        return any(task.is_there and task.was_heard for task in self.tasks)

    @property
    def wants_room(self) -> bool:
        """Whether jobs wait for tasks that have no place yet."""
        if not self.waiting:
            return False
        return self.lacks() > 0 or any(task.is_there and not task.was_heard for task in self.tasks)

    @property
    def minutes(self) -> int:
        """What the longest of the waiting jobs may take."""
        return max(minutes_for(running.job) for running in self.waiting)

    def lacks(self) -> int:
        """How many more tasks its waiting jobs could do with.

        A task that ends without a word is not replaced, as its node would have the next one too; but for one, and that
        not before it is given up.
        """
        there = sum(task.is_there or not (task.was_heard or task.is_given_up) for task in self.tasks)
        wanted = min(len(self.jobs), max(1, self.most - self.failed))
        return max(0, min(len(self.waiting), wanted - there))

    def idle_tasks(self) -> list[Task]:
        """Those that do no job, as far as is known."""
        busy = {running.task for running in self.jobs.values()}
        return [task for task in self.tasks if task not in busy]

    def give_up(self, task: Task) -> UnderWay | None:
        """Expect nothing more of a task without a job; the job that is lost with it, if any.

        One that never gave a sign of life takes a job with it where no other task would do that: else tasks without
        number might follow it.
        """
        task.is_given_up = True
        if task.was_heard:
            return None
        self.failed += 1
        if self.is_served:
            return None
        return next((running for running in self.waiting if self.drop(running)), None)

    def read(self, now: float, *, with_beats: bool) -> Iterator[Progress | Finished]:
        """New results and, where asked, signs of life, each once: a job that has a result is no longer under way."""
        try:
            seen = self.folder.look()
        except OSError:
            # A network disk that is away for a while; the deadlines run on.
            return
        for number, name in seen.taken.items():
            if (running := self.jobs.get(number)) is not None and running.task is None:
                self._take(running, self._task(name, now), now)
        if with_beats:
            yield from self._hear(now)
        for number in seen.results:
            running = self.jobs.pop(number, None)
            if running is not None:
                yield Finished(running.ticket, self.folder.result(number))
            self.folder.forget(number, seen.taken.get(number))
        yield from self._without_file({each.number for each in seen.waiting}, now)

    def _without_file(self, waiting: set[int], now: float) -> Iterator[Finished]:
        for running in self.waiting:
            running.gone = None if running.number in waiting else running.gone or now
            if running.gone is not None and now - running.gone > SECONDS_WITHOUT_FILE:
                del self.jobs[running.number]
                yield Finished(running.ticket, Lost("its file is gone from the run's folder", by_machine=True))

    def _hear(self, now: float) -> Iterator[Progress]:
        for array in self.arrays.values():
            for task in array.tasks:
                if task.is_over or (beat := array.beat_of(task)) is None:
                    continue
                self._hear_of(task)
                if not task.hear(beat, now):
                    continue
                running = None if beat.job is None else self.jobs.get(beat.job)
                if running is None:
                    continue
                # Its word may be here before a network disk shows that it has the job.
                running.take(task, now)
                if running.hear(beat, now):
                    assert beat.progress is not None
                    yield Progress(running.ticket, *beat.progress)

    def _take(self, running: UnderWay, task: Task, now: float) -> None:
        self._hear_of(task)
        running.take(task, now)

    def _hear_of(self, task: Task) -> None:
        if not task.was_heard:
            # Where one could begin, others may.
            self.failed = 0

    def _task(self, name: str, now: float) -> Task:
        """The task of a name. One that is not known is of an array of which Slurm gave no answer, and is cancelled."""
        array, place = read_task_name(name)
        submitted = self.arrays.get(array)
        if submitted is not None and place < submitted.size:
            return submitted.tasks[place]
        return Task(array, place, now, state="")
