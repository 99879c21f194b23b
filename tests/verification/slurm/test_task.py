"""What a task does on its node, without a cluster around it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lawbook.verification.cluster_worker import ClusterWorker
from lawbook.verification.jobs import Finished, Job, Lost, Measured
from lawbook.verification.local_executor import LocalExecutor
from lawbook.verification.slurm import task
from lawbook.verification.slurm.jobs_folder import JobsFolder
from lawbook.verification.slurm.signs import Beat
from lawbook.verification.slurm.task import Task

# What it imports takes its time.
RUN = """
import sys, time
time.sleep(float(sys.argv[5]))
from lawbook.verification.slurm.task import work
work(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), 1, ())
"""
MakeJob = Callable[..., Job]
Begin = Callable[..., subprocess.Popen[bytes]]
MINUTES = 60


@pytest.fixture
def folder(tmp_path: Path) -> JobsFolder:
    """Of a run's jobs, with an array beside it and an engine above it that has just given a sign of life."""
    for name in ("jobs-1", "run-1"):
        (tmp_path / "run" / name).mkdir(parents=True)
    (tmp_path / "run/engine").write_text("1")
    return JobsFolder(tmp_path / "run/jobs-1")


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """A task of the array, in a process of its own; whatever becomes of the test, it ends with it."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(place: int = 0, importing: float = 0.0) -> subprocess.Popen[bytes]:
        told = [str(tmp_path / "run/jobs-1"), str(tmp_path / "run/run-1"), str(place), str(MINUTES), str(importing)]
        begun.append(subprocess.Popen([sys.executable, "-c", RUN, *told], stderr=subprocess.PIPE))
        return begun[-1]

    yield start
    for process in begun:
        process.terminate()
        process.communicate(timeout=60)


def beat_of(folder: JobsFolder, place: int = 0) -> Path:
    return folder.path.parent / f"run-1/{place}.beat"


def wait_for(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def measured_by(folder: JobsFolder, number: int) -> tuple[float, ...]:
    result = folder.result(number)
    assert isinstance(result, Measured), result
    return result.values


def test_a_task_leaves_the_values_of_the_local_executor_bit_for_bit(
    folder: JobsFolder, begin: Begin, make_job: MakeJob
) -> None:
    folder.put(7, make_job(7))
    begin()
    wait_for(lambda: folder.look().results)
    executor = LocalExecutor(1, threads=1)
    try:
        executor.submit("here", make_job(7))
        events: list[object] = []
        while not (events := [event for event in executor.wait(1.0) if isinstance(event, Finished)]):
            pass
        here = events[0]
    finally:
        executor.close()
    assert isinstance(here, Finished)
    assert isinstance(here.result, Measured)
    assert measured_by(folder, 7) == here.result.values == (7 / 3,)


def test_a_task_does_one_job_after_the_other_without_starting_anew(
    folder: JobsFolder, begin: Begin, make_job: MakeJob, tmp_path: Path
) -> None:
    child = tmp_path / "child"
    folder.put(0, make_job(0, how="detach", place=str(child)))
    process = begin()
    wait_for(lambda: folder.look().results)
    # It is there, and what a job has left behind is not.
    assert not Path(f"/proc/{child.read_text()}").exists()
    for number in range(1, 12):
        folder.put(number, make_job(number))
    wait_for(lambda: len(folder.look().results) == 12)
    assert [measured_by(folder, number) for number in range(12)] == [(number / 3,) for number in range(12)]
    assert process.poll() is None


def test_two_tasks_share_the_jobs(folder: JobsFolder, begin: Begin, make_job: MakeJob) -> None:
    for place in (0, 1):
        begin(place)
    wait_for(lambda: all(beat_of(folder, place).exists() for place in (0, 1)))
    for number in range(12):
        folder.put(number, make_job(number, seconds=0.2))
    wait_for(lambda: len(folder.look().results) == 12)
    assert set(folder.look().taken.values()) == {"run-1.0", "run-1.1"}
    assert [measured_by(folder, number) for number in range(12)] == [(number / 3,) for number in range(12)]


def test_a_killed_task_leaves_all_but_its_own_job_to_the_others(
    folder: JobsFolder, begin: Begin, make_job: MakeJob, tmp_path: Path
) -> None:
    folder.put(0, make_job(0, how="wait", place=str(tmp_path / "begun")))
    killed = begin(0)
    wait_for(lambda: folder.look().taken == {0: "run-1.0"} and (tmp_path / "begun").exists())
    for number in range(1, 5):
        folder.put(number, make_job(number))
    killed.kill()
    begin(1)
    wait_for(lambda: len(folder.look().results) == 4)
    assert folder.look().taken == {0: "run-1.0", **dict.fromkeys(range(1, 5), "run-1.1")}


def test_a_task_tells_how_far_it_is_and_ends_when_it_is_told_to(
    folder: JobsFolder, begin: Begin, make_job: MakeJob
) -> None:
    process = begin()
    wait_for(lambda: beat_of(folder).exists())
    assert Beat.read(beat_of(folder)).job is None
    folder.put(3, make_job(3, seconds=50.0, timeout=900.0))
    wait_for(lambda: Beat.read(beat_of(folder)).progress)
    beat = Beat.read(beat_of(folder))
    assert beat.job == 3
    assert beat.progress is not None
    assert beat.progress[::2] == ("working", 10)
    assert 0 < beat.working < beat.seconds < 120
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert not folder.look().results


def test_the_time_of_a_task_runs_while_it_imports_what_it_needs(folder: JobsFolder, begin: Begin) -> None:
    begin(importing=1.0)
    wait_for(lambda: beat_of(folder).exists())
    assert Beat.read(beat_of(folder)).seconds >= 1.0


def test_a_task_ends_where_its_engine_is_gone(folder: JobsFolder, begin: Begin, make_job: MakeJob) -> None:
    folder.put(0, make_job(seconds=600.0, timeout=900.0))
    busy, idle = begin(0), begin(1)
    wait_for(lambda: folder.look().taken and all(beat_of(folder, place).exists() for place in (0, 1)))
    shutil.rmtree(folder.path.parent)
    for process in (busy, idle):
        _, said = process.communicate(timeout=60)
        assert b"the engine that asked for this is gone" in said
        assert process.returncode == 0


class Pretending(ClusterWorker):
    """Has done every job when it is asked."""

    def __init__(self, result: Any = None, *, may_go_on: bool = True) -> None:
        self.did: list[int] = []
        self._result = result or Measured((0.0,), None, (), (), 0.0)
        self._may_go_on = may_go_on

    def begin(self, ticket: int, job: Job) -> tuple[list[Any], bool]:
        self.did.append(ticket)
        return [Finished(ticket, self._result)], self._may_go_on


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task waits for a job a moment only."""
    monkeypatch.setattr(task, "SECONDS_WITHOUT_JOB", 0.2)


