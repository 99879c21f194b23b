"""The process that speaks to Ray for the engine. Run as `python -P -m lawbook.verification.ray_cluster SOCKET`.

The engine sends what it wants, then pairs (token, job); it gets the number of slots, or why there are none, then lists
of events, an empty one at least every second. At the end of the socket every worker is killed.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections import deque
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
# A worker that is not there by then waits for others.
SECONDS_FOR_A_START = 30.0
WANTS_ITS_TOKEN = (
    "it asks for its token: set RAY_AUTH_MODE=token, with the cluster's token in ~/.ray/auth_token "
    "or in the file that RAY_AUTH_TOKEN_PATH names"
)


class Shape(NamedTuple):
    """What a worker asks of its node. memory: MiB."""

    cores: int
    gpus: int
    memory: int

    def copies(self, resources: dict[str, float]) -> int:
        """How many a node with so much in all has room for."""
        held = (resources.get("CPU", 0), resources.get("GPU", 0), resources.get("memory", 0) / MIB)
        return min(int(has // asked) for asked, has in zip(self, held, strict=True) if asked)

    def __str__(self) -> str:
        gpu = ", a GPU" if self.gpus else ""
        return f"{self.cores} core{'s' if self.cores > 1 else ''}{gpu} and {self.memory} MiB of memory"


@dataclass
class _Worker:
    """A worker of the cluster. token, job, call: of what is under way, since when. placed: has answered once."""

    actor: Any
    shape: Shape
    token: int = 0
    job: Job | None = None
    call: Any = None
    since: float = 0.0
    placed: bool = False


class Cluster:
    """Warm workers, one a job at a time, taken again where the next job has the same shape.

    There are never more of them than the nodes have room for: jobs wait here, not in Ray, for a worker that is free.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._workers: list[_Worker] = []
        self._waiting: deque[tuple[int, Job, Shape]] = deque()
        self._looked = time.monotonic()
        if wanted.address:
            ray.init(address=wanted.address, log_to_driver=False, logging_level="ERROR")
        else:
            ray.init(log_to_driver=False, logging_level="ERROR", include_dashboard=False)
        self._nodes = _nodes()

    @property
    def slots(self) -> int:
        """How many jobs the cluster has room for."""
        if self._wanted.gpu:
            return int(sum(node.get("GPU", 0) for node in self._nodes))
        return sum(int(node.get("CPU", 0)) // self._wanted.threads for node in self._nodes)

    @property
    def is_busy(self) -> bool:
        return bool(self._waiting) or any(worker.call is not None for worker in self._workers)

    def begin(self, token: int, job: Job) -> list[Progress | Finished]:
        """Take a job to give it to a worker; at once its end, where no node could ever have it."""
        uses_gpu = job.device.startswith("cuda")
        shape = Shape(job.threads, int(uses_gpu), job.memory)
        if said := self._infeasible(shape):
            return [Finished(token, Missing(said))]
        # Ray shows a worker its own GPU only, as the first.
        placed = replace(job, device="cuda:0") if uses_gpu else job
        self._waiting.append((token, placed, shape))
        self._deal()
        return []

    def wait(self) -> list[Progress | Finished]:
        """What has happened, waiting a moment for something to happen."""
        self._deal()
        calls = {worker.call: worker for worker in self._workers if worker.call is not None}
        if not calls:
            time.sleep(SECONDS_BETWEEN_POLLS)
            return self._look_after()
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

    def _deal(self) -> None:
        """Give waiting jobs to workers that are free, or to new ones where there is room."""
        left: deque[tuple[int, Job, Shape]] = deque()
        while self._waiting:
            token, job, shape = self._waiting.popleft()
            if worker := self._free(shape):
                self._start(worker, token, job)
            else:
                left.append((token, job, shape))
        self._waiting = left

    def _free(self, shape: Shape) -> _Worker | None:
        idle = [worker for worker in self._workers if worker.call is None]
        for worker in idle:
            if worker.shape == shape:
                return worker
        while not self._has_room(shape):
            if not idle:
                return None
            # One of another shape, which may hold what this one needs.
            self._discard(idle.pop())
        make = ray.remote(num_cpus=shape.cores, num_gpus=shape.gpus, memory=shape.memory * MIB, max_restarts=0)(
            ClusterWorker
        )
        worker = _Worker(make.remote(self._wanted.threads, self._wanted.preload), shape)
        self._workers.append(worker)
        return worker

    def _has_room(self, shape: Shape) -> bool:
        alike = sum(worker.shape == shape for worker in self._workers)
        together = Shape(*map(sum, zip(shape, *(worker.shape for worker in self._workers), strict=True)))
        whole = {name: sum(node.get(name, 0) for node in self._nodes) for name in ("CPU", "GPU", "memory")}
        return alike < sum(shape.copies(node) for node in self._nodes) and together.copies(whole) > 0

    def _start(self, worker: _Worker, token: int, job: Job) -> None:
        worker.token, worker.job, worker.since = token, job, time.monotonic()
        worker.call = worker.actor.begin.remote(token, job)

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
        self._nodes = _nodes()
        events: list[Progress | Finished] = []
        for worker in [worker for worker in self._workers if worker.call is not None]:
            silent = now - worker.since
            if worker.placed and silent > SECONDS_OF_SILENCE:
                events += self._lost(worker, f"the worker was silent for {SECONDS_OF_SILENCE:g} seconds")
            elif not worker.placed and silent > SECONDS_FOR_A_PLACE:
                said = f"the cluster had no place for it in {SECONDS_FOR_A_PLACE:g} seconds"
                events += self._lost(worker, said)
            elif not worker.placed and (said := self._infeasible(worker.shape)):
                events += self._lost(worker, said)
            elif not worker.placed and silent > SECONDS_FOR_A_START:
                self._hand_over(worker)
        for token, job, shape in list(self._waiting):
            if said := self._infeasible(shape):
                self._waiting.remove((token, job, shape))
                events.append(Finished(token, Lost(said)))
        return events

    def _hand_over(self, worker: _Worker) -> None:
        """Others hold the place that a worker waits for: its job goes to one of ours that has become free."""
        alike = (other for other in self._workers if other.call is None and other.shape == worker.shape)
        if free := next(alike, None):
            assert worker.job is not None
            self._discard(worker)
            self._start(free, worker.token, worker.job)

    def _lost(self, worker: _Worker, reason: str) -> list[Progress | Finished]:
        self._discard(worker)
        return [Finished(worker.token, Lost(reason))]

    def _infeasible(self, shape: Shape) -> str:
        if any(shape.copies(node) for node in self._nodes):
            return ""
        held = "; ".join(
            f"{node.get('CPU', 0):g} cores, {node.get('GPU', 0):g} GPUs, {node.get('memory', 0) / MIB:.0f} MiB"
            for node in self._nodes
        )
        return f"no node of the cluster has {shape}; its nodes have {held or 'nothing'}"

    def _discard(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        self._kill(worker)

    def _kill(self, worker: _Worker) -> None:
        with contextlib.suppress(RayError, ValueError):
            ray.kill(worker.actor)


def _nodes() -> list[dict[str, float]]:
    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


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
        connection.send(_why(error))
        return
    connection.send(slots)
    with contextlib.suppress(EOFError, OSError):
        serve(connection, cluster)
    cluster.close()
    sys.stdout.flush()
    os._exit(0)


def _why(error: BaseException) -> str:
    """In a line why there is no cluster. Of a token Ray speaks only in what the error comes from."""
    cause: BaseException | None = error
    while cause is not None:
        if "AuthenticationError" in f"{type(cause).__name__} {cause}":
            return WANTS_ITS_TOKEN
        cause = cause.__cause__
    return str(error).strip().split("\n")[0] or type(error).__name__


if __name__ == "__main__":
    main(sys.argv[1:])
