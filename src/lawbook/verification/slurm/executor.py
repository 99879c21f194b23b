"""Jobs on a Slurm cluster, one a task, many an array, each under the local machine's own watcher on its node.

Whether a job is over is found without accounting: by its own files, by what squeue says, and by a deadline of ours. No
wait is without end. What Slurm or a node did to a job is the machine's fault and no verdict.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from lawbook.verification.jobs import Finished, Job, Lost, Missing, Progress
from lawbook.verification.scratch import remove
from lawbook.verification.slurm.commands import Slurm, SlurmError, last_line
from lawbook.verification.slurm.folder import RunFolder
from lawbook.verification.slurm.request import (
    Array,
    Gpus,
    OptionError,
    Place,
    Shape,
    minutes_for,
    read_options,
)
from lawbook.verification.slurm.submitted import Submitted
from lawbook.verification.slurm.verdict import UNDER_WAY, WAITING, SlurmPatience, UnderWay, Verdict, verdict

# A look at a thousand jobs on a network disk takes long; between two lies so many times what the last one took.
REST = 10
# What waits in the queue begins at once where another job ends, and its time runs only from there.
AHEAD = 2
# Ticket, job and shape of one that is not submitted yet.
_Waiting = tuple[Hashable, Job, Shape]


class NoSlurmError(Exception):
    """No Slurm cluster takes jobs as they are asked for; the text says why."""


class SlurmExecutor:
    """Runs jobs on the nodes of a partition, each of which sees the registry and the packages at the same paths.

    slots: None for as many as the partition has cores (or GPUs) for, and as many again that wait in its queue. root:
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
        self._waiting: deque[_Waiting] = deque()
        self._early: list[Progress | Finished] = []
        self._arrays: dict[str, Submitted] = {}
        self._most = self._largest
        self._next_look = self._next_question = self._next_array = clock()
        self._answered = clock()

    def submit(self, ticket: Hashable, job: Job) -> None:
        """Keep a job for the next array; what no node could ever have ends at once."""
        # Slurm shows a task its own GPUs only, the first as 0.
        placed = replace(job, device="cuda:0") if job.device.startswith("cuda") else job
        shape = Shape.of(placed, self._gpus)
        if said := self._place.infeasible(shape, minutes_for(placed)):
            self._early.append(Finished(ticket, Missing(said)))
        else:
            self._waiting.append((ticket, placed, shape))

    def wait(self, seconds: float) -> list[Progress | Finished]:
        """Progress and ends since the last call; also submits what waits, and cancels what is past its limits."""
        events, self._early = self._early, []
        self._folder.beat()
        events += self._submit_waiting()
        end = self._clock() + seconds
        while True:
            events += self._look()
            left = end - self._clock()
            if events or left <= 0:
                return events
            self._sleep(min(left, self._patience.looks))

    def close(self) -> None:
        """Cancel what is left, wait a moment for its end, and remove the run's folder."""
        end = self._clock() + self._patience.end
        left = list(self._arrays)
        while left:
            # By name, and again: one may have been submitted while the engine was interrupted.
            self._cancel(*left)
            if self._clock() >= end:
                break
            self._sleep(self._patience.looks)
            left = self._still_there(left)
        self._folder.close()
        self._arrays.clear()
        self._waiting.clear()
        self.slots = 0

    def _submit_waiting(self) -> list[Finished]:
        """Make arrays of what waits, each of one shape; not too often, so that they are large."""
        if not self._waiting or self._clock() < self._next_array:
            return []
        # What comes back meanwhile goes together.
        self._next_array = self._clock() + self._patience.arrays
        while self._waiting:
            shape = self._waiting[0][2]
            alike: list[_Waiting] = []
            others: deque[_Waiting] = deque()
            for each in self._waiting:
                (alike if each[2] == shape and len(alike) < self._most else others).append(each)
            self._waiting = others
            self._folder.beat()
            if said := self._submit_array(shape, alike):
                return self._not_taken(said, alike)
        return []

    def _submit_array(self, shape: Shape, waiting: Sequence[_Waiting]) -> str:
        """Submit jobs of one shape; why they were not taken, empty where they were."""
        jobs = tuple(job for _, job, _ in waiting)
        try:
            folder = self._folder.of_array()
        except OSError as error:
            return f"its folder cannot be made: {error.strerror}"
        now = self._clock()
        under_way = {
            number: UnderWay(ticket, job, folder.name, number, now) for number, (ticket, job, _) in enumerate(waiting)
        }
        # Known by its name even where the answer is lost, or waiting for it is interrupted.
        submitted = self._arrays[folder.name] = Submitted(folder, len(jobs), under_way)
        minutes = max(map(minutes_for, jobs))
        array = Array(folder.name, str(folder), self._options, shape, minutes, self._threads, self._preload, jobs)
        try:
            submitted.id = self._slurm.submit(array)
        except SlurmError as error:
            del self._arrays[folder.name]
            self._cancel(folder.name)
            return str(error)
        self._most = min(self._largest, 2 * self._most)
        self._answered = self._clock()
        return ""

    def _not_taken(self, said: str, waiting: Sequence[_Waiting]) -> list[Finished]:
        """Slurm did not take an array: half of it next time, as there may be a limit; one job as soon as none runs."""
        if len(waiting) > 1 or any(array.jobs for array in self._arrays.values()):
            self._most = max(1, len(waiting) // 2)
            self._waiting.extendleft(reversed(waiting))
            return []
        lost = Lost(f"Slurm did not take it: {said}", by_machine=True)
        return [Finished(ticket, lost) for ticket, _, _ in waiting]

    def _look(self) -> list[Progress | Finished]:
        now, patience = self._clock(), self._patience
        events: list[Progress | Finished] = []
        asks = bool(self._arrays) and now >= self._next_question
        # Slurm's word counts only where the job itself has left none.
        if asks or now >= self._next_look:
            events += [event for array in self._arrays.values() for event in array.read(now)]
            self._next_look = now + max(patience.looks, REST * (self._clock() - now))
        if asks:
            self._next_question = now + patience.questions
            events += self._ask_slurm(now)
        return events

    def _ask_slurm(self, now: float) -> Iterator[Finished]:
        """Hold what Slurm says of every job against what the job itself says."""
        try:
            states = self._slurm.states(list(self._arrays))
        except SlurmError as error:
            yield from self._unanswered(str(error), now)
            return
        self._answered = now
        for array in list(self._arrays.values()):
            for number, running in list(array.jobs.items()):
                state = states.get((array.name, number))
                if running.see(state, now) and running.state == "FAILED":
                    # At once, as it is soon forgotten.
                    running.how = self._slurm.how_ended(array.id_of(number))
                found = verdict(running, state.reason if state else "", now, self._patience)
                if found is not None:
                    del array.jobs[number]
                    yield Finished(running.ticket, self._lost(array, running, found))
            words = {state.word for (name, _), state in states.items() if name == array.name}
            if not array.jobs and words.isdisjoint((*WAITING, *UNDER_WAY)):
                del self._arrays[array.name]
                remove(array.folder)

    def _unanswered(self, said: str, now: float) -> Iterator[Finished]:
        """Jobs that give no sign of life either are lost after a while; when none is left, so is the cluster."""
        if now - self._answered < self._patience.answer:
            return
        lost = Lost(f"Slurm did not answer for {self._patience.answer:g} seconds: {said}", by_machine=True)
        for array in self._arrays.values():
            for number, running in list(array.jobs.items()):
                if now - running.heard > self._patience.silence:
                    del array.jobs[number]
                    yield Finished(running.ticket, lost)
        if not any(array.jobs for array in self._arrays.values()):
            self.slots = 0

    def _lost(self, array: Submitted, running: UnderWay, found: Verdict) -> Lost:
        id, printed = array.id_of(running.number), array.printed_by(running.number)
        if found.runs:
            self._cancel(id)
        said = f"{found.reason} (job {id})"
        if running.state == "FAILED" and (last := last_line(printed)):
            said = f"{said}: {last}"
        # A checker may take memory faster than its watcher looks; run alone it shows itself.
        return Lost(said, printed, by_machine=running.state != "OUT_OF_MEMORY")

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
