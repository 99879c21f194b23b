"""When a job on a cluster is lost, and when it is still waited for."""

from __future__ import annotations

import pytest

from lawbook.verification.jobs import Job
from lawbook.verification.slurm.commands import State
from lawbook.verification.slurm.task import Beat
from lawbook.verification.slurm.verdict import SlurmPatience, UnderWay, Verdict, verdict

PATIENCE = SlurmPatience(files=60, silence=180, place=3600, beyond=400)


def running(word: str, *, since: float = 0.0) -> UnderWay:
    job = Job("/registry", "checkers.a:b", {}, (0,), "cpu", 1, 100.0, 1024)
    return UnderWay("ticket", job, "array", 0, since, state=word)


def judged(job: UnderWay, now: float, reason: str = "") -> Verdict | None:
    return verdict(job, reason, now, PATIENCE)


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
    assert judged(running(word), 0.0) is None
    found = judged(running(word), 10.0)
    assert found is not None
    assert said in found.reason
    assert not found.runs


@pytest.mark.parametrize("word", ["COMPLETED", ""])
def test_the_result_of_one_that_may_have_ended_well_is_waited_for(word: str) -> None:
    assert judged(running(word), 60.0) is None
    found = judged(running(word), 61.0)
    assert found is not None
    assert not found.runs


def test_an_end_that_slurm_forgets_is_kept_in_mind() -> None:
    job = running("RUNNING")
    assert job.see(State("FAILED", "NonZeroExitCode"), 5.0)
    assert not job.see(None, 15.0)
    assert (job.state, job.since) == ("FAILED", 5.0)
    other = running("RUNNING")
    assert other.see(None, 5.0)
    found = judged(other, 66.0)
    assert found is not None
    assert found.reason.startswith("Slurm knows it no more")


def test_one_that_gives_no_sign_of_life_is_lost_and_one_that_does_is_not() -> None:
    job = running("RUNNING", since=10.0)
    assert judged(job, 190.0) is None
    found = judged(job, 191.0)
    assert found == Verdict("its task was silent for 180 seconds", runs=True)
    job.hear(Beat(100.0, None), 150.0)
    assert judged(job, 330.0) is None
    # The same word again is no new sign.
    assert not job.hear(Beat(100.0, None), 320.0)
    assert judged(job, 331.0) is not None


def test_a_deadline_counts_from_the_jobs_own_start() -> None:
    waited = running("PENDING")
    assert judged(waited, 3000.0) is None
    waited.see(State("RUNNING", "None"), 3000.0)
    waited.hear(Beat(2.0, None), 3002.0)
    for now in range(3100, 3500, 100):
        waited.hear(Beat(now - 3000.0, None), float(now))
        assert judged(waited, float(now)) is None
    waited.hear(Beat(501.0, None), 3501.0)
    found = judged(waited, 3501.0)
    assert found == Verdict("it ran on past its deadline of 100 seconds, and its watcher with it", runs=True)


def test_one_that_waits_for_a_place_waits_long_but_not_for_ever() -> None:
    assert judged(running("PENDING"), 3600.0, "Resources") is None
    found = judged(running("PENDING"), 3601.0, "Priority")
    assert found == Verdict("Slurm had no place for it in 1 hours: Priority", runs=True)


@pytest.mark.parametrize("reason", ["JobHeldUser", "JobHeldAdmin", "BadConstraints", "PartitionTimeLimit"])
def test_one_that_would_wait_for_ever_is_told_soon(reason: str) -> None:
    assert judged(running("PENDING"), 59.0, reason) is None
    found = judged(running("PENDING"), 60.0, reason)
    assert found == Verdict(f"Slurm does not run it: {reason}", runs=True)


def test_progress_is_told_where_it_is_new() -> None:
    job = running("RUNNING")
    assert not job.hear(Beat(1.0, None), 1.0)
    assert job.hear(Beat(2.0, ("drawing", 1, 8)), 2.0)
    assert not job.hear(Beat(4.0, ("drawing", 1, 8)), 4.0)
    assert job.hear(Beat(6.0, ("drawing", 2, 8)), 6.0)
