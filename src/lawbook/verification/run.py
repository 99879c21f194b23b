"""The loop of a run: hand jobs to the executor, judge what comes back, give each record as soon as its check
is settled.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from lawbook.evidence.record import DeviceKind, Environment, Record
from lawbook.verification.canary import CANARY
from lawbook.verification.check_run import Batch, CheckRun
from lawbook.verification.host import Host
from lawbook.verification.jobs import (
    DEFAULT_MEMORY,
    Executor,
    Failure,
    Finished,
    Job,
    Lost,
    Measured,
    Missing,
    Progress,
    Result,
)
from lawbook.verification.plan import PlannedCheck
from lawbook.verification.printed import printed_by

SECONDS_FOR_CANARY = 120.0


@dataclass(frozen=True)
class Started:
    """A job began. arm: the control's name, "" for the main measurement."""

    planned: PlannedCheck
    arm: str
    seeds: int


@dataclass(frozen=True)
class Advanced:
    """A job got further. total: None where unknown."""

    planned: PlannedCheck
    arm: str
    label: str
    done: int
    total: int | None


@dataclass(frozen=True)
class Ended:
    """A job is over, whatever came of it. printed: the end of what a checker that measured had printed."""

    planned: PlannedCheck
    arm: str
    printed: str = ""
    printed_lines: int = 0


@dataclass(frozen=True)
class Judged:
    """A check is settled. again: it is measured once more on other seeds, to confirm the outcome; first: what
    this record was to confirm.
    """

    planned: PlannedCheck
    record: Record
    again: bool = False
    first: Record | None = None


@dataclass(frozen=True)
class Unmeasured:
    """A check gets no record, as the machine failed it or its data are not here; what was recorded stays."""

    planned: PlannedCheck
    reason: str


Event = Started | Advanced | Ended | Judged | Unmeasured


class _Ticket(NamedTuple):
    """A job: of which run, which batch. attempt: 0 at first, 1 alone, 2 for the canary after that."""

    run: int
    batch: Batch
    attempt: int = 0


@dataclass(frozen=True)
class Limits:
    """When a run must stop. until: on the monotonic clock. expected: seconds that a check took, by its name."""

    until: float
    expected: Mapping[str, float]

    def leaves_room(self, planned: PlannedCheck) -> bool:
        """Whether a check that has not begun would end in time, as far as is known."""
        return time.monotonic() + self.expected.get(planned.name, 0.0) <= self.until

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self.until


def run_checks(
    checks: Sequence[PlannedCheck],
    executor: Executor,
    *,
    root: str,
    devices: Sequence[str],
    threads: int,
    seed_base: int,
    environment: Environment,
    again: Callable[[PlannedCheck, Record], int | None] = lambda planned, record: None,
    limits: Limits | None = None,
    may_begin: Callable[[PlannedCheck], bool] = lambda planned: True,
) -> Iterator[Event]:
    """Run the checks, a job for each arm and look, and tell what happens.

    devices: torch devices; a job goes to the one with the fewest under way. environment: of the records, its
    device to be filled in. again: the seed base on which to measure a settled check once more at once, if on any.
    limits: ends the run, with what is under way and what has not begun left untold. may_begin: asked before a check's
    first job; one that may not is left untold too.

    A job that is lost is run once more alone, when all else is done. Lost again it is the checker's error, unless
    the machine is known to be at fault, says what it lacks or loses a job of the engine's own as well.
    """
    run = _Run(checks, executor, root, devices, threads, seed_base, environment, again, limits, may_begin)
    return run.events()


