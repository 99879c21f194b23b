"""Ray holds what the local executor holds, on a real cluster of two nodes. Skipped where Ray is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ray = pytest.importorskip("ray", reason="Ray is not installed")

from ray.cluster_utils import Cluster  # noqa: E402

from lawbook.verification.jobs import Finished, Job, Lost, Measured, Missing, Progress  # noqa: E402
from lawbook.verification.ray_executor import NoClusterError, RayExecutor  # noqa: E402
from tests.verification.jobs_on_a_node import CHECKER, limits_held, run  # noqa: E402

# Ray warns of its own affairs.
pytestmark = pytest.mark.filterwarnings("default")
MIB = 2**20
NODE = {"num_cpus": 2, "memory": 9000 * MIB, "object_store_memory": 100 * MIB}
WITH_A_TOKEN = f"""
import sys
from ray.cluster_utils import Cluster

made = Cluster(initialize_head=True, head_node_args={NODE})
print("at", made.address, flush=True)
sys.stdin.read()
made.shutdown()
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes of two cores each on this machine; the last test of all kills its head."""
    before = os.environ.copy()
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "LEAKED_TOKEN": "secret"}
    made = Cluster(initialize_head=True, head_node_args=NODE)
    made.add_node(**NODE)
    try:
        yield made
    finally:
        made.shutdown()
        os.environ.clear()
        os.environ |= before


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[..., Job]:
    """A job of the checker above: `make_job(seed, seconds=…)`."""
    (tmp_path / "checkers").mkdir()
    (tmp_path / "checkers/__init__.py").write_text("")
    (tmp_path / "checkers/on_a_node.py").write_text(CHECKER)

    def make(seed: int = 0, timeout: float = 60.0, memory: int = 512, **params: Any) -> Job:
        checker = "checkers.on_a_node:measure"
        return Job(str(tmp_path), checker, params, (seed,), "cpu", 1, timeout, memory)

    return make


def test_limits_output_and_environment_hold_on_a_node_as_here(
    cluster: Any, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    executor = RayExecutor(None, threads=1, address=cluster.address)
    try:
        assert executor.slots == 4
        child = tmp_path / "child"
        jobs = [
            make_job(how="print"),
            make_job(how="hog", memory=256),
            make_job(how="detach", place=str(child)),
            make_job(seconds=600, timeout=2.0),
        ]
        results, _ = run(executor, jobs)
        limits_held([results[number] for number in range(4)], child)
    finally:
        executor.close()


def test_time_counts_from_the_start_of_a_job_and_its_progress_comes_back(
    cluster: Any, make_job: Callable[..., Job]
) -> None:
    executor = RayExecutor(8, threads=1, address=cluster.address)
    try:
        # Eight jobs on four cores: half of them wait longer than they may take.
        results, told = run(executor, [make_job(seed, seconds=2.0, timeout=4.0) for seed in range(8)])
        assert [results[seed].values for seed in range(8)] == [(seed / 3,) for seed in range(8)]
        assert {event.ticket for event in told} == set(range(8))
        assert all((event.label, event.total) == ("working", 10) for event in told)
    finally:
        executor.close()


def test_what_no_node_could_have_is_told_at_once(cluster: Any, make_job: Callable[..., Job]) -> None:
    executor = RayExecutor(2, threads=1, address=cluster.address)
    try:
        results, _ = run(executor, [make_job(memory=100_000), make_job(1)])
        assert isinstance(results[0], Missing)
        assert "no node of the cluster has 1 core and 100000 MiB of memory" in results[0].reason
        assert isinstance(results[1], Measured)
    finally:
        executor.close()


def test_jobs_of_a_node_that_is_killed_are_lost_and_the_others_end(cluster: Any, make_job: Callable[..., Job]) -> None:
    third = cluster.add_node(**NODE)
    executor = RayExecutor(None, threads=1, address=cluster.address)
    try:
        assert executor.slots == 6
        for seed in range(6):
            executor.submit(seed, make_job(seed, seconds=6.0))
        results: dict[Any, Any] = {}
        begun: set[Any] = set()
        killed = False
        end = time.monotonic() + 90
        while len(results) < 6:
            assert time.monotonic() < end
            for event in executor.wait(1.0):
                begun.add(event.ticket)
                if isinstance(event, Finished):
                    assert event.ticket not in results
                    results[event.ticket] = event.result
            if len(begun) == 6 and not killed:
                killed = True
                cluster.remove_node(third, allow_graceful=False)
        kinds = sorted(type(result).__name__ for result in results.values())
        assert kinds == ["Lost"] * 2 + ["Measured"] * 4
        assert all("127." not in result.reason for result in results.values() if isinstance(result, Lost))
        # What was lost runs on the nodes that are left.
        again, _ = run(executor, [make_job(7), make_job(8)])
        assert all(isinstance(result, Measured) for result in again.values())
    finally:
        executor.close()


def test_a_run_survives_a_lost_node_with_every_record_once(cluster: Any, laboratory: Any) -> None:
    names = [f"claim-{number}" for number in range(6)]
    for name in names:
        laboratory.plant(name)
    laboratory.verify(exit_code=0)
    here = {name: laboratory.record(f"{name}/centre").values for name in names}
    third = cluster.add_node(**NODE)
    run = laboratory.start("--force", "--executor", "ray", "--address", cluster.address, "--jobs", "6")
    time.sleep(6)
    cluster.remove_node(third, allow_graceful=False)
    said, _ = run.communicate(timeout=120)
    assert run.returncode == 0, said
    assert {name: laboratory.record(f"{name}/centre").values for name in names} == here
    lines = [line for path in (laboratory.root / ".lawbook").rglob("*.jsonl") for line in path.read_text().splitlines()]
    assert len([line for line in lines if '"claim-' in line]) == 2 * len(names)


def test_a_cluster_that_is_not_there_is_refused() -> None:
    with pytest.raises(NoClusterError, match=r"no Ray cluster at 127\.0\.0\.1:1"):
        RayExecutor(1, threads=1, address="127.0.0.1:1", patience=8.0)


def test_a_cluster_that_asks_for_its_token_says_so_and_is_reached_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = tmp_path / "token"
    token.write_text("0123456789abcdef" * 4)
    of_the_token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token)}
    pipe = subprocess.PIPE
    environment = {**os.environ, **of_the_token, "RAY_USAGE_STATS_ENABLED": "0"}
    with subprocess.Popen(
        [sys.executable, "-c", WITH_A_TOKEN], env=environment, stdin=pipe, stdout=pipe, text=True
    ) as head:
        assert head.stdout is not None
        address = next(line.split()[1] for line in head.stdout if line.startswith("at "))
        monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
        with pytest.raises(NoClusterError, match="set RAY_AUTH_MODE=token"):
            RayExecutor(1, threads=1, address=address)
        for name, value in of_the_token.items():
            monkeypatch.setenv(name, value)
        executor = RayExecutor(None, threads=1, address=address)
        assert executor.slots == 2
        executor.close()
        head.communicate()


def test_a_lost_head_is_the_machines_failure(cluster: Any, make_job: Callable[..., Job]) -> None:
    executor = RayExecutor(2, threads=1, address=cluster.address, silence=20.0)
    try:
        executor.submit("job", make_job(seconds=600, timeout=900))
        begun = False
        while not begun:
            begun = any(isinstance(event, Progress) for event in executor.wait(1.0))
        cluster.head_node.kill_gcs_server()
        cluster.head_node.kill_raylet()
        end = time.monotonic() + 120
        events: list[Any] = []
        while not (events := [event for event in executor.wait(1.0) if isinstance(event, Finished)]):
            assert time.monotonic() < end
        assert isinstance(events[0].result, Lost)
    finally:
        executor.close()
