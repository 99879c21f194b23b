"""What the tests on a real Slurm have in common: jobs that are done, and things that are done to them meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from lawbook.verification.jobs import Finished, Job, Progress
from lawbook.verification.slurm.executor import SlurmExecutor
from lawbook.verification.slurm.verdict import SlurmPatience

QUICK = SlurmPatience(looks=0.1, questions=0.5, arrays=0.5, files=3.0, silence=6.0)


def run(
    executor: SlurmExecutor, jobs: list[Job], meanwhile: Callable[[], None] = lambda: None, patience: float = 60.0
) -> tuple[dict[int, Any], list[Progress]]:
    """Each job's result by its place, and what progress was told; a second end of one job fails."""
    results: dict[int, Any] = {}
    told: list[Progress] = []
    for number, job in enumerate(jobs):
        executor.submit(number, job)
    end = time.monotonic() + patience
    while len(results) < len(jobs):
        assert time.monotonic() < end, f"only {results} in {patience} seconds"
        meanwhile()
        for event in executor.wait(0.2):
            if isinstance(event, Finished):
                assert event.ticket not in results
                results[event.ticket] = event.result
            else:
                told.append(event)
    return results, told


def once(act: Callable[[], bool]) -> Callable[[], None]:
    """Calls until it has been done."""
    done: list[bool] = []

    def try_it() -> None:
        if not done and act():
            done.append(True)

    return try_it


def watcher_of(begun: Path) -> psutil.Process | None:
    """The process that watches a job which has written its number; None before that."""
    if not begun.exists() or not begun.read_text().endswith("\n"):
        return None
    above = psutil.Process(int(begun.read_text().splitlines()[-1].split()[0])).parents()
    return next(process for process in above if "submitit.core._submit" in process.cmdline())


def number_of(watcher: psutil.Process) -> str:
    """Slurm's number of the job that a process watches."""
    told = watcher.environ()
    array, place = told.get("SLURM_ARRAY_JOB_ID"), told.get("SLURM_ARRAY_TASK_ID")
    return f"{array}_{place}" if array else told["SLURM_JOB_ID"]
