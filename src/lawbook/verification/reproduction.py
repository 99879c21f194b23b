"""Running recorded evidence again, with its seeds, params and threads, and comparing the numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from lawbook.evidence.record import Record
from lawbook.registry.tier_settings import TierSettings
from lawbook.verification.jobs import DEFAULT_MEMORY, Executor, Finished, Job, Measured


@dataclass(frozen=True)
class Comparison:
    """One arm measured again. arm: the control's or rival's name, "" for the main measurement.

    difference: the largest difference of a value from the recorded one, relative to the largest recorded
    value in magnitude; None where it could not be measured, for the `reason`.
    """

    record: Record
    arm: str
    values: int
    difference: float | None
    reason: str = ""


class _Ticket(NamedTuple):
    record: int
    arm: str
    start: int


@dataclass(frozen=True)
class _Recorded:
    params: dict[str, Any]
    seeds: list[int]
    values: list[float | None]
    batches: list[int]


def reproduce(
    records: Sequence[tuple[Record, TierSettings]], executor: Executor, *, root: str, device: str
) -> Iterator[Comparison]:
    """Measure every arm of the records again, look by look as recorded, and compare; one comparison an arm."""
    recorded = {
        (number, name): arm for number, (record, _) in enumerate(records) for name, arm in _arms(record).items()
    }
    jobs = {
        _Ticket(number, name, start): _job(*records[number], arm, arm.seeds[start:end], root, device)
        for (number, name), arm in recorded.items()
        for start, end in _batches(arm)
    }
    waiting = list(reversed(jobs))
    missing = {key: len(_batches(arm)) for key, arm in recorded.items()}
    values: dict[tuple[int, str], list[float]] = {key: [math.nan] * len(arm.seeds) for key, arm in recorded.items()}
    failed: dict[tuple[int, str], str] = {}
    under_way = 0
    while waiting or under_way:
        while waiting and under_way < executor.slots:
            ticket = waiting.pop()
            executor.submit(ticket, jobs[ticket])
            under_way += 1
        for event in executor.wait(1.0):
            if not isinstance(event, Finished):
                continue
            under_way -= 1
            done = event.ticket
            assert isinstance(done, _Ticket)
            key = (done.record, done.arm)
            if not isinstance(event.result, Measured):
                failed[key] = event.result.reason
            else:
                values[key][done.start : done.start + len(event.result.values)] = event.result.values
            missing[key] -= 1
            if missing[key] == 0:
                known = recorded[key]
                difference = None if key in failed else largest_difference(known.values, values[key])
                yield Comparison(records[done.record][0], done.arm, len(known.values), difference, failed.get(key, ""))


def largest_difference(recorded: Sequence[float | None], measured: Sequence[float]) -> float:
    """The largest |measured - recorded| over the largest |recorded|; infinite where only one of a pair is
    finite.
    """
    scale = max((abs(value) for value in recorded if value is not None), default=0.0)
    differences = [_difference(old, new) for old, new in zip(recorded, measured, strict=True)]
    largest = max(differences, default=0.0)
    return largest / scale if scale and largest else largest


def _difference(old: float | None, new: float) -> float:
    if old is None or not math.isfinite(new):
        return 0.0 if old is None and not math.isfinite(new) else math.inf
    return abs(new - old)


def _arms(record: Record) -> dict[str, _Recorded]:
    main = _Recorded(record.params, record.seeds, record.values, record.batches)
    controls = {
        control.name: _Recorded(control.params, control.seeds, control.values, control.batches)
        for control in record.controls
    }
    # Rivals that only predict measured nothing.
    rivals = {rival.name: _Recorded(rival.params, rival.seeds, rival.values, rival.batches) for rival in record.rivals}
    return {name: arm for name, arm in {"": main, **controls, **rivals}.items() if arm.seeds}


def _batches(arm: _Recorded) -> list[tuple[int, int]]:
    """Where each look's seeds begin and end; one batch where the record does not say."""
    return list(pairwise(accumulate(arm.batches or [len(arm.seeds)], initial=0)))


def _job(record: Record, settings: TierSettings, arm: _Recorded, seeds: list[int], root: str, device: str) -> Job:
    return Job(
        root=root,
        checker=record.checker,
        params=arm.params,
        seeds=tuple(seeds),
        device=device,
        threads=record.environment.threads,
        timeout=settings.timeout,
        memory=settings.memory or DEFAULT_MEMORY,
    )