def here(folder: JobsFolder, minutes: int = MINUTES) -> Task:
    return Task(folder.path, folder.path.parent / "run-1", 0, minutes, time.monotonic())


@pytest.mark.usefixtures("soon")
def test_a_task_near_its_time_limit_leaves_a_job_to_another(
    folder: JobsFolder, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Eight minutes each with what lies beside them, then one of eleven.
    for number in range(2):
        folder.put(number, make_job(number))
    folder.put(2, make_job(2, timeout=240.0))
    old = here(folder, minutes=11)
    began = time.monotonic()
    worker = Pretending()
    with monkeypatch.context() as for_a_while:
        for_a_while.setattr(time, "monotonic", lambda: began + 120.0 * len(worker.did))
        old.work(worker)
    assert worker.did == [0, 1]
    assert [waiting.number for waiting in folder.look().waiting] == [2]
    fresh = Pretending()
    here(folder, minutes=11).work(fresh)
    assert fresh.did == [2]


def test_a_task_whose_time_holds_no_job_that_waits_makes_room_at_once(folder: JobsFolder, make_job: MakeJob) -> None:
    folder.put(0, make_job(0, timeout=3600.0))
    assert here(folder, minutes=8).next_job() is None
    found = here(folder, minutes=67).next_job()
    assert found is not None
    assert found[0] == 0


def test_a_task_that_is_told_to_make_room_does_what_waits_and_leaves(
    folder: JobsFolder, make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put(0, make_job(0))
    folder.tell_to_leave(leave=True)
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it waits for what will not come"))
    worker = Pretending()
    here(folder).work(worker)
    assert worker.did == [0]


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    ("worker", "did"),
    [
        (Pretending(Lost("No space left on device", by_machine=True)), [0]),
        (Pretending(may_go_on=False), [0]),
        (Pretending(Lost("the worker was killed by SIGKILL")), [0, 1]),
        (Pretending(), [0, 1]),
    ],
)
def test_a_task_goes_on_unless_something_is_wrong_with_its_node(
    folder: JobsFolder, make_job: MakeJob, worker: Pretending, did: list[int]
) -> None:
    for number in range(2):
        folder.put(number, make_job(number))
    here(folder).work(worker)
    assert worker.did == did
    assert sorted(folder.look().results) == did


@pytest.mark.usefixtures("soon")
def test_a_task_waits_a_while_for_what_may_come(folder: JobsFolder, make_job: MakeJob) -> None:
    since = time.monotonic()
    assert here(folder).next_job() is None
    assert time.monotonic() - since >= 0.2
    assert os.listdir(folder.path) == []
