"""Slurm holds what the local executor holds, on a real cluster of one node. Skipped where Slurm is not installed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from lawbook.verification.jobs import Finished, Job, Lost, Measured, Missing
from lawbook.verification.slurm.executor import NoSlurmError, SlurmExecutor
from tests.verification.jobs_on_a_node import limits_held, once, run
from tests.verification.slurm.on_a_cluster import QUICK, number_of, watcher_of

pytestmark = pytest.mark.clusters


@pytest.fixture
def executor(slurm_here: Any, tmp_path: Path) -> Iterator[SlurmExecutor]:
    """Jobs on the partition at hand, waited for with little patience."""
    made = SlurmExecutor(None, root=tmp_path, threads=1, patience=QUICK)
    yield made
    made.close()
    assert not list((tmp_path / ".lawbook/slurm").iterdir())
    assert not slurm_here.ask("squeue", "--noheader", "--states=PENDING,RUNNING")


def test_limits_output_and_environment_hold_on_a_node_as_here(
    executor: SlurmExecutor, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    assert executor.slots == 8
    child = tmp_path / "child"
    jobs = [
        make_job(how="print"),
        make_job(how="hog", memory=256),
        make_job(how="detach", place=str(child)),
        make_job(seconds=600, timeout=2.0),
        make_job(memory=100_000),
    ]
    results, _ = run(executor, jobs)
    limits_held([results[number] for number in range(4)], child)
    large = results[4]
    assert isinstance(large, Missing)
    assert "no node of the partition 'short' has 1 core and 101024 MiB of memory" in large.reason


def test_a_few_tasks_bring_every_value_once_and_time_counts_from_the_start_of_a_job(
    executor: SlurmExecutor, slurm_here: Any, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    # Ten jobs on four cores: many wait longer than they may take.
    names: set[str] = set()
    results, told = run(
        executor,
        [make_job(seed, seconds=3.0, timeout=5.0) for seed in range(10)],
        lambda: names.update(tasks_of(slurm_here, tmp_path)),
    )
    assert [results[seed].values for seed in range(10)] == [(seed / 3,) for seed in range(10)]
    assert {event.ticket for event in told} == set(range(10))
    assert all((event.label, event.total) == ("working", 10) for event in told)
    (array,) = {name.partition("_")[0] for name in names}
    assert names == {f"{array}_{place}" for place in range(4)}


def tasks_of(slurm_here: Any, root: Path) -> set[str]:
    """The numbers of all tasks that the only run of a registry has asked for so far."""
    (folder,) = (root / ".lawbook/slurm").iterdir()
    listed = slurm_here.ask("squeue", "--noheader", "--array", "--states=all", "--format=%j %F_%K").splitlines()
    return {line.split()[1] for line in listed if line.startswith(folder.name.partition(".")[2])}


def test_short_jobs_follow_each_other_on_two_tasks_that_start_once(
    slurm_here: Any, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    executor = SlurmExecutor(2, root=tmp_path, threads=1, patience=QUICK)
    try:
        names: set[str] = set()
        results: dict[int, Any] = {}
        # What ends brings the next one, as in a run.
        for seed in range(2):
            executor.submit(seed, make_job(seed))
        end = time.monotonic() + 60
        while len(results) < 30:
            assert time.monotonic() < end
            for event in executor.wait(0.2):
                if isinstance(event, Finished):
                    results[int(str(event.ticket))] = event.result
                    if (seed := len(results) + 1) < 30:
                        executor.submit(seed, make_job(seed))
            if len(results) in (10, 29):
                names |= tasks_of(slurm_here, tmp_path)
        names |= tasks_of(slurm_here, tmp_path)
        assert [results[seed].values for seed in range(30)] == [(seed / 3,) for seed in range(30)]
        assert len(names) == 2
    finally:
        executor.close()
    # They were told to leave, and nobody had to cancel them.
    listed = slurm_here.ask("squeue", "--noheader", "--array", "--states=all", "--format=%F_%K %T").splitlines()
    assert {line.split()[1] for line in listed if line.split()[0] in names} == {"COMPLETED"}


def test_a_task_that_is_cancelled_or_killed_loses_its_own_job_and_no_other(
    slurm_here: Any, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    executor = SlurmExecutor(2, root=tmp_path, threads=1, patience=QUICK)
    places = [tmp_path / "cancel", tmp_path / "kill"]

    def cancel() -> bool:
        watcher = watcher_of(places[0])
        if watcher is not None:
            slurm_here.ask("scancel", number_of(watcher))
        return watcher is not None

    def kill() -> bool:
        watcher = watcher_of(places[1])
        if watcher is not None:
            watcher.kill()
        return watcher is not None

    acts = [once(cancel), once(kill)]
    try:
        held = [make_job(how="wait", place=str(place)) for place in places]
        results, _ = run(executor, [*held, *map(make_job, range(2, 8))], lambda: [act() for act in acts] and None)
    finally:
        executor.close()
    for lost, said in ((results[0], "it was cancelled"), (results[1], "the task that watches it ended by SIGKILL")):
        assert isinstance(lost, Lost)
        assert lost.by_machine
        assert said in lost.reason
    assert [results[seed].values for seed in range(2, 8)] == [(seed / 3,) for seed in range(2, 8)]


def test_each_job_has_a_gpu_of_its_own(slurm_here: Any, make_job: Callable[..., Job], tmp_path: Path) -> None:
    executor = SlurmExecutor(None, root=tmp_path, threads=1, options=["gres=gpu:toy"], patience=QUICK)
    try:
        assert executor.slots == 4
        results, _ = run(executor, [make_job(seed, seconds=3.0) for seed in range(2)])
        assert sorted(result.notes[0].rpartition("|")[2] for result in results.values()) == ["0", "1"]
    finally:
        executor.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["partition=long"], "there is no partition 'long'; partitions here: short, closed"),
        (["partition=closed"], "no node of the partition 'closed' takes jobs now"),
        (["gres=gpu:h100"], "has 1 GPU of the kind 'h100'; its GPUs: toy"),
        (["constraint=fast"], "Invalid feature"),
    ],
)
def test_what_the_cluster_has_not_is_told_before_anything_is_submitted(
    slurm_here: Any, tmp_path: Path, options: list[str], said: str
) -> None:
    with pytest.raises(NoSlurmError, match=said):
        SlurmExecutor(None, root=tmp_path, threads=1, options=options)


def test_a_killed_worker_is_lost_as_on_the_local_machine(
    executor: SlurmExecutor, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    begun = tmp_path / "begun"

    def kill() -> bool:
        if not begun.exists() or not begun.read_text().endswith("\n"):
            return False
        os.kill(int(begun.read_text()), signal.SIGKILL)
        return True

    results, _ = run(executor, [make_job(how="wait", place=str(begun)), make_job(1)], once(kill))
    assert isinstance(results[0], Lost)
    assert not results[0].by_machine
    assert "killed by SIGKILL" in results[0].reason
    assert isinstance(results[1], Measured)


def test_what_is_done_to_a_task_is_the_machines_fault_and_told(
    executor: SlurmExecutor, slurm_here: Any, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    def kill(begun: Path) -> bool:
        watcher = watcher_of(begun)
        if watcher is not None:
            watcher.kill()
        return watcher is not None

    def stop(begun: Path) -> bool:
        watcher = watcher_of(begun)
        if watcher is not None:
            watcher.suspend()
        return watcher is not None

    def cancel(begun: Path) -> bool:
        watcher = watcher_of(begun)
        if watcher is not None:
            slurm_here.ask("scancel", number_of(watcher))
        return watcher is not None

    acts = [once(lambda act=act, place=tmp_path / act.__name__: act(place)) for act in (kill, stop, cancel)]
    jobs = [make_job(how="wait", place=str(tmp_path / name)) for name in ("kill", "stop", "cancel")]
    results, _ = run(executor, [*jobs, make_job(3)], lambda: [act() for act in acts] and None)
    killed, stopped, cancelled, well = (results[number] for number in range(4))
    assert isinstance(well, Measured)
    for lost in (killed, stopped, cancelled):
        assert isinstance(lost, Lost)
        assert lost.by_machine
    assert "the task that watches it ended by SIGKILL" in killed.reason
    assert "silent for 6 seconds" in stopped.reason
    assert "it was cancelled" in cancelled.reason
    # Nothing of them lives on, and what was lost runs again.
    end = time.monotonic() + 30
    while any(map(psutil.pid_exists, workers(tmp_path))):
        assert time.monotonic() < end
        time.sleep(0.1)
    again, _ = run(executor, [make_job(7)])
    assert again[0].values == (7 / 3,)


def workers(place: Path) -> set[int]:
    return {int(pid) for name in ("kill", "stop", "cancel") for pid in (place / name).read_text().split()}


def test_a_lost_node_loses_its_jobs_and_has_them_again_when_it_is_back(
    executor: SlurmExecutor, slurm_here: Any, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    begun = tmp_path / "begun"

    def lose() -> bool:
        if watcher_of(begun) is None:
            return False
        slurm_here.ask("scontrol", "update", "node=node", "state=down", "reason=test")
        return True

    results, _ = run(executor, [make_job(how="wait", place=str(begun))], once(lose))
    slurm_here.ask("scontrol", "update", "node=node", "state=resume")
    assert isinstance(results[0], Lost)
    assert results[0].by_machine
    assert "its node failed" in results[0].reason
    again, _ = run(executor, [make_job(7)])
    assert again[0].values == (7 / 3,)


def test_a_controller_that_is_away_for_a_while_does_no_harm(
    executor: SlurmExecutor, slurm_here: Any, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    begun, away = tmp_path / "begun", time.monotonic() + 1e9

    def stop() -> bool:
        nonlocal away
        if watcher_of(begun) is None:
            return False
        slurm_here.stop("slurmctld")
        away = time.monotonic()
        return True

    def start() -> bool:
        if time.monotonic() < away + 3:
            return False
        slurm_here.start_controller()
        Path(f"{begun}.go").touch()
        return True

    acts = [once(stop), once(start)]
    results, _ = run(executor, [make_job(5, how="wait", place=str(begun))], lambda: [act() for act in acts] and None)
    assert results[0].values == (5 / 3,)
    again, _ = run(executor, [make_job(7)])
    assert again[0].values == (7 / 3,)


def test_a_job_that_slurm_has_forgotten_is_told(
    executor: SlurmExecutor, slurm_here: Any, make_job: Callable[..., Job], tmp_path: Path
) -> None:
    """The controller loses its memory: neither squeue nor scontrol knows the job, and there is no accounting."""
    begun = tmp_path / "begun"

    def forget() -> bool:
        watcher = watcher_of(begun)
        if watcher is None:
            return False
        slurm_here.stop("slurmctld")
        watcher.kill()
        for path in (slurm_here.place / "state").glob("job_state*"):
            path.unlink()
        slurm_here.start_controller()
        return True

    results, _ = run(executor, [make_job(how="wait", place=str(begun))], once(forget))
    assert isinstance(results[0], Lost)
    assert results[0].by_machine
    assert "Slurm knows it no more" in results[0].reason
