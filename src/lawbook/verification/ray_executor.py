"""Jobs on a Ray cluster: each a task with the cores, the GPU and the memory that it asks for, tried once."""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import ray

from lawbook.verification.jobs import Failure, Finished, Job, Lost, Progress, Result
from lawbook.verification.worker import run_job

MIB = 2**20


@dataclass(frozen=True)
class _Task:
    ticket: Hashable
    job: Job
    deadline: float


class RayExecutor:
    """Runs jobs as Ray tasks; every node needs the registry at the same path and the same packages.

    A deadline counts from the submission, and Ray watches the memory. There is no progress within a job.
    """

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._tasks: dict[Any, _Task] = {}
        ray.init(ignore_reinit_error=True, log_to_driver=False)

    def submit(self, ticket: Hashable, job: Job) -> None:
        """Hand the job to the cluster."""
        uses_gpu = job.device.startswith("cuda")
        # A process each, as a worker that has run one checker is no clean place for another.
        remote = ray.remote(
            num_cpus=job.threads,
            num_gpus=1 if uses_gpu else 0,
            memory=job.memory * MIB,
            max_retries=0,
            max_calls=1,
        )(_run)
        # Ray shows a task its own GPU only, as the first.
        placed = replace(job, device="cuda:0") if uses_gpu else job
        self._tasks[remote.remote(placed)] = _Task(ticket, job, time.monotonic() + job.timeout)

    def wait(self, seconds: float) -> list[Progress | Finished]:
        """The ends since the last call."""
        events: list[Progress | Finished] = []
        done, _ = ray.wait(list(self._tasks), num_returns=1, timeout=seconds) if self._tasks else ([], [])
        events += [Finished(self._tasks.pop(reference).ticket, _result(reference)) for reference in done]
        now = time.monotonic()
        for reference, task in list(self._tasks.items()):
            if now > task.deadline:
                ray.cancel(reference, force=True)
                del self._tasks[reference]
                reason = f"timed out after {task.job.timeout:g} seconds"
                events.append(Finished(task.ticket, Failure(reason, seconds=task.job.timeout)))
        return events

    def close(self) -> None:
        """Cancel what still runs and leave the cluster."""
        for reference in self._tasks:
            ray.cancel(reference, force=True)
        self._tasks.clear()
        ray.shutdown()


def _run(job: Job) -> Result:
    return run_job(job, lambda label, done, total: None)


def _result(reference: Any) -> Result:
    try:
        result: Result = ray.get(reference)
    except ray.exceptions.RayError as error:
        return Lost(f"the worker died: {str(error).strip().splitlines()[0]}")
    return result
