"""The loop of a run: hand jobs to the executor, judge what comes back, give each record as soon as its check
is settled.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lawbook.evidence.record import DeviceKind, Environment, Record
from lawbook.verification.check_run import Batch, CheckRun
from lawbook.verification.jobs import DEFAULT_MEMORY, Executor, Job, Progress
from lawbook.verification.plan import PlannedCheck
from lawbook.verification.printed import printed_by


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
    """A check is settled."""

    planned: PlannedCheck
    record: Record


Event = Started | Advanced | Ended | Judged


class _Ticket(NamedTuple):
    run: int
    batch: Batch


def run_checks(
    checks: Sequence[PlannedCheck],
    executor: Executor,
    *,
    root: str,
    devices: Sequence[str],
    threads: int,
    seed_base: int,
    environment: Environment,
) -> Iterator[Event]:
    """Run the checks, a job for each arm and look, and tell what happens.

    devices: torch devices; a job goes to the one with the fewest under way. environment: of the records, its
    device to be filled in.
    """
    runs = [CheckRun(planned, seed_base) for planned in checks]
    waiting = deque(
        _Ticket(number, batch) for number, run in enumerate(runs) for batch in run.first_batches()
    )
    placed: dict[_Ticket, str] = {}
    load = Counter(dict.fromkeys(devices, 0))
    device_kind: DeviceKind = "cuda" if devices[0].startswith("cuda") else "cpu"
    while waiting or placed:
        while waiting and len(placed) < executor.slots:
            ticket = waiting.popleft()
            run = runs[ticket.run]
            if run.errored:
                run.drop(ticket.batch.arm)
                if run.settled:
                    yield Judged(run.planned, run.record(environment, device_kind))
                continue
            run.begin()
            device = min(devices, key=load.__getitem__)
            placed[ticket] = device
            load[device] += 1
            executor.submit(ticket, _job(run, ticket.batch, root, device, threads))
            yield Started(run.planned, ticket.batch.arm, len(ticket.batch.seeds))
        for event in executor.wait(1.0) if placed else ():
            assert isinstance(event.ticket, _Ticket)
            run, batch = runs[event.ticket.run], event.ticket.batch
            if isinstance(event, Progress):
                yield Advanced(run.planned, batch.arm, event.label, event.done, event.total)
                continue
            load[placed.pop(event.ticket)] -= 1
            yield Ended(run.planned, batch.arm, *printed_by(event.result))
            # Later looks go first: a check under way is settled, and its record safe, before others begin.
            waiting.extendleft(
                _Ticket(event.ticket.run, more) for more in run.take(batch.arm, batch, event.result)
            )
            if run.settled:
                yield Judged(run.planned, run.record(environment, device_kind))


def _job(run: CheckRun, batch: Batch, root: str, device: str, threads: int) -> Job:
    settings = run.planned.settings
    return Job(
        root=root,
        checker=run.planned.check.checker,
        params=run.arms[batch.arm].params,
        seeds=batch.seeds,
        device=device,
        threads=threads,
        timeout=settings.timeout,
        memory=settings.memory or DEFAULT_MEMORY,
    )
