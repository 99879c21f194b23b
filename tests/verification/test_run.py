"""The loop of a run, with an executor that only pretends."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path

from lawbook.evidence.fingerprint import CodeGraph
from lawbook.registry.load import load_registry
from lawbook.verification.environment import describe_environment
from lawbook.verification.jobs import Failure, Finished, Job, Lost, Measured, Progress, Result
from lawbook.verification.plan import plan_check
from lawbook.verification.run import Event, Judged, Started, Unmeasured, run_checks


class PretendedExecutor:
    """Gives what `answer` makes of a job, the newest first; notes which jobs were under way together."""

    def __init__(self, slots: int, answer: Callable[[Job], Result]) -> None:
        self.slots = slots
        self.together: list[list[Job]] = []
        self._answer = answer
        self._running: list[tuple[Hashable, Job]] = []

    def submit(self, ticket: Hashable, job: Job) -> None:
        self._running.append((ticket, job))
        self.together.append([job for _, job in self._running])

    def wait(self, seconds: float) -> list[Progress | Finished]:
        ticket, job = self._running.pop()
        return [Progress(ticket, "drawing", 1, 2), Finished(ticket, self._answer(job))]

    def close(self) -> None:
        pass


def centre(job: Job) -> Result:
    return Measured(tuple(job.params["centre"] + 0.01 * (seed % 2) for seed in job.seeds), None, (), (), 0.5)


def run(root: Path, executor: PretendedExecutor, devices: tuple[str, ...] = ("cpu",)) -> list[Event]:
    code = CodeGraph(root)
    checks = [
        plan_check(entry, check, "quick", code)
        for entry in load_registry(root).claims.values()
        for check in entry.checks
    ]
    environment = describe_environment(1, "", False)
    return list(
        run_checks(checks, executor, root=str(root), devices=devices, threads=1, seed_base=0, environment=environment)
    )


def test_every_check_is_judged_once_and_no_more_than_the_slots_are_taken(tiny_registry: Path) -> None:
    executor = PretendedExecutor(3, centre)
    judged = [event.record for event in run(tiny_registry, executor) if isinstance(event, Judged)]
    assert sorted(record.claim for record in judged) == ["noise-averages-out", "noise-is-positive"]
    assert max(map(len, executor.together)) == 3
    assert {record.seconds for record in judged} == {0.5 * (1 + len(record.controls)) for record in judged}


def test_jobs_spread_over_the_devices(tiny_registry: Path) -> None:
    executor = PretendedExecutor(2, centre)
    records = [
        event.record for event in run(tiny_registry, executor, ("cuda:0", "cuda:1")) if isinstance(event, Judged)
    ]
    for jobs in executor.together:
        assert len({job.device for job in jobs}) == len(jobs)
    assert {record.device_kind for record in records} == {"cuda"}


def test_errors_stop_the_rest_of_their_own_check_only(tiny_registry: Path) -> None:
    executor = PretendedExecutor(1, lambda job: Failure("fell") if job.params["centre"] == 0.0 else centre(job))
    events = run(tiny_registry, executor)
    judged = {event.record.claim: event.record for event in events if isinstance(event, Judged)}
    assert {record.outcome for record in judged.values()} == {"error"}
    assert all(record.controls == [] for record in judged.values())
    assert sum(isinstance(event, Started) for event in events) == 2


def test_what_the_machine_is_known_to_have_done_is_tried_twice_and_never_the_checkers_error(
    tiny_registry: Path,
) -> None:
    asked: list[Job] = []

    def cancelled(job: Job) -> Result:
        asked.append(job)
        return Lost("it was cancelled", by_machine=True) if job.params["centre"] == 0.0 else centre(job)

    events = run(tiny_registry, PretendedExecutor(1, cancelled))
    assert not [event for event in events if isinstance(event, Judged)]
    unmeasured = [event for event in events if isinstance(event, Unmeasured)]
    assert {event.reason for event in unmeasured} == {"it was cancelled"}
    # Each once with the others and once alone, and no job of the engine's own to find out whose fault it was.
    assert len([job for job in asked if job.params.get("centre") == 0.0]) == 2 * len(unmeasured)
    assert not [job for job in asked if "canary" in job.checker]


def test_a_job_that_dies_twice_without_a_known_reason_is_the_checkers_error(tiny_registry: Path) -> None:
    def dies(job: Job) -> Result:
        if "canary" in job.checker:
            return Measured(tuple(map(float, job.seeds)), None, (), (), 0.1)
        return Lost("the worker was killed") if job.params["centre"] == 0.0 else centre(job)

    records = [event.record for event in run(tiny_registry, PretendedExecutor(1, dies)) if isinstance(event, Judged)]
    assert {record.outcome for record in records} == {"error"}


def test_a_run_that_has_no_worker_left_says_what_it_lost_them_by(tiny_registry: Path) -> None:
    def loses_all(job: Job) -> Result:
        executor.slots = 0
        return Lost("the connection to the cluster is lost")

    executor = PretendedExecutor(1, loses_all)
    reasons = {event.reason for event in run(tiny_registry, executor) if isinstance(event, Unmeasured)}
    assert reasons == {"no worker is left that answers (the connection to the cluster is lost)"}
