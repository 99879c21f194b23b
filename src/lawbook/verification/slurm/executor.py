"""Jobs on a Slurm cluster, done by tasks that come in arrays, each under the local machine's own watcher on its node.

Jobs lie in a folder that the nodes share, and a task takes one after the other. Whether a job is over is found without
accounting: by its own files, by what squeue says of its task, and by a deadline of ours. No wait is without end. What
Slurm or a node did to a job is the machine's fault and no verdict.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lawbook.verification.jobs import Finished, Job, Lost, Missing, Progress
from lawbook.verification.scratch import remove
from lawbook.verification.slurm.commands import Slurm, SlurmError, last_line
from lawbook.verification.slurm.folder import RunFolder
from lawbook.verification.slurm.jobs_folder import JobsFolder
from lawbook.verification.slurm.pool import Pool
from lawbook.verification.slurm.request import Array, Gpus, OptionError, Place, Shape, minutes_for, read_options
from lawbook.verification.slurm.submitted import Submitted
from lawbook.verification.slurm.verdict import (
    TOO_LONG,
    UNDER_WAY,
    WAITING,
    SlurmPatience,
    Task,
    Verdict,
    verdict,
    verdict_on_task,
)

# A look at a thousand files on a network disk takes long; between two lies so many times what the last one took.
REST = 10
# So many jobs for each task that there is room for: one that has done its job finds the next one there.
AHEAD = 2


class NoSlurmError(Exception):
    """No Slurm cluster takes jobs as they are asked for; the text says why."""


class SlurmExecutor:
    """Runs jobs on the nodes of a partition, each of which sees the registry and the packages at the same paths.

    slots: None for as many as the partition has cores (or GPUs) for, and as many again that wait for a task. root:
    the registry, below which the run's folder is. gpu: whether jobs take a GPU. options: `NAME=VALUE`, of sbatch.
    Raises NoSlurmError.
    """

    def __init__(
        self,
        slots: int | None,
        *,
        root: Path,
        threads: int,
        preload: Sequence[str] = (),
        gpu: bool = False,
        options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        slurm: Slurm | None = None,
        patience: SlurmPatience | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._slurm = slurm or Slurm()
        self._patience = patience or SlurmPatience()
        self._clock, self._sleep = clock, sleep
        self._threads, self._preload = threads, tuple(preload)
        try:
            self._options = read_options(options, os.environ if environment is None else environment)
            self._place = Place.find(self._slurm.nodes(), self._options)
            self._gpus = Gpus.of(self._options, needed=gpu)
            self._largest = self._slurm.largest_array()
            self._options = self._place.options(self._options, self._gpus)
            if said := self._place.refusal(self._gpus) or self._slurm.refusal(self._options):
                raise NoSlurmError(said)
            self._folder = RunFolder(root, self._slurm.cancel)
        except (OptionError, SlurmError) as error:
            raise NoSlurmError(str(error)) from None
        except OSError as error:
            raise NoSlurmError(f"no folder can be made in {root / '.lawbook'}: {error.strerror}") from None
        self.slots = AHEAD * max(1, self._place.room(threads, self._gpus)) if slots is None else slots
        self._asked = slots
        self._early: list[Progress | Finished] = []
        self._pools: dict[Shape, Pool] = {}
        self._most = self._largest
        self._for_several_jobs = True
        self._next_look = self._next_beats = self._next_question = self._next_array = clock()
        self._answered = clock()

    def submit(self, ticket: Hashable, job: Job) -> None:
        """Leave a job for the tasks; what no node could ever have ends at once."""
        # Slurm shows a task its own GPUs only, the first as 0.
        placed = replace(job, device="cuda:0") if job.device.startswith("cuda") else job
        shape = Shape.of(placed, self._gpus)
        if said := self._place.infeasible(shape, minutes_for(placed)):
            self._early.append(Finished(ticket, Missing(said)))
            return
        try:
            self._pool(shape).put(ticket, placed, self._clock())
        except OSError as error:
            lost = Lost(f"it cannot be left for a task: {error.strerror}", by_machine=True)
            self._early.append(Finished(ticket, lost))

    def wait(self, seconds: float) -> list[Progress | Finished]:
        """Progress and ends since the last call; also asks for tasks, and cancels those that are past their limits."""
        events, self._early = self._early, []
        self._folder.beat()
        events += self._ask_for_tasks()
        for pool in self._pools.values():
            # A task that waits for jobs holds the place of one that would have some.
            pool.tell_to_leave(leave=not pool.waiting and any(other.wants_room for other in self._pools.values()))
        end = self._clock() + seconds
        while True:
            events += self._look()
            left = end - self._clock()
            if events or left <= 0:
                return events
            self._sleep(min(left, self._patience.looks))

    def close(self) -> None:
        """Have the tasks leave, or cancel what is left, wait a moment for its end, and remove the run's folder."""
        since, patience = self._clock(), self._patience
        # Tasks that have done all go by themselves; Slurm then says that they have ended well.
        gently = 0.0 if any(pool.jobs for pool in self._pools.values()) else patience.leave
        for pool in self._pools.values():
            pool.tell_to_leave(leave=True)
        left = [name for pool in self._pools.values() for name in pool.arrays]
        while left:
            if self._clock() - since >= gently:
                # By name, and again: one may have been submitted while the engine was interrupted.
                self._cancel(*left)
            if self._clock() - since >= patience.end:
                break
            self._sleep(REST * patience.looks)
            left = self._still_there(left)
        self._folder.close()
        self._pools.clear()
        self.slots = 0

    def _pool(self, shape: Shape) -> Pool:
        if (found := self._pools.get(shape)) is not None:
            return found
        room = self._place.tasks(shape)
        most = room if self._asked is None else min(room, self._asked)
        made = self._pools[shape] = Pool(shape, JobsFolder(self._folder.of_jobs()), most)
        return made

    def _ask_for_tasks(self) -> list[Finished]:
        """Have as many tasks as the waiting jobs could do with; not asked for too often, so that arrays are large."""
        lacking = [pool for pool in self._pools.values() if pool.lacks()]
        if not lacking or self._clock() < self._next_array:
            return []
        self._next_array = self._clock() + self._patience.arrays
        for pool in lacking:
            while size := min(pool.lacks(), self._most):
                self._folder.beat()
                if said := self._submit_array(pool, size):
                    return self._not_taken(said, pool, size)
        return []

    def _submit_array(self, pool: Pool, size: int) -> str:
        """Submit tasks for a pool; why they were not taken, empty where they were."""
        try:
            folder = self._folder.of_array()
        except OSError as error:
            return f"its folder cannot be made: {error.strerror}"
        # Known by its name even where the answer is lost, or waiting for it is interrupted.
        submitted = pool.arrays[folder.name] = Submitted(folder, size, self._clock())
        minutes = self._place.minutes_of_task(pool.shape, pool.minutes) if self._for_several_jobs else pool.minutes
        jobs, shape = str(pool.folder.path), pool.shape
        array = Array(folder.name, size, str(folder), jobs, self._options, shape, minutes, self._threads, self._preload)
        try:
            submitted.id = self._slurm.submit(array)
        except SlurmError as error:
            del pool.arrays[folder.name]
            self._cancel(folder.name)
            return str(error)
        self._most = min(self._largest, 2 * self._most)
        self._answered = self._clock()
        return ""

    def _not_taken(self, said: str, pool: Pool, size: int) -> list[Finished]:
        """Slurm did not take an array. There may be a limit on tasks, then half of it does next time, or on their time.

        Where one task is too much while there is none, a job is lost.
        """
        if size > 1:
            self._most = size // 2
        elif any(task.is_there for other in self._pools.values() for task in other.tasks):
            self._most = 1
        elif self._for_several_jobs:
            self._for_several_jobs = False
        elif pool.drop(first := pool.waiting[0]):
            return [Finished(first.ticket, Lost(f"Slurm did not take it: {said}", by_machine=True))]
        return []

    def _look(self) -> list[Progress | Finished]:
        now, patience = self._clock(), self._patience
        events: list[Progress | Finished] = []
        asks = any(pool.arrays for pool in self._pools.values()) and now >= self._next_question
        # Slurm's word counts only where the job itself has left none.
        if asks or now >= self._next_look:
            with_beats = asks or now >= self._next_beats
            events += [event for pool in self._pools.values() for event in pool.read(now, with_beats=with_beats)]
            took = REST * (self._clock() - now)
            self._next_look = now + max(patience.looks, took)
            if with_beats:
                self._next_beats = now + max(patience.beats, took)
        if asks:
            self._next_question = now + patience.questions
            events += self._ask_slurm(now)
        return events

    def _ask_slurm(self, now: float) -> Iterator[Finished]:
        """Hold what Slurm says of every task against what it says itself."""
        try:
            states = self._slurm.states([name for pool in self._pools.values() for name in pool.arrays])
        except SlurmError as error:
            yield from self._unanswered(str(error), now)
            return
        self._answered = now
        for pool in self._pools.values():
            for array in pool.arrays.values():
                for task in array.tasks:
                    if task.see(states.get((array.name, task.place)), now) and task.state == "FAILED":
                        # At once, as it is soon forgotten.
                        task.how = self._slurm.how_ended(array.id_of(task.place))
            yield from self._judge(pool, now)
            for array in list(pool.arrays.values()):
                if array.is_over:
                    del pool.arrays[array.name]
                    remove(array.folder)

    def _judge(self, pool: Pool, now: float) -> Iterator[Finished]:
        """Jobs whose tasks are lost, and tasks that never will have a job."""
        reason = next((task.reason for task in pool.tasks if task.is_there and task.state in WAITING), "")
        for running in list(pool.jobs.values()):
            found = verdict(running, reason, now, self._patience)
            if found is not None and pool.drop(running):
                yield Finished(running.ticket, self._lost(pool, running.task, found))
        for task in pool.idle_tasks():
            if task.is_given_up or (found := verdict_on_task(task, now, self._patience)) is None:
                continue
            if found.runs and self._for_several_jobs and any(word in task.reason for word in TOO_LONG):
                self._for_several_jobs, task.is_given_up = False, True
                self._cancel(pool.arrays[task.array].id_of(task.place))
                continue
            left = pool.give_up(task)
            lost = self._lost(pool, task, found)
            if left is not None:
                # It had not begun, whatever ended its task.
                yield Finished(left.ticket, replace(lost, by_machine=True))

    def _unanswered(self, said: str, now: float) -> Iterator[Finished]:
        """Jobs that have no living task either are lost after a while; when none is left, so is the cluster."""
        if now - self._answered < self._patience.answer:
            return
        lost = Lost(f"Slurm did not answer for {self._patience.answer:g} seconds: {said}", by_machine=True)
        for pool in self._pools.values():
            newest = max((task.heard for task in pool.tasks), default=float("-inf"))
            for running in list(pool.jobs.values()):
                heard = running.task.heard if running.task else newest
                if now - heard > self._patience.silence and pool.drop(running):
                    yield Finished(running.ticket, lost)
        if not any(pool.jobs for pool in self._pools.values()):
            self.slots = 0

    def _lost(self, pool: Pool, task: Task | None, found: Verdict) -> Lost:
        """A job as lost with its task, which is cancelled where it still runs."""
        if task is None or (array := pool.arrays.get(task.array)) is None:
            return Lost(found.reason, by_machine=True)
        id, printed = array.id_of(task.place), array.printed_by(task.place)
        if found.runs:
            task.is_given_up = True
            self._cancel(id)
        said = f"{found.reason} (job {id})"
        if task.state == "FAILED" and (last := last_line(printed)):
            said = f"{said}: {last}"
        # A checker may take memory faster than its watcher looks; run alone it shows itself.
        return Lost(said, printed, by_machine=task.state != "OUT_OF_MEMORY")

    def _cancel(self, *targets: str) -> None:
        # What cannot be cancelled now is ended by its own watcher, or by Slurm's time limit.
        with contextlib.suppress(SlurmError):
            self._slurm.cancel(*targets)

    def _still_there(self, arrays: Sequence[str]) -> list[str]:
        try:
            states = self._slurm.states(arrays)
        except SlurmError:
            return []
        return sorted({name for (name, _), state in states.items() if state.word in (*WAITING, *UNDER_WAY)})
