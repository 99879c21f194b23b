"""How well an executor keeps its slots: `python tests/benchmarks/executors.py local|ray|slurm SLOTS JOBS SECONDS`.

The jobs sleep, so that one machine stands for as many cores as are asked for. Says what part of the slots' time the
jobs had, from the start and once all workers are warm, which other load on the machine spoils; and what a job cost
beside its sleep once they are: of its slot's time, which that load spoils too, and of CPU, which it does not: of the
driver (the engine and, with Ray, the process that speaks to it), and of all processes that the run has started, the
driver's and the cluster's own among them. Slurm is one on this machine, as for the tests; that takes root.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from lawbook.verification.executors import ExecutorName, open_executor
from lawbook.verification.jobs import Executor, Finished, Job, Measured

CHECKER = '''"""Sleeps."""

import time

from lawbook import Measurement, Trials


def measure(trials: Trials, *, seconds: float) -> Measurement:
    """One second after the other."""
    time.sleep(seconds)
    return Measurement([0.0] * len(trials))
'''
MIB = 2**20
# Of each worker's job; a slot's place on the cluster.
MEMORY = 256
# In the command of a task on Slurm.
TASK = "submitit.core._submit"


def main(name: ExecutorName, slots: int = 2, jobs: int = 60, seconds: float = 1.0) -> None:
    """Run, measure, say."""
    with tempfile.TemporaryDirectory(prefix="lawbook-bench-") as folder:
        root = Path(folder)
        (root / "checkers").mkdir()
        (root / "checkers/__init__.py").touch()
        (root / "checkers/sleeping.py").write_text(CHECKER)
        job = Job(str(root), "checkers.sleeping:measure", {"seconds": seconds}, (0,), "cpu", 1, 600.0, MEMORY)
        with CLUSTERS[name](slots) as address:
            begun = time.monotonic()
            executor = open_executor(name, slots, threads=1, preload=["numpy"], address=address, root=root)
            _run(executor, job, slots)
            driver, everyone, warm = _driver_seconds(), _everyones_seconds(), time.monotonic()
            _run(executor, job, jobs)
            ended = time.monotonic()
            driver, everyone = (_driver_seconds() - driver) / jobs, (_everyones_seconds() - everyone) / jobs
            executor.close()
    wanted = seconds / slots
    print(f"{name}, {slots} slots, {jobs} jobs of {seconds:g} s:", end=" ")
    print(f"{jobs * wanted / (ended - warm):.1%} of the slots' time once warm,", end=" ")
    print(f"{(jobs + slots) * wanted / (ended - begun):.1%} with the start of {warm - begun - seconds:.1f} s;", end=" ")
    print(f"a job: {1000 * ((ended - warm) * slots / jobs - seconds):.0f} ms of its slot beside its sleep;", end=" ")
    print(f"CPU: driver {1000 * driver:.1f} ms, all together {1000 * everyone:.1f} ms")


def _run(executor: Executor, job: Job, jobs: int) -> None:
    """So many jobs, as many at a time as there are slots."""
    begun = ended = 0
    while ended < jobs:
        while begun < jobs and begun - ended < executor.slots:
            executor.submit(begun, job)
            begun += 1
        for event in executor.wait(1.0):
            if isinstance(event, Finished):
                assert isinstance(event.result, Measured), event.result
                ended += 1


def _driver_seconds() -> float:
    """Seconds of CPU of this process and of the one that speaks to Ray, so far."""
    ours = psutil.Process()
    speakers = [child for child in ours.children() if any("ray_cluster" in word for word in child.cmdline())]
    used = [process.cpu_times() for process in (ours, *speakers)]
    return float(sum(times.user + times.system for times in used))


def _everyones_seconds() -> float:
    """Seconds of CPU of this process and of all that it has started, and that these have outlived, so far."""
    ours = psutil.Process()
    # Slurm's tasks are nobody's children.
    tasks = [process for process in psutil.process_iter(["cmdline"]) if TASK in (process.info["cmdline"] or ())]
    used = [process.cpu_times() for each in (ours, *tasks) for process in (each, *each.children(recursive=True))]
    return float(sum(sum(times[:4]) for times in used))


@contextlib.contextmanager
def _ray(slots: int) -> Iterator[str]:
    """The address of a cluster of one node that is said to have so many cores."""
    from ray.cluster_utils import Cluster

    node = {"num_cpus": slots, "memory": 2 * slots * MEMORY * MIB, "object_store_memory": 100 * MIB}
    made = Cluster(initialize_head=True, head_node_args=node)
    try:
        yield made.address
    finally:
        made.shutdown()


@contextlib.contextmanager
def _slurm(slots: int) -> Iterator[str]:
    """A Slurm of one node that is said to have so many cores; found by this process's environment."""
    sys.path.append(str(Path(__file__).parents[1] / "verification/slurm"))
    from slurm_here import SlurmHere, lacking

    if said := lacking():
        raise SystemExit(said)
    with tempfile.TemporaryDirectory(prefix="slurm-") as place:
        made = SlurmHere(Path(place), cores=slots)
        before = os.environ.copy()
        try:
            made.start()
            os.environ |= made.environment
            yield ""
        finally:
            os.environ.clear()
            os.environ |= before
            made.stop_all()


CLUSTERS: dict[ExecutorName, Callable[[int], contextlib.AbstractContextManager[str]]] = {
    "local": lambda slots: contextlib.nullcontext(""),
    "ray": _ray,
    "slurm": _slurm,
}

if __name__ == "__main__":
    (executor_name,) = [known for known in CLUSTERS if known in sys.argv[1:2]] or ["local"]
    numbers = [float(word) for word in sys.argv[2:]]
    main(executor_name, *map(int, numbers[:2]), *numbers[2:3])
