"""What the tests on a real Slurm have in common: jobs that are done, and things that are done to them meanwhile."""

from __future__ import annotations

from pathlib import Path

import psutil

from lawbook.verification.slurm.verdict import SlurmPatience

QUICK = SlurmPatience(looks=0.1, questions=0.5, arrays=0.5, files=3.0, silence=6.0)


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
