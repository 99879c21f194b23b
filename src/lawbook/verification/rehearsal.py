"""A rehearsal: every job of a tier begins on real data and runs for some seconds, and nothing is recorded.

It says beforehand what a night or a rented card would find out: what breaks, which data are missing, how much memory
is asked for, and how much work is left, by the progress that the checkers tell themselves. Seeds are exploratory ones,
and what is measured is thrown away, so no verdict has been peeked at.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lawbook.verification.card_memory import card_memory
from lawbook.verification.jobs import DEFAULT_MEMORY, Executor, Finished, Job, Measured, Missing, Progress
from lawbook.verification.plan import PlannedCheck
from lawbook.verification.seeds import FIRST_EXPLORATORY_SEED

State = Literal["broke", "data missing", "under way", "finished"]
WORST_FIRST: tuple[State, ...] = ("broke", "data missing", "under way", "finished")
# How a job that ran out of the rehearsal's seconds says so.
TIMED_OUT = "timed out after"


@dataclass(frozen=True)
class Part:
    """One job of the tier: an arm of a check, at its first look. arm: a control's or rival's name, or ""."""

    planned: PlannedCheck
    arm: str
    params: dict[str, object]

    @property
    def name(self) -> str:
        return f"{self.planned.name}:{self.arm}" if self.arm else self.planned.name


@dataclass
class Loop:
    """What a tracked loop told: when it was first and last heard of, and how far it was then.

    passes: how often it began anew. total: None where the length is unknown.
    """

    began: float
    first: int
    heard: float
    done: int
    total: int | None
    passes: int = 1

    def hear(self, now: float, done: int, total: int | None) -> None:
        """Take what the loop says of itself now."""
        if done < self.done:
            self.passes += 1
            self.began, self.first = now, done
        self.heard, self.done, self.total = now, done, total

    @property
    def seconds_left(self) -> float | None:
        """By its pace so far, to its end; None where it has no end to tell, or has not moved yet."""
        if self.total is None or self.done <= self.first:
            return None
        return (self.heard - self.began) / (self.done - self.first) * (self.total - self.done)


@dataclass
class Rehearsed:
    """How a job did. seconds: that it ran. memory: MiB at its peak. reason: what broke or is missing.

    card_memory: MiB that were in use on its card at the peak, by whoever; 0 on CPUs.
    """

    part: Part
    state: State
    seconds: float
    memory: int
    reason: str = ""
    loops: dict[str, Loop] = field(default_factory=dict)
    card_memory: int = 0

    @property
    def progress(self) -> str:
        """The loop that has most left, in words."""
        if self.state != "under way":
            return ""
        if not self.loops:
            return "tells no progress"
        label, loop = max(self.loops.items(), key=lambda item: item[1].seconds_left or -1.0)
        total = "?" if loop.total is None else str(loop.total)
        again = f", pass {loop.passes}" if loop.passes > 1 else ""
        return f"{label} {loop.done}/{total}{again}"

    @property
    def seconds_left(self) -> float | None:
        """At least so many more, by the slowest of its own loops; None where none tells."""
        if self.state != "under way":
            return 0.0 if self.state == "finished" else None
        told = [left for loop in self.loops.values() if (left := loop.seconds_left) is not None]
        return max(told) if told else None


def parts_of(checks: Iterable[PlannedCheck], *, main_only: bool = False) -> list[Part]:
    """The jobs of the checks' first looks: main measurements, then controls and the rivals that run."""
    parts = []
    for planned in checks:
        check, tier = planned.check, planned.tier
        parts.append(Part(planned, "", planned.settings.params))
        if main_only:
            continue
        parts += [Part(planned, one.name, check.control_params(one, tier)) for one in check.controls]
        parts += [
            Part(planned, rival.name, check.rival_params(rival, tier))
            for rival in check.rivals
            if rival.params is not None
        ]
    return parts


def rehearse(
    parts: Sequence[Part],
    executor: Executor,
    *,
    root: str,
    devices: Sequence[str],
    threads: int,
    seconds: float,
) -> Iterator[Rehearsed]:
    """Run every job for so many seconds, and give each as it ends."""
    waiting = deque(enumerate(parts))
    under_way: dict[int, tuple[Part, float, dict[str, Loop]]] = {}
    on_card: dict[int, int] = {}
    while waiting or under_way:
        while waiting and len(under_way) < executor.slots:
            number, part = waiting.popleft()
            under_way[number] = (part, time.monotonic(), {})
            executor.submit(number, _job(part, root, devices[number % len(devices)], threads, seconds))
        if not under_way:
            # Slots may be lost to what cannot be killed, down to none.
            reason = "not begun: jobs that cannot be killed hold every slot"
            yield from (Rehearsed(part, "broke", 0.0, 0, reason) for _, part in waiting)
            return
        events = executor.wait(1.0)
        for number in under_way:
            on_card[number] = max(on_card.get(number, 0), card_memory(devices[number % len(devices)]))
        for event in events:
            assert isinstance(event.ticket, int)
            part, began, loops = under_way[event.ticket]
            now = time.monotonic() - began
            if isinstance(event, Progress):
                _hear(loops, event, now)
                continue
            del under_way[event.ticket]
            yield replace(_rehearsed(part, event, loops), card_memory=on_card.pop(event.ticket, 0))


def worst_first(rehearsed: Iterable[Rehearsed]) -> list[Rehearsed]:
    """What broke, what is missing, what has most work left, what was finished."""
    return sorted(
        rehearsed,
        key=lambda job: (
            WORST_FIRST.index(job.state),
            -(job.seconds_left or 0.0),
            -job.seconds,
            job.part.name,
        ),
    )


def _job(part: Part, root: str, device: str, threads: int, seconds: float) -> Job:
    settings = part.planned.settings
    seeds = range(FIRST_EXPLORATORY_SEED, FIRST_EXPLORATORY_SEED + settings.seeds)
    return Job(
        root=root,
        checker=part.planned.check.checker,
        params=dict(part.params),
        seeds=tuple(seeds),
        device=device,
        threads=threads,
        timeout=seconds,
        memory=settings.memory or DEFAULT_MEMORY,
    )


def _hear(loops: dict[str, Loop], event: Progress, now: float) -> None:
    loop = loops.get(event.label)
    if loop is None:
        loops[event.label] = Loop(now, event.done, now, event.done, event.total)
    else:
        loop.hear(now, event.done, event.total)


def _rehearsed(part: Part, event: Finished, loops: dict[str, Loop]) -> Rehearsed:
    result = event.result
    told = Rehearsed(part, "finished", result.seconds, event.memory, loops=loops)
    if isinstance(result, Measured):
        return told
    if result.reason.startswith(TIMED_OUT):
        return replace(told, state="under way")
    if isinstance(result, Missing):
        return replace(told, state="data missing", reason=result.reason)
    return replace(told, state="broke", reason=result.reason)
