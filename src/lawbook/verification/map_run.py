"""Measures a map: the main arm in every cell that is missing or stale, each recorded as soon as it is judged."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import fmean

from lawbook.evidence.history import short_ends
from lawbook.evidence.map_cells import MapCell, MapKey, cell_definition, cell_digest
from lawbook.evidence.record import TIME_FORMAT, Environment
from lawbook.registry.entry import Entry
from lawbook.registry.map_grid import Cell, Grid
from lawbook.verdicts.judgement import Finding, Rule, judge
from lawbook.verification.check_run import finite, finite_interval
from lawbook.verification.jobs import (
    DEFAULT_MEMORY,
    Executor,
    Failure,
    Finished,
    Job,
    Lost,
    Measured,
    Missing,
)
from lawbook.verification.seeds import SEEDS_PER_BASE


@dataclass(frozen=True)
class PlannedCell:
    """A cell to measure. code: the fingerprint of what it runs."""

    entry: Entry
    grid: Grid
    cell: Cell
    code: str
    device: str

    @property
    def key(self) -> MapKey:
        return MapKey(self.entry.id, self.grid.law_map.name, self.grid.tier, self.device)

    @property
    def name(self) -> str:
        return f"{self.entry.id}/{self.grid.law_map.name}"


def run_cells(
    planned: Sequence[PlannedCell],
    executor: Executor,
    *,
    root: str,
    devices: Sequence[str],
    threads: int,
    environment: Environment,
    seed_base: int = 0,
    budget: float | None = None,
) -> Iterator[tuple[PlannedCell, MapCell | Lost | Missing]]:
    """Each cell as it is judged, in the order in which they end.

    A cell whose job is lost is tried once more behind all others; lost again, or without its data, it is not judged.
    budget: seconds; once they are spent no further cell begins, and those under way are waited for.
    """
    began = time.monotonic()
    waiting = deque(enumerate(planned))
    under_way: dict[int, tuple[str, str]] = {}
    lost: set[int] = set()
    load = Counter(dict.fromkeys(devices, 0))
    while (waiting and executor.slots > 0) or under_way:
        if budget is not None and time.monotonic() - began > budget:
            waiting.clear()
        while waiting and len(under_way) < executor.slots:
            ticket, cell = waiting.popleft()
            device = min(devices, key=load.__getitem__)
            load[device] += 1
            under_way[ticket] = device, datetime.now(UTC).strftime(TIME_FORMAT)
            executor.submit(ticket, _job(cell, root, device, threads, seed_base))
        for event in executor.wait(1.0) if under_way else ():
            if isinstance(event, Finished):
                assert isinstance(event.ticket, int)
                device, started = under_way.pop(event.ticket)
                load[device] -= 1
                cell = planned[event.ticket]
                if isinstance(event.result, Lost) and event.ticket not in lost:
                    lost.add(event.ticket)
                    waiting.append((event.ticket, cell))
                elif isinstance(event.result, Lost | Missing):
                    yield cell, event.result
                else:
                    yield cell, _judged(cell, event.result, started, environment, seed_base)


def _job(planned: PlannedCell, root: str, device: str, threads: int, seed_base: int) -> Job:
    settings = planned.grid.measured.settings
    first = seed_base * SEEDS_PER_BASE
    return Job(
        root=root,
        checker=planned.grid.measured.checker,
        params=dict(planned.cell.params),
        seeds=tuple(range(first, first + settings.seeds)),
        device=device,
        threads=threads,
        timeout=settings.timeout,
        memory=settings.memory or DEFAULT_MEMORY,
    )


def _judged(
    planned: PlannedCell, result: Measured | Failure, started: str, environment: Environment, seed_base: int
) -> MapCell:
    measured, cell = planned.grid.measured, planned.cell
    seeds = measured.settings.seeds
    inside = seeds
    device = ""
    if isinstance(result, Failure):
        finding = Finding("error", reason=result.reason)
    else:
        rule = Rule.of(cell.region, measured.confidence, measured.estimator, seeds, seeds)
        first = seed_base * SEEDS_PER_BASE
        finding = judge(result.values, result.in_regime, rule, 0, range(first, first + seeds))
        inside = sum(result.in_regime) if result.in_regime is not None else seeds
        device = result.device
    labels = {name: axis.labels for name, axis in planned.grid.law_map.over.items()}
    at = {
        name: labels[name][place] if labels[name] else value
        for place, (name, value) in zip(cell.place, cell.values.items(), strict=True)
    }
    value = finding.estimate
    if value is None and not isinstance(result, Failure):
        # Out of regime is no verdict, and what was measured there is still worth seeing.
        value = _mean(result.values)
    estimate, _ = short_ends((finite(value), None))
    interval = finite_interval(finding.interval)
    return MapCell(
        started=started,
        at=at,
        cell=cell_digest(cell.values),
        outcome=finding.outcome,
        reason=finding.reason,
        estimate=estimate,
        interval=interval and short_ends(interval),
        accept=short_ends((finite(cell.region[0]), finite(cell.region[1]))),
        seeds=seeds,
        judged=inside,
        seed_base=seed_base,
        seconds=round(result.seconds, 3),
        definition=cell_definition(measured, cell),
        code=planned.code,
        torch=environment.torch,
        commit=environment.commit[:12],
        device=device or environment.device,
    )


def _mean(values: Sequence[float]) -> float | None:
    """None where no finite number is the mean of them."""
    try:
        return fmean(values)
    except (ValueError, OverflowError):
        return None
