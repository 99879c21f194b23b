"""When a job on a cluster is lost, and when it is still waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lawbook.verification.jobs import Job
from lawbook.verification.slurm.commands import State
from lawbook.verification.slurm.signs import Beat
from lawbook.verification.slurm.verdict import SlurmPatience, Task, UnderWay, Verdict, verdict, verdict_on_task

PATIENCE = SlurmPatience(files=60, silence=180, place=3600, beyond=400)


def doing(word: str, *, since: float = 0.0) -> UnderWay:
    """A job that a task in such a state has taken."""
    running = waiting(since=since)
    running.take(Task("array", 0, since, state=word), since)
    return running


def waiting(*, since: float = 0.0) -> UnderWay:
    job = Job("/registry", "checkers.a:b", {}, (0,), "cpu", 1, 100.0, 1024)
    return UnderWay("ticket", job, 0, since)


def task_of(running: UnderWay) -> Task:
    assert running.task is not None
    return running.task


def judged(running: UnderWay, now: float, reason: str = "") -> Verdict | None:
    return verdict(running, reason, now, PATIENCE)


def judged_task(task: Task, now: float) -> Verdict | None:
    return verdict_on_task(task, now, PATIENCE)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("CANCELLED", "it was cancelled"),
        ("NODE_FAIL", "its node failed"),
        ("PREEMPTED", "in favour of another"),
        ("TIMEOUT", "its own time limit"),
        ("OUT_OF_MEMORY", "for memory"),
        ("FAILED", "the task that watches it ended"),
        ("A_WORD_TO_COME", "the task that watches it ended"),
    ],
)
def test_an_end_that_is_none_of_its_own_is_told_at_the_next_look(word: str, said: str) -> None:
    running = doing(word)
    for judge in (lambda now: judged(running, now), lambda now: judged_task(task_of(running), now)):
        assert judge(0.0) is None
        found = judge(10.0)
        assert found is not None
        assert said in found.reason
        assert not found.runs


@pytest.mark.parametrize("word", ["COMPLETED", ""])
def test_the_result_of_one_that_may_have_ended_well_is_waited_for(word: str) -> None:
    assert judged(doing(word), 60.0) is None
    found = judged(doing(word), 61.0)
    assert found is not None
    assert not found.runs


def test_an_end_that_slurm_forgets_is_kept_in_mind() -> None:
    task = task_of(doing("RUNNING"))
    assert task.see(State("FAILED", "NonZeroExitCode"), 5.0)
    assert not task.see(None, 15.0)
    assert (task.state, task.since) == ("FAILED", 5.0)
    other = doing("RUNNING")
    assert task_of(other).see(None, 5.0)
    found = judged(other, 66.0)
    assert found is not None
    assert found.reason.startswith("Slurm knows it no more")


def test_a_job_whose_task_gives_no_sign_of_life_is_lost_and_one_whose_does_is_not() -> None:
    # Of a task that has taken a job Slurm may still say that it waits.
    for word in ("RUNNING", "PENDING"):
        running = doing(word, since=10.0)
        running.job = replace(running.job, timeout=1000.0)
        assert judged(running, 190.0) is None
        found = judged(running, 191.0)
        assert found == Verdict("its task was silent for 180 seconds", runs=True)
        assert task_of(running).hear(Beat(100.0, 0, 90.0), 150.0)
        assert judged(running, 330.0) is None
        # The same word again is no new sign.
        assert not task_of(running).hear(Beat(100.0, 0, 90.0), 320.0)
        assert judged(running, 331.0) is not None


def test_a_task_that_never_says_a_word_or_none_any_more_is_lost_too() -> None:
    task = Task("array", 0, 10.0)
    assert judged_task(task, 3000.0) is None
    task.see(State("RUNNING", "None"), 3000.0)
    assert judged_task(task, 3180.0) is None
    assert judged_task(task, 3181.0) == Verdict("its task was silent for 180 seconds", runs=True)
    task.hear(Beat(1.0), 3100.0)
    assert judged_task(task, 3280.0) is None
    assert judged_task(task, 3281.0) is not None


def test_a_deadline_counts_from_when_the_job_was_taken() -> None:
    running = waiting()
    assert judged(running, 3000.0) is None
    # Its task is old, and had it two seconds before that was seen.
    task = Task("array", 0, 0.0, state="RUNNING")
    running.take(task, 3002.0)
    running.hear(Beat(2990.0, 0, 2.0), 3002.0)
    for now in range(3100, 3501, 100):
        task.hear(Beat(float(now), 0, now - 3000.0), float(now))
        assert judged(running, float(now)) is None
    found = judged(running, 3501.0)
    assert found == Verdict("it ran on past its deadline of 100 seconds, and its watcher with it", runs=True)


def test_a_job_that_no_task_takes_waits_long_but_not_for_ever() -> None:
    assert judged(waiting(), 3600.0, "Resources") is None
    found = judged(waiting(), 3601.0, "Priority")
    assert found == Verdict("Slurm had no place for it in 1 hours: Priority", runs=False)


@pytest.mark.parametrize(
    "reason", ["JobHeldUser", "JobHeldAdmin", "BadConstraints", "PartitionTimeLimit", "QOSMaxWallDurationPerJobLimit"]
)
def test_a_task_that_would_wait_for_ever_is_told_soon(reason: str) -> None:
    task = Task("array", 0, 0.0)
    task.see(State("PENDING", reason), 5.0)
    assert judged_task(task, 59.0) is None
    found = judged_task(task, 60.0)
    assert found == Verdict(f"Slurm does not run it: {reason}", runs=True)
    task.see(State("PENDING", "Priority"), 61.0)
    assert judged_task(task, 3601.0) is None


def test_progress_is_told_where_it_is_new() -> None:
    running = doing("RUNNING")
    assert not running.hear(Beat(1.0, 0, 1.0), 1.0)
    assert running.hear(Beat(2.0, 0, 2.0, ("drawing", 1, 8)), 2.0)
    assert not running.hear(Beat(4.0, 0, 4.0, ("drawing", 1, 8)), 4.0)
    assert running.hear(Beat(6.0, 0, 6.0, ("drawing", 2, 8)), 6.0)
