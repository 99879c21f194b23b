"""The process that speaks to Ray for the engine. Run as `python -P -m lawbook.verification.ray_cluster SOCKET`.

The engine sends what it wants, then pairs (token, job); it gets the number of slots, or why there are none, then lists
of events, an empty one at least every second. At the end of the socket every worker is killed.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import ray
from ray.exceptions import RayError

from lawbook.verification.cluster_worker import ClusterWorker
from lawbook.verification.jobs import Finished, Job, Lost, Missing, Progress
from lawbook.verification.ray_executor import Wanted

MIB = 2**20
SECONDS_BETWEEN_WORDS, SECONDS_BETWEEN_LOOKS, SECONDS_BETWEEN_POLLS = 1.0, 5.0, 0.01
# How long a worker may wait for its place, which others may hold; and how long one that has it may be silent.
SECONDS_FOR_A_PLACE, SECONDS_OF_SILENCE = 1800.0, 60.0


class Shape(NamedTuple):
    """What a worker asks of its node. memory: MiB."""

    cores: int
    gpus: int
    memory: int

    def fits(self, resources: dict[str, float]) -> bool:
        """Whether a node with so much in all could ever have it."""
        held = (resources.get("CPU", 0), resources.get("GPU", 0), resources.get("memory", 0) / MIB)
        return all(asked <= has for asked, has in zip(self, held, strict=True))

    def __str__(self) -> str:
        gpu = ", a GPU" if self.gpus else ""
        return f"{self.cores} core{'s' if self.cores > 1 else ''}{gpu} and {self.memory} MiB of memory"


@dataclass
class _Worker:
    """A worker of the cluster. token, call: of the job under way. since: of the call. placed: it has answered once."""

    actor: Any
    shape: Shape
    token: int = 0
    call: Any = None
    since: float = 0.0
    placed: bool = False


class Cluster:
    """Warm workers, one a job at a time, taken again where the next job has the same shape."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._workers: list[_Worker] = []
        self._looked = time.monotonic()
        if wanted.address:
            ray.init(address=wanted.address, log_to_driver=False, logging_level="ERROR")
        else:
            ray.init(log_to_driver=False, logging_level="ERROR", include_dashboard=False)

    @property
    def slots(self) -> int:
        """How many jobs the cluster has room for."""
        if self._wanted.gpu:
            return int(sum(node.get("GPU", 0) for node in _nodes()))
        return sum(int(node.get("CPU", 0)) // self._wanted.threads for node in _nodes())

    @property
    def is_busy(self) -> bool:
        return any(worker.call is not None for worker in self._workers)

    def begin(self, token: int, job: Job) -> list[Progress | Finished]:
        """Give the job to a worker; at once its end, where no node could ever have it."""
        uses_gpu = job.device.startswith("cuda")
        shape = Shape(job.threads, int(uses_gpu), job.memory)
        if said := _infeasible(shape):
            return [Finished(token, Missing(said))]
        worker = self._worker(shape)
        # Ray shows a worker its own GPU only, as the first.
        placed = replace(job, device="cuda:0") if uses_gpu else job
        worker.token, worker.since = token, time.monotonic()
        worker.call = worker.actor.begin.remote(token, placed)
        return []

    def wait(self) -> list[Progress | Finished]:
        """What has happened, waiting a moment for something to happen."""
        calls = {worker.call: worker for worker in self._workers if worker.call is not None}
        if not calls:
            return []
        ready, _ = ray.wait(list(calls), num_returns=1, timeout=SECONDS_BETWEEN_POLLS)
        if ready:
            ready, _ = ray.wait(list(calls), num_returns=len(calls), timeout=0)
        events = [event for call in ready for event in self._answered(calls[call])]
        return events + self._look_after()

    def close(self) -> None:
        """Kill every worker and leave."""
        for worker in self._workers:
            self._kill(worker)
        ray.shutdown()

    def _worker(self, shape: Shape) -> _Worker:
        idle = [worker for worker in self._workers if worker.call is None]
        for worker in idle:
            if worker.shape == shape:
                return worker
        # Those of other shapes hold what this one needs.
        for worker in idle:
            self._discard(worker)
        make = ray.remote(
            num_cpus=shape.cores, num_gpus=shape.gpus, memory=shape.memory * MIB, max_restarts=0
        )(ClusterWorker)
        worker = _Worker(make.remote(self._wanted.threads, self._wanted.preload), shape)
        self._workers.append(worker)
        return worker

    def _answered(self, worker: _Worker) -> list[Progress | Finished]:
        try:
            events, may_go_on = ray.get(worker.call)
        except RayError as error:
            # What Ray says of it names addresses, which are nobody's business but the operator's.
            print(str(error), file=sys.stderr)
            return self._lost(worker, f"the cluster lost the worker ({type(error).__name__})")
        worker.placed, worker.since = True, time.monotonic()
        if any(isinstance(event, Finished) for event in events):
            worker.call = None
            if not may_go_on:
                self._discard(worker)
        else:
            worker.call = worker.actor.go_on.remote()
        return list(events)

    def _look_after(self) -> list[Progress | Finished]:
        now = time.monotonic()
        if now - self._looked < SECONDS_BETWEEN_LOOKS:
            return []
        self._looked = now
        events: list[Progress | Finished] = []
        for worker in [worker for worker in self._workers if worker.call is not None]:
            silent = now - worker.since
            if worker.placed and silent > SECONDS_OF_SILENCE:
                events += self._lost(worker, f"the worker was silent for {SECONDS_OF_SILENCE:g} seconds")
            elif not worker.placed and silent > SECONDS_FOR_A_PLACE:
                events += self._lost(
                    worker, f"the cluster had no place for it in {SECONDS_FOR_A_PLACE:g} seconds"
                )
            elif not worker.placed and (said := _infeasible(worker.shape)):
                events += self._lost(worker, said)
        return events

    def _lost(self, worker: _Worker, reason: str) -> list[Progress | Finished]:
        self._discard(worker)
        return [Finished(worker.token, Lost(reason))]

    def _discard(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._kill(worker)

    def _kill(self, worker: _Worker) -> None:
        with contextlib.suppress(RayError, ValueError):
            ray.kill(worker.actor)


def _nodes() -> list[dict[str, float]]:
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def _infeasible(shape: Shape) -> str:
    nodes = _nodes()
    if any(shape.fits(node) for node in nodes):
        return ""
    held = "; ".join(
        str(Shape(int(node.get("CPU", 0)), int(node.get("GPU", 0)), int(node.get("memory", 0) / MIB)))
        for node in nodes
    )
    return f"no node of the cluster has {shape}; it has {held or 'no node'}"


def serve(connection: Connection, cluster: Cluster) -> None:
    """Begin what the engine sends and tell what happens, until the socket ends."""
    told = 0.0
    while True:
        events: list[Progress | Finished] = []
        # While jobs are under way, waiting is done for them.
        while connection.poll(0 if cluster.is_busy or events else SECONDS_BETWEEN_WORDS):
            token, job = connection.recv()
            events += cluster.begin(token, job)
        events += cluster.wait()
        if events or time.monotonic() - told > SECONDS_BETWEEN_WORDS:
            connection.send(events)
            told = time.monotonic()


def main(arguments: list[str]) -> None:
    """Reach the cluster, say how many slots it has, and serve."""
    connection = Connection(int(arguments[0]))
    wanted: Wanted = connection.recv()
    try:
        cluster = Cluster(wanted)
        slots = cluster.slots
    except Exception as error:
        connection.send(str(error).strip().split("\n")[0] or type(error).__name__)
        return
    connection.send(slots)
    with contextlib.suppress(EOFError, OSError):
        serve(connection, cluster)
    cluster.close()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
