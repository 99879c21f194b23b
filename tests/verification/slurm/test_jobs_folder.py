"""Jobs pass through a folder, and none of them twice."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from lawbook.verification.jobs import Job, Lost, Measured
from lawbook.verification.slurm.jobs_folder import JobsFolder, Seen, Waiting, read_task_name, task_name


def job(seed: int, timeout: float = 60.0) -> Job:
    return Job("/registry", "checkers.a:b", {"widths": (1, 2), "rate": float("inf")}, (seed,), "cpu", 1, timeout, 1024)


@pytest.fixture
def folder(tmp_path: Path) -> JobsFolder:
    return JobsFolder(tmp_path)


def test_a_job_goes_to_its_task_and_its_result_comes_back(folder: JobsFolder) -> None:
    folder.put(7, job(7))
    assert folder.look() == Seen([Waiting(7, 8)], {}, [], is_to_leave=False)
    assert folder.take(Waiting(7, 8), task_name("run-1", 3)) == job(7)
    assert folder.look() == Seen([], {7: "run-1.3"}, [], is_to_leave=False)
    assert read_task_name("run-1.3") == ("run-1", 3)
    measured = Measured((1 / 3, float("nan")), None, (), (), 0.5)
    folder.give(7, measured)
    assert folder.look().results == [7]
    assert repr(folder.result(7)) == repr(measured)
    folder.forget(7, "run-1.3")
    assert not list(folder.path.iterdir())


def test_the_oldest_job_is_the_first(folder: JobsFolder) -> None:
    for number in (10, 9, 2):
        folder.put(number, job(number))
    assert [waiting.number for waiting in folder.look().waiting] == [2, 9, 10]


def test_what_is_taken_is_neither_taken_again_nor_withdrawn(folder: JobsFolder) -> None:
    folder.put(0, job(0))
    folder.put(1, job(1))
    assert folder.take(Waiting(0, 8), "run-1.0") is not None
    assert folder.take(Waiting(0, 8), "run-1.1") is None
    assert not folder.withdraw(0, job(0))
    assert folder.withdraw(1, job(1))
    assert folder.take(Waiting(1, 8), "run-1.0") is None


def test_a_disk_that_says_no_to_what_it_has_done_changes_nothing(
    folder: JobsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As NFS may where its answer was lost, and the question was asked again."""
    rename = Path.rename

    def renamed_but_told_otherwise(path: Path, target: Path) -> None:
        rename(path, target)
        raise FileNotFoundError(path)

    folder.put(0, job(0))
    monkeypatch.setattr(Path, "rename", renamed_but_told_otherwise)
    assert folder.take(Waiting(0, 8), "run-1.0") == job(0)
    assert folder.take(Waiting(0, 8), "run-1.1") is None


def take_all(path: Path, task: str, begin: Callable[[], object], seeds: Callable[[list[int]], None]) -> None:
    folder, taken = JobsFolder(path), []
    begin()
    while waiting := folder.look().waiting:
        for each in waiting:
            if (found := folder.take(each, task)) is not None:
                taken += found.seeds
    seeds(taken)


def test_of_many_tasks_no_two_take_one_job_and_none_is_left(folder: JobsFolder) -> None:
    for number in range(200):
        folder.put(number, job(number))
    fork = multiprocessing.get_context("fork")
    barrier, answers = fork.Barrier(8), fork.Queue()
    takers = [
        fork.Process(target=take_all, args=(folder.path, f"run-1.{place}", barrier.wait, answers.put))
        for place in range(8)
    ]
    for taker in takers:
        taker.start()
    taken = Counter(seed for _ in takers for seed in answers.get(timeout=60))
    for taker in takers:
        taker.join()
    assert taken == Counter(range(200))
    assert len(folder.look().taken) == 200


def test_what_is_no_result_is_the_machines_fault(folder: JobsFolder) -> None:
    (folder.path / "3.result").write_bytes(b"{")
    for number in (3, 4):
        result = folder.result(number)
        assert isinstance(result, Lost)
        assert result.by_machine


def test_a_result_that_is_a_pipe_or_a_link_is_lost_and_waited_for_by_nobody(folder: JobsFolder) -> None:
    os.mkfifo(folder.path / "3.result")
    (folder.path / "4.result").symlink_to("/dev/zero")
    assert all(isinstance(folder.result(number), Lost) for number in (3, 4))


@pytest.mark.parametrize("torn", [b"", b"\x80", b"\x80\x04\x95\xff", b"(lp0\n", b"cno_such_module\nx\n."], ids=repr)
def test_a_torn_job_is_lost_by_the_machine_and_its_task_lives(folder: JobsFolder, torn: bytes) -> None:
    (folder.path / "5.8.job").write_bytes(torn)
    assert folder.take(Waiting(5, 8), "run-1.0") is None
    result = folder.result(5)
    assert isinstance(result, Lost)
    assert result.by_machine
    assert "its file cannot be read" in result.reason
    assert folder.look().waiting == []


def test_a_folder_in_place_of_a_job_is_no_end_of_a_task(folder: JobsFolder) -> None:
    (folder.path / "5.8.job").mkdir()
    assert folder.take(Waiting(5, 8), "run-1.0") is None
    assert folder.look().waiting == []


def test_whoever_looks_changes_the_folder_so_that_a_network_disk_shows_it_anew(folder: JobsFolder) -> None:
    os.utime(folder.path, (0, 0))
    folder.look()
    assert folder.path.stat().st_mtime > 0


def test_what_else_lies_there_is_nobodys(folder: JobsFolder) -> None:
    for name in ("x.8.job", "1.job", "1.taken.run", "-1.result", ".nfs0001", "9999999999.8.job", "²"):
        (folder.path / name).touch()
    assert folder.look() == Seen([], {}, [], is_to_leave=False)


def test_tasks_are_told_to_leave_and_no_longer(folder: JobsFolder) -> None:
    folder.tell_to_leave(leave=True)
    assert folder.look().is_to_leave
    folder.tell_to_leave(leave=False)
    assert not folder.look().is_to_leave


def test_a_job_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        JobsFolder(tmp_path / "gone").put(0, job(0))
