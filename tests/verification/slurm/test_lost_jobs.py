"""What becomes of jobs whose tasks, node or controller give way, on a Slurm that only pretends."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lawbook.verification.jobs import Lost, Result
from lawbook.verification.slurm.executor import SlurmExecutor
from lawbook.verification.slurm.signs import Beat
from tests.verification.slurm.pretended import PATIENCE, Clock, Pretended, all_of, ended, job, measured

Make = Callable[..., SlurmExecutor]


ENDS = pytest.mark.parametrize(
    ("word", "said"),
    [
        ("CANCELLED", "it was cancelled, without a result"),
        ("NODE_FAIL", "its node failed, without a result"),
        ("FAILED", "the task that watches it ended by SIGKILL, without a result"),
        ("OUT_OF_MEMORY", "its node killed it for memory, without a result"),
        ("", "Slurm knows it no more, without a result"),
    ],
)


@ENDS
def test_what_slurm_did_to_a_task_is_told_of_its_job_alone(make: Make, word: str, said: str) -> None:
    slurm = Pretended()
    executor = make(slurm, slots=2)
    for seed in range(4):
        executor.submit(seed, job(seed))
    executor.wait(0)
    slurm.task(0).take()
    slurm.task(1).take()
    slurm.say(word)
    assert all_of(executor, 100) == {0: Lost(f"{said} (job 41_0)", by_machine=word != "OUT_OF_MEMORY")}
    # What it would have done next another one does, asked for in its place.
    assert [array.size for array in slurm.arrays] == [2, 1]
    assert [slurm.task(array=1).take(), slurm.task(array=1).take()] == [2, 3]


@ENDS
def test_a_task_that_ends_before_its_first_word_takes_a_job_with_it_where_no_other_is_there(
    make: Make, word: str, said: str
) -> None:
    slurm = Pretended()
    executor = make(slurm, slots=1)
    for seed in range(3):
        executor.submit(seed, job(seed))
    executor.wait(0)
    slurm.say(word)
    # It was not even begun, whatever ended its task.
    assert all_of(executor, 100) == {0: Lost(f"{said} (job 41)", by_machine=True)}
    assert slurm.task(array=1).take() == 1


def test_a_task_that_ends_while_it_waits_for_a_job_takes_none_with_it(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm, slots=1)
    executor.submit(0, job(0))
    executor.wait(0)
    slurm.task().do_all()
    executor.wait(5)
    for seed in (1, 2):
        executor.submit(seed, job(seed))
    slurm.say("NODE_FAIL")
    assert all_of(executor, 100) == {}
    slurm.task(array=1).do_all()
    assert sorted(all_of(executor, 5), key=str) == [1, 2]


def test_a_node_on_which_every_task_falls_takes_none_without_end(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    for seed in range(16):
        executor.submit(seed, job(seed, timeout=600.0))
    executor.wait(0)
    slurm.task(0).take()
    for second in range(0, 600, 5):
        slurm.task(0).beat(Beat(float(second), 0, float(second)))
        for number, array in enumerate(slurm.arrays):
            for place in range(array.size):
                if (number, place) != (0, 0):
                    slurm.say("FAILED", place, number)
        assert executor.wait(5) == []
    assert sum(array.size for array in slurm.arrays) == 8
    slurm.task(0).give(0, measured(0))
    slurm.task(0).do_all()
    assert len(all_of(executor, 10)) == 16


def test_where_a_task_begins_again_all_are_tried_again(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    for seed in range(10):
        executor.submit(seed, job(seed))
    executor.wait(0)
    for place in range(8):
        slurm.say("FAILED", place)
    # Eight jobs are lost with them; for the other two there is one task, until that has begun.
    assert len(all_of(executor, 60)) == 8
    assert [array.size for array in slurm.arrays] == [8, 1]
    slurm.task(array=1).take()
    all_of(executor, 10)
    assert [array.size for array in slurm.arrays] == [8, 1, 1]


def test_a_task_that_somebody_holds_is_cancelled_and_told(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    slurm.say("PENDING", reason="JobHeldUser")
    assert all_of(executor, 80) == {"a": Lost("Slurm does not run it: JobHeldUser (job 41)", by_machine=True)}
    assert slurm.cancelled == ["41"]


def test_a_job_that_no_task_takes_waits_long_but_not_for_ever(make: Make, clock: Clock) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    slurm.say("PENDING", reason="Priority")
    clock.now += 86000
    assert all_of(executor, 100) == {}
    clock.now += 400
    assert all_of(executor, 20) == {"a": Lost("Slurm had no place for it in 24 hours: Priority", by_machine=True)}


def test_the_end_of_what_its_watcher_printed_is_told_with_it(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    slurm.task().take()
    log = Path(slurm.arrays[0].folder) / "submitit/41_0_log.err"
    log.parent.mkdir()
    log.write_text("OSError: [Errno 122] Disk quota exceeded\n")
    slurm.say("FAILED", reason="NonZeroExitCode")
    found = all_of(executor, 30)
    assert isinstance(found["a"], Lost)
    assert found["a"].reason.endswith("(job 41): OSError: [Errno 122] Disk quota exceeded")
    assert "Disk quota exceeded" in found["a"].output


def test_a_silent_task_is_cancelled_alone_and_its_late_result_is_nobodys(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.submit("b", job(1, timeout=600.0))
    executor.wait(0)
    for place in (0, 1):
        slurm.task(place).take()
    found: dict[object, Result] = {}
    for second in range(0, 220, 5):
        slurm.task(1).beat(Beat(float(second), 1, float(second)))
        found |= ended(executor.wait(5))
    assert found == {"a": Lost("its task was silent for 180 seconds (job 41_0)", by_machine=True)}
    assert slurm.cancelled == ["41_0"]
    slurm.task(0).give(0, measured(0))
    assert executor.wait(30) == []


def test_a_job_past_its_time_is_cancelled_with_its_task(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0, timeout=60.0))
    executor.wait(0)
    slurm.task().take()
    found: dict[object, Result] = {}
    for second in range(0, 500, 5):
        # Its task is older than it is, and that counts for nothing.
        slurm.task().beat(Beat(5000.0 + second, 0, float(second)))
        assert not found or second > 60 + PATIENCE.beyond
        found |= ended(executor.wait(5))
    assert found == {
        "a": Lost("it ran on past its deadline of 60 seconds, and its watcher with it (job 41)", by_machine=True)
    }
    assert slurm.cancelled == ["41"]


def test_a_result_that_cannot_be_read_is_the_machines(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    slurm.task().take()
    (Path(slurm.arrays[0].jobs) / "0.result").write_bytes(b"{")
    (result,) = ended(executor.wait(5)).values()
    assert isinstance(result, Lost)
    assert result.by_machine
    assert result.reason.startswith("its result cannot be read")


@pytest.mark.parametrize("whole_folder", [False, True])
def test_a_job_whose_file_somebody_removed_is_the_machines(make: Make, tmp_path: Path, whole_folder: bool) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    if whole_folder:
        shutil.rmtree(tmp_path / ".lawbook")
        slurm.say("COMPLETED")
    else:
        (Path(slurm.arrays[0].jobs) / slurm.task().waiting()[0].file).unlink()
    (result,) = all_of(executor, 200).values()
    assert isinstance(result, Lost)
    assert result.by_machine


def test_a_job_that_cannot_be_left_for_a_task_is_the_machines(make: Make, tmp_path: Path) -> None:
    executor = make(Pretended())
    executor.submit("a", job(0))
    shutil.rmtree(tmp_path / ".lawbook")
    executor.submit("b", job(1))
    executor.submit("c", job(2, memory=2048))
    lost = Lost("it cannot be left for a task: No such file or directory", by_machine=True)
    assert ended(executor.wait(0)) == {"b": lost, "c": lost}


def test_a_lost_controller_ends_the_run_only_once_no_task_lives(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm, slots=2)
    for seed, name in enumerate("abc"):
        executor.submit(name, job(seed, timeout=3000.0))
    executor.wait(0)
    for place in (0, 1):
        slurm.task(place).take()
    slurm.is_down = True
    found: dict[object, Result] = {}
    for second in range(0, 900, 5):
        slurm.task(1).beat(Beat(float(second), 1, float(second)))
        found |= ended(executor.wait(5))
    assert list(found) == ["a"]
    assert isinstance(found["a"], Lost)
    assert "Slurm did not answer for 600 seconds: slurm_load_jobs error" in found["a"].reason
    assert executor.slots == 2
    slurm.task(1).give(1, measured(1))
    slurm.task(1).do_all()
    assert ended(executor.wait(5)) == {"b": measured(1), "c": measured(2)}
    executor.wait(20)
    assert executor.slots == 0