class _Run:
    def __init__(
        self,
        checks: Sequence[PlannedCheck],
        executor: Executor,
        root: str,
        devices: Sequence[str],
        threads: int,
        seed_base: int,
        environment: Environment,
        again: Callable[[PlannedCheck, Record], int | None],
        limits: Limits | None,
        may_begin: Callable[[PlannedCheck], bool],
    ) -> None:
        self._executor, self._root, self._threads = executor, root, threads
        self._devices, self._environment = devices, environment
        self._again, self._limits, self._may_begin = again, limits, may_begin
        self._host = Host()
        self._runs = [CheckRun(planned, seed_base) for planned in checks]
        self._waiting = deque(
            _Ticket(number, batch) for number, run in enumerate(self._runs) for batch in run.first_batches()
        )
        self._alone: deque[_Ticket] = deque()
        self._lost: dict[_Ticket, Lost] = {}
        self._last_loss = ""
        self._placed: dict[_Ticket, str] = {}
        self._load = Counter(dict.fromkeys(devices, 0))

    def events(self) -> Iterator[Event]:
        while self._waiting or self._alone or self._placed:
            if self._limits is not None and self._limits.passed:
                return
            if self._executor.slots < 1:
                why = f" ({self._last_loss})" if self._last_loss else ""
                yield from self._give_up(f"no worker is left that answers{why}")
                return
            while self._waiting and len(self._placed) < self._executor.slots:
                yield from self._begin(self._waiting.popleft())
            if self._alone and not self._placed and not self._waiting:
                yield from self._begin(self._alone.popleft())
            for event in self._executor.wait(1.0) if self._placed else ():
                assert isinstance(event.ticket, _Ticket)
                run, arm = self._runs[event.ticket.run], event.ticket.batch.arm
                if isinstance(event, Progress):
                    yield Advanced(run.planned, arm, event.label, event.done, event.total)
                else:
                    yield from self._end(event)

    def _begin(self, ticket: _Ticket) -> Iterator[Event]:
        run = self._runs[ticket.run]
        if run.ended or not (run.started or self._has_its_turn(run.planned)):
            run.drop(ticket.batch.arm)
            if run.settled and run.errored and not run.unmeasured:
                yield from self._settle(ticket.run)
            return
        run.begin()
        device = min(self._devices, key=self._load.__getitem__)
        self._placed[ticket] = device
        self._load[device] += 1
        job = self._job(run, ticket.batch, device)
        self._executor.submit(ticket, _canary(job) if ticket.attempt == 2 else job)
        yield Started(run.planned, ticket.batch.arm, len(ticket.batch.seeds))

    def _has_its_turn(self, planned: PlannedCheck) -> bool:
        in_time = self._limits is None or self._limits.leaves_room(planned)
        return in_time and self._may_begin(planned)

    def _end(self, event: Finished) -> Iterator[Event]:
        ticket = event.ticket
        assert isinstance(ticket, _Ticket)
        run, batch = self._runs[ticket.run], ticket.batch
        self._load[self._placed.pop(ticket)] -= 1
        yield Ended(run.planned, batch.arm, *printed_by(event.result))
        result = self._told(ticket, event.result)
        if result is None:
            return
        if isinstance(result, Missing | Lost):
            run.drop(batch.arm)
            if not run.unmeasured:
                run.unmeasured = result.reason
                yield Unmeasured(run.planned, result.reason)
            return
        # Later looks go first: a check under way is settled, and its record safe, before others begin.
        run.note_isolation(event.isolation)
        more = run.take(batch.arm, batch, result)
        self._waiting.extendleft(_Ticket(ticket.run, batch) for batch in more)
        if run.settled and not run.unmeasured:
            yield from self._settle(ticket.run)

    def _told(self, ticket: _Ticket, result: Result) -> Result | None:
        """What a job's end says: a result; Lost for the machine's fault; None while that is to be found out."""
        if ticket.attempt == 2:
            return self._after_canary(ticket, result)
        if not isinstance(result, Lost):
            return result
        self._last_loss = result.reason
        if ticket.attempt == 0:
            self._host.trouble()
            self._alone.append(ticket._replace(attempt=1))
            return None
        if result.by_machine:
            return result
        if trouble := self._host.trouble():
            return replace(result, reason=f"{trouble} ({result.reason})")
        canary = ticket._replace(attempt=2)
        self._lost[canary] = result
        self._alone.appendleft(canary)
        return None

    def _after_canary(self, ticket: _Ticket, result: Result) -> Result:
        lost = self._lost.pop(ticket)
        if isinstance(result, Measured):
            return Failure(lost.reason, lost.output, lost.seconds)
        return replace(lost, reason=f"the machine fails: a job of the engine's own is lost too ({lost.reason})")

    def _settle(self, number: int) -> Iterator[Event]:
        run = self._runs[number]
        kind: DeviceKind = "cuda" if self._devices[0].startswith("cuda") else "cpu"
        record = run.record(self._environment, kind)
        base = None if run.first is not None else self._again(run.planned, record)
        yield Judged(run.planned, record, again=base is not None, first=run.first)
        if base is not None:
            self._runs.append(CheckRun(run.planned, base, record))
            batches = self._runs[-1].first_batches()
            self._waiting.extendleft(_Ticket(len(self._runs) - 1, batch) for batch in reversed(batches))

    def _give_up(self, reason: str) -> Iterator[Event]:
        for ticket in (*self._waiting, *self._alone, *self._placed):
            run = self._runs[ticket.run]
            if not run.ended:
                run.unmeasured = reason
                yield Unmeasured(run.planned, reason)

    def _job(self, run: CheckRun, batch: Batch, device: str) -> Job:
        settings = run.planned.settings
        return Job(
            root=self._root,
            checker=run.planned.check.checker,
            params=run.arms[batch.arm].params,
            seeds=batch.seeds,
            device=device,
            threads=self._threads,
            timeout=settings.timeout,
            memory=settings.memory or DEFAULT_MEMORY,
        )


def _canary(job: Job) -> Job:
    return replace(job, checker=CANARY, params={}, timeout=SECONDS_FOR_CANARY, memory=DEFAULT_MEMORY)
