"""Whole runs on a real Slurm of one node, and what becomes of them. Skipped where Slurm is not installed."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lawbook.verification.slurm.executor import SlurmExecutor
from tests.verification.slurm.on_a_cluster import QUICK, number_of, watcher_of

pytestmark = pytest.mark.clusters
# A control that waits for nobody.
ELSEWHERE = [{"name": "shifted", "why": "elsewhere", "params": {"centre": 1.0, "how": "well", "place": ""}}]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--slurm", "partition=long"), "there is no partition 'long'; partitions here: short, closed"),
        (("--device", "cuda", "--slurm", "gres=gpu:h100"), "has 1 GPU of the kind 'h100'; its GPUs: toy"),
        (("--slurm", "partitoin=short"), "no option 'partitoin'; did you mean 'partition'?"),
    ],
)
def test_a_run_that_cannot_begin_says_why(
    slurm_here: Any, laboratory: Any, options: tuple[str, ...], said: str
) -> None:
    laboratory.plant("well")
    refused = laboratory.run("verify", "--executor", "slurm", *options)
    assert refused.exit_code == 2
    assert said in " ".join(refused.output.split())


@pytest.fixture
def start(slurm_here: Any, laboratory: Any) -> Iterator[Callable[..., Any]]:
    """Starts `lawbook verify` on the cluster; whatever becomes of the test, it ends with it."""
    begun: list[Any] = []

    def begin(*arguments: str) -> Any:
        begun.append(laboratory.start("--executor", "slurm", *arguments))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()
        process.stdout.close()
    slurm_here.cancel_all()


def test_a_run_tries_a_killed_job_once_more_and_after_a_second_blow_keeps_the_old_record(
    slurm_here: Any, laboratory: Any, start: Any, check: Callable[..., dict[str, Any]], settings: Any, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    laboratory.plant("well")
    laboratory.verify(exit_code=0)
    here = laboratory.record("well/centre").values
    laboratory.plant("held", check(quick=settings({"how": "wait", "place": str(begun)}), controls=ELSEWHERE))
    started = start("--force", "--slurm", "partition=short")
    for attempt in (1, 2):
        end = time.monotonic() + 60
        while not begun.exists() or len(begun.read_text().splitlines()) < attempt:
            assert time.monotonic() < end
            time.sleep(0.1)
        watcher = watcher_of(begun)
        assert watcher is not None
        if attempt == 1:
            watcher.kill()
        else:
            slurm_here.ask("scancel", number_of(watcher))
    said, _ = started.communicate(timeout=120)
    assert started.returncode == 4, said
    assert "not measured" in said
    assert "it was cancelled" in said
    assert not laboratory.path("held/centre").exists()
    assert laboratory.record("well/centre").values == here
    lines = [line for path in (laboratory.root / ".lawbook").rglob("*.jsonl") for line in path.read_text().splitlines()]
    assert len([line for line in lines if '"well' in line]) == 2
    assert not [line for line in lines if '"held' in line]


def test_an_interrupted_run_keeps_what_is_finished_and_cancels_the_rest(
    slurm_here: Any, laboratory: Any, start: Any, check: Callable[..., dict[str, Any]], settings: Any, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    laboratory.plant("well")
    laboratory.plant("held", check(quick=settings({"how": "wait", "place": str(begun)}), controls=ELSEWHERE))
    started = start()
    end = time.monotonic() + 60
    while not (begun.exists() and laboratory.path("well/centre").exists()):
        assert time.monotonic() < end
        time.sleep(0.1)
    started.send_signal(signal.SIGINT)
    said, _ = started.communicate(timeout=60)
    assert started.returncode == 130, said
    assert laboratory.record("well/centre").outcome == "pass"
    assert not laboratory.path("held/centre").exists()
    assert not slurm_here.ask("squeue", "--noheader", "--states=PENDING,RUNNING")
    assert not list((laboratory.root / ".lawbook/slurm").iterdir())


def test_a_run_that_is_killed_leaves_nothing_after_the_next_one(
    slurm_here: Any, laboratory: Any, start: Any, check: Callable[..., dict[str, Any]], settings: Any, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    laboratory.plant("held", check(quick=settings({"how": "wait", "place": str(begun)})))
    started = start()
    end = time.monotonic() + 60
    while not begun.exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    started.kill()
    started.communicate()
    assert "lawbook-" in slurm_here.ask("squeue", "--noheader", "--format=%j")
    executor = SlurmExecutor(1, root=laboratory.root, threads=1, patience=QUICK)
    executor.close()
    while slurm_here.ask("squeue", "--noheader", "--states=PENDING,RUNNING,COMPLETING"):
        assert time.monotonic() < end
        time.sleep(0.1)
    assert not list((laboratory.root / ".lawbook/slurm").iterdir())
