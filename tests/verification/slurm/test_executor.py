"""The executor's own part, with a Slurm that only pretends and a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lawbook.verification.executors import UnavailableError, open_executor
from lawbook.verification.jobs import Lost, Missing, Progress
from lawbook.verification.slurm.executor import NoSlurmError, SlurmExecutor
from lawbook.verification.slurm.jobs_folder import JobsFolder
from lawbook.verification.slurm.signs import Beat
from tests.verification.slurm.pretended import Clock, Pretended, all_of, ended, job, measured

Make = Callable[..., SlurmExecutor]


def test_jobs_of_a_shape_have_as_many_tasks_as_there_is_room_for(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    assert executor.slots == 16
    for seed in range(12):
        executor.submit(seed, job(seed, memory=1024 if seed < 10 else 39000))
    executor.wait(0)
    assert [array.size for array in slurm.arrays] == [8, 1]
    assert [array.shape.memory for array in slurm.arrays] == [2048, 40024]
    assert len(slurm.task().waiting()) == 10


def test_there_are_never_more_tasks_of_a_shape_than_slots(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm, slots=2)
    for seed in range(3):
        executor.submit(seed, job(seed))
    all_of(executor, 30)
    assert [array.size for array in slurm.arrays] == [2]


def test_a_task_that_has_done_its_job_has_the_next_one_and_no_other_is_asked_for(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm, slots=1)
    for seed in range(5):
        executor.submit(seed, job(seed))
        executor.wait(0)
        slurm.task().do_all()
        assert ended(executor.wait(10)) == {seed: measured(seed)}
    assert len(slurm.arrays) == 1


def test_no_array_is_larger_than_the_cluster_allows(make: Make) -> None:
    slurm = Pretended(largest=3)
    executor = make(slurm)
    for seed in range(10):
        executor.submit(seed, job(seed))
    executor.wait(0)
    assert [array.size for array in slurm.arrays] == [3, 3, 2]


def test_tasks_for_what_comes_in_between_are_asked_for_together(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit(0, job(0))
    executor.wait(0)
    slurm.task().take()
    for seed in (1, 2, 3):
        executor.submit(seed, job(seed))
        executor.wait(1)
    executor.wait(2)
    executor.wait(0)
    assert [array.size for array in slurm.arrays] == [1, 3]


def test_a_task_asks_for_the_time_of_several_jobs_where_the_partition_allows_it(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("short", job(0))
    executor.submit("long", job(1, memory=2048, timeout=1800.0))
    executor.wait(0)
    assert [array.minutes for array in slurm.arrays] == [32, 60]


def test_where_slurm_refuses_so_much_time_it_is_asked_for_that_of_one_job(make: Make) -> None:
    slurm = Pretended(longest=30)
    executor = make(slurm)
    executor.submit("a", job(0))
    assert all_of(executor, 30) == {}
    assert [array.minutes for array in slurm.arrays] == [8]
    waits = Pretended()
    executor = make(waits)
    executor.submit("a", job(0))
    executor.wait(0)
    waits.say("PENDING", reason="QOSMaxWallDurationPerJobLimit")
    assert all_of(executor, 100) == {}
    assert waits.cancelled == ["41"]
    assert [array.minutes for array in waits.arrays] == [32, 8]


def test_a_limit_on_tasks_is_met_by_smaller_arrays_and_every_job_ends_once(make: Make) -> None:
    slurm = Pretended(most=3)
    executor = make(slurm)
    for seed in range(10):
        executor.submit(seed, job(seed))
    found: list[object] = []
    for _ in range(60):
        for number in range(len(slurm.arrays)):
            slurm.task(array=number).do_all()
        found += ended(executor.wait(5))
    assert sorted(found) == list(range(10))  # type: ignore[type-var]
    assert max(array.size for array in slurm.arrays) <= 3


def test_a_single_job_that_slurm_does_not_take_is_the_machines(make: Make) -> None:
    executor = make(Pretended(most=0))
    executor.submit("only", job(0))
    assert all_of(executor, 20) == {
        "only": Lost("Slurm did not take it: sbatch: error: AssocMaxSubmitJobLimit", by_machine=True)
    }


def test_progress_and_results_come_back_once_whatever_slurm_says_later(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.submit("b", job(1))
    executor.wait(0)
    assert slurm.task(0).take() == 0
    assert slurm.task(1).take() == 1
    slurm.task(0).beat(Beat(3.0, 0, 1.0, ("drawing", 3, 8)))
    assert executor.wait(2) == [Progress("a", "drawing", 3, 8)]
    assert executor.wait(2) == []
    slurm.task(0).give(0, measured(0))
    slurm.say("FAILED", reason="NonZeroExitCode")
    assert ended(executor.wait(2)) == {"a": measured(0)}
    assert executor.wait(30) == []
    slurm.task(1).give(1, Lost("the worker was killed by SIGKILL"))
    assert ended(executor.wait(2)) == {"b": Lost("the worker was killed by SIGKILL")}


def test_tasks_without_a_job_are_told_to_leave_while_those_of_another_shape_wait(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    slurm.task().do_all()
    leave = Path(slurm.arrays[0].jobs) / "leave"
    assert list(ended(executor.wait(5))) == ["a"]
    executor.wait(5)
    assert not leave.exists()
    executor.submit("b", job(1, memory=2048))
    executor.wait(10)
    executor.wait(1)
    assert leave.exists()
    assert not (Path(slurm.arrays[1].jobs) / "leave").exists()
    executor.submit("c", job(2))
    assert not leave.exists()


def test_tasks_without_a_job_are_told_to_leave_while_slurm_takes_no_others(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    slurm.task().do_all()
    executor.wait(5)
    slurm.most = 0
    executor.submit("b", job(1, memory=2048))
    executor.wait(5)
    assert (Path(slurm.arrays[0].jobs) / "leave").exists()


def test_what_no_node_could_have_ends_at_once_and_nothing_is_submitted(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0, memory=100_000))
    (result,) = ended(executor.wait(0)).values()
    assert isinstance(result, Missing)
    assert "no node of the partition 'short' has 1 core and 101024 MiB of memory" in result.reason
    assert not slurm.arrays


def test_a_job_on_a_gpu_sees_its_own_as_the_first(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm, gpu=True)
    assert executor.slots == 4
    executor.submit("a", job(0, device="cuda:5"))
    executor.wait(0)
    folder = JobsFolder(Path(slurm.arrays[0].jobs))
    placed = folder.take(folder.look().waiting[0], "41.0")
    assert placed is not None
    assert placed.device == "cuda:0"
    assert slurm.arrays[0].shape.gpus.number == 1


def test_closing_cancels_what_is_left_and_removes_the_folder(make: Make, tmp_path: Path, clock: Clock) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    folder = Path(slurm.arrays[0].folder)
    assert folder.is_relative_to(tmp_path / ".lawbook/slurm")
    executor.close()
    assert slurm.cancelled == [slurm.arrays[0].name]
    assert not list((tmp_path / ".lawbook/slurm").iterdir())
    assert executor.slots == 0


def test_tasks_that_have_done_all_are_told_to_leave_and_cancelled_only_where_they_do_not(
    make: Make, clock: Clock
) -> None:
    for leaves in (True, False):
        slurm = Pretended()
        executor = make(slurm)
        executor.submit("a", job(0))
        executor.wait(0)
        slurm.task().do_all()
        assert list(ended(executor.wait(5))) == ["a"]
        told: list[bool] = []

        def go(slurm: Pretended = slurm, told: list[bool] = told, leaves: bool = leaves) -> None:
            told.append((Path(slurm.arrays[0].jobs) / "leave").exists())
            if leaves:
                slurm.say("COMPLETED")

        clock.meanwhile = go
        executor.close()
        assert told[0]
        assert set(slurm.cancelled) == (set() if leaves else {slurm.arrays[0].name})


def test_the_folder_of_an_array_goes_when_its_last_task_has_gone(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    array = slurm.arrays[0]
    slurm.task().do_all()
    executor.wait(15)
    executor.wait(15)
    assert Path(array.folder).is_dir()
    slurm.say("COMPLETED")
    all_of(executor, 80)
    assert not Path(array.folder).exists()
    assert not list(Path(array.jobs).iterdir())


def test_a_cluster_that_refuses_is_told_with_its_reason(make: Make) -> None:
    class Refusing(Pretended):
        def refusal(self, options: object) -> str:
            return "sbatch: error: Invalid account or account/partition combination specified"

    with pytest.raises(NoSlurmError, match="Invalid account"):
        make(Refusing())
    with pytest.raises(NoSlurmError, match="there is no partition 'long'; partitions here: short"):
        make(Pretended(), options=["partition=long"])
    with pytest.raises(NoSlurmError, match="of the kind 'h100'; its GPUs: toy"):
        make(Pretended(), options=["gres=gpu:h100"])


def test_where_there_is_no_slurm_one_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lawbook.verification.executors.missing_packages", lambda needed: [])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="--executor slurm: there is no sinfo here"):
        open_executor("slurm", 1, threads=1, preload=[], root=tmp_path)


def test_where_submitit_is_missing_one_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "lawbook.verification.executors.missing_packages", lambda needed: ["submitit"] if "submitit" in needed else []
    )
    with pytest.raises(UnavailableError, match=r"needs submitit; install with: pip install -e '.*\[slurm\]'"):
        open_executor("slurm", 1, threads=1, preload=[], root=tmp_path)


def test_an_option_for_slurm_is_refused_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="--slurm is for --executor slurm"):
        open_executor("local", 1, threads=1, preload=[], root=tmp_path, slurm=["partition=short"])
