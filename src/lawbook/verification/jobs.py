"""A job and what comes of it: the plain data that pass between the engine and its workers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from lawbook.evidence.record import StoredPanel

# MiB, where a claim's tier does not say.
DEFAULT_MEMORY = 4096
# MiB of files in the folder that a worker has for itself while it runs.
SCRATCH_LIMIT = 1024


@dataclass(frozen=True)
class Job:
    """One call of a checker: one arm of a check (its main measurement or a control) at one look.

    checker: `checkers.folder.module:function`. timeout: seconds. memory: MiB. threads: for torch and BLAS.
    scratch: the worker's own temporary folder, which the executor makes and removes; empty where it makes none.
    """

    root: str
    checker: str
    params: dict[str, Any]
    seeds: tuple[int, ...]
    device: str
    threads: int
    timeout: float
    memory: int
    scratch: str = ""


@dataclass(frozen=True)
class Measured:
    """What a checker returned, as plain data.

    device: its name, "" for CPUs. printed: the end of what it printed, of `printed_lines` lines in all.
    """

    values: tuple[float, ...]
    in_regime: tuple[bool, ...] | None
    panels: tuple[StoredPanel, ...]
    notes: tuple[str, ...]
    seconds: float
    device: str = ""
    printed: str = ""
    printed_lines: int = 0


@dataclass(frozen=True)
class Failure:
    """Why a job gave no measurement, and the end of what it had printed."""

    reason: str
    output: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Lost:
    """A job that ended without a word of its own: its worker died, or the machine below it gave way.

    By itself no verdict: run once more alone, it shows whose fault it was. by_machine: whether that is known already,
    as where its node failed or somebody cancelled it; lost so again, it is not measured.
    """

    reason: str
    output: str = ""
    seconds: float = 0.0
    by_machine: bool = False


@dataclass(frozen=True)
class Missing:
    """What the checker needs is not on this machine; the reason says what, and how to get it."""

    reason: str
    seconds: float = 0.0


Result = Measured | Failure | Lost | Missing


@dataclass(frozen=True)
class Progress:
    """How far a job is. total: None where the length is unknown."""

    ticket: Hashable
    label: str
    done: int
    total: int | None


@dataclass(frozen=True)
class Finished:
    """A job's end. memory: MiB, the most that it was seen to hold; 0 where the executor does not look.

    isolation: what the worker was kept to, as records name it; empty where there was none.
    """

    ticket: Hashable
    result: Result
    memory: int = 0
    isolation: tuple[str, ...] = ()


class Executor(Protocol):
    """Where jobs run. slots: how many at a time; `submit` is called only while fewer are under way.

    Slots may grow fewer while a run lasts, down to none: what hangs where it cannot be killed keeps its own.
    """

    slots: int

    def submit(self, ticket: Hashable, job: Job) -> None:
        """Start a job; `ticket` names it in the events that `wait` gives."""

    def wait(self, seconds: float) -> list[Progress | Finished]:
        """What happened since the last call, waiting up to so many seconds for something to happen."""

    def close(self) -> None:
        """Kill what still runs and let go of everything."""
