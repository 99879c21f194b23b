"""The executor's own part, with a Slurm that only pretends and a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lawbook.verification.executors import UnavailableError, open_executor
from lawbook.verification.jobs import Finished, Job, Lost, Measured, Missing, Progress, Result
from lawbook.verification.results import dump_result
from lawbook.verification.slurm.commands import Slurm, SlurmError, State
from lawbook.verification.slurm.executor import NoSlurmError, SlurmExecutor
from lawbook.verification.slurm.nodes import Node
from lawbook.verification.slurm.request import Array
from lawbook.verification.slurm.task import Beat
from lawbook.verification.slurm.verdict import SlurmPatience

PATIENCE = SlurmPatience(looks=1, questions=10, arrays=5, files=60, silence=180, answer=600, end=15)


class Pretended(Slurm):
    """Takes arrays of at most `most` jobs, all of which it says to run until told otherwise."""

    def __init__(self, most: int = 1000, largest: int = 1000) -> None:
        self.arrays: list[Array] = []
        self.cancelled: list[str] = []
        self.said: dict[tuple[str, int], State | None] = {}
        self.is_down = False
        self._most, self._largest = most, largest

    def nodes(self) -> list[Node]:
        return [Node("n1", "short", True, True, 8, 64000, {"toy": 2}, 60)]

    def largest_array(self) -> int:
        return self._largest

    def refusal(self, options: object) -> str:
        return ""

    def submit(self, array: Array) -> str:
        if self.is_down or len(array.jobs) > self._most:
            raise SlurmError("sbatch: error: AssocMaxSubmitJobLimit")
        self.arrays.append(array)
        return str(40 + len(self.arrays))

    def states(self, arrays: Sequence[str]) -> dict[tuple[str, int], State]:
        if self.is_down:
            raise SlurmError("slurm_load_jobs error: Unable to contact slurm controller")
        found = {
            (array.name, number): State("RUNNING", "None")
            for array in self.arrays
            if array.name in arrays and array.name not in self.cancelled
            for number in range(len(array.jobs))
        }
        return {key: state for key, state in {**found, **self.said}.items() if state is not None}

    def how_ended(self, job: str) -> str:
        return " by SIGKILL"

    def cancel(self, *targets: str) -> None:
        self.cancelled += targets

    def leave(self, seed: int, result: Result | None = None, beat: Beat | None = None) -> None:
        """What the task of a seed leaves in its folder."""
        for array in self.arrays:
            for number, job in enumerate(array.jobs):
                if job.seeds == (seed,):
                    if result is not None:
                        (Path(array.folder) / f"{number}.result").write_bytes(dump_result(result))
                    if beat is not None:
                        beat.write(Path(array.folder) / f"{number}.beat")


class Clock:
    """Goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


Make = Callable[..., SlurmExecutor]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(tmp_path: Path, clock: Clock) -> Make:
    """`make(slurm, slots=…)`: the executor."""

    def executor(slurm: Slurm, slots: int | None = None, **options: object) -> SlurmExecutor:
        return SlurmExecutor(
            slots,
            root=tmp_path,
            threads=1,
            slurm=slurm,
            patience=PATIENCE,
            clock=clock,
            sleep=clock.sleep,
            environment={},
            **options,  # type: ignore[arg-type]
        )

    return executor


def job(seed: int, *, memory: int = 1024, device: str = "cpu", timeout: float = 60.0) -> Job:
    return Job("/registry", "checkers.a:b", {}, (seed,), device, 1, timeout, memory)


def measured(seed: int) -> Measured:
    return Measured((seed / 3,), None, (), (), 0.5)


def ended(events: Sequence[Progress | Finished]) -> dict[object, Result]:
    return {event.ticket: event.result for event in events if isinstance(event, Finished)}


def test_what_is_handed_over_together_is_one_array_of_a_shape(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    assert executor.slots == 16
    for seed in range(6):
        executor.submit(seed, job(seed, memory=1024 if seed < 4 else 2048))
    executor.wait(0)
    assert [[job.seeds[0] for job in array.jobs] for array in slurm.arrays] == [[0, 1, 2, 3], [4, 5]]
    assert [array.shape.memory for array in slurm.arrays] == [2048, 3072]


def test_no_array_is_larger_than_the_cluster_allows(make: Make) -> None:
    slurm = Pretended(largest=4)
    executor = make(slurm)
    for seed in range(10):
        executor.submit(seed, job(seed))
    executor.wait(0)
    assert [len(array.jobs) for array in slurm.arrays] == [4, 4, 2]


def test_what_comes_back_in_between_goes_together(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit(0, job(0))
    executor.wait(0)
    for seed in (1, 2, 3):
        executor.submit(seed, job(seed))
        executor.wait(1)
    executor.wait(2)
    executor.wait(0)
    assert [len(array.jobs) for array in slurm.arrays] == [1, 3]


def test_a_limit_on_jobs_is_met_by_smaller_arrays_and_every_job_ends_once(make: Make) -> None:
    slurm = Pretended(most=3)
    executor = make(slurm)
    for seed in range(10):
        executor.submit(seed, job(seed))
    found: list[object] = []
    for _ in range(60):
        for array in slurm.arrays:
            for each in array.jobs:
                slurm.leave(each.seeds[0], measured(each.seeds[0]))
        found += ended(executor.wait(5))
    assert sorted(found) == list(range(10))  # type: ignore[type-var]
    assert max(len(array.jobs) for array in slurm.arrays) <= 3


def test_a_single_job_that_slurm_does_not_take_is_the_machines(make: Make) -> None:
    executor = make(Pretended(most=0))
    executor.submit("only", job(0))
    (result,) = ended(executor.wait(10)).values()
    assert result == Lost("Slurm did not take it: sbatch: error: AssocMaxSubmitJobLimit", by_machine=True)


def test_progress_and_results_come_back_once_whatever_slurm_says_later(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.submit("b", job(1))
    executor.wait(0)
    slurm.leave(0, beat=Beat(1.0, ("drawing", 3, 8)))
    assert executor.wait(2) == [Progress("a", "drawing", 3, 8)]
    assert executor.wait(2) == []
    slurm.leave(0, measured(0))
    slurm.said[slurm.arrays[0].name, 0] = State("FAILED", "NonZeroExitCode")
    assert ended(executor.wait(2)) == {"a": measured(0)}
    assert executor.wait(30) == []
    slurm.leave(1, Lost("the worker was killed by SIGKILL"))
    assert ended(executor.wait(2)) == {"b": Lost("the worker was killed by SIGKILL")}


@pytest.mark.parametrize(
    ("state", "said", "by_machine"),
    [
        (State("CANCELLED", "None"), "it was cancelled, without a result (job 41_0)", True),
        (State("NODE_FAIL", "NodeDown"), "its node failed, without a result (job 41_0)", True),
        (State("FAILED", "None"), "the task that watches it ended by SIGKILL, without a result (job 41_0)", True),
        (State("OUT_OF_MEMORY", "None"), "its node killed it for memory, without a result (job 41_0)", False),
        (None, "Slurm knows it no more, without a result (job 41_0)", True),
    ],
)
def test_what_slurm_did_to_a_job_is_told(make: Make, state: State | None, said: str, by_machine: bool) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.submit("b", job(1))
    executor.wait(0)
    slurm.said[slurm.arrays[0].name, 0] = state
    found: dict[object, Result] = {}
    for _ in range(20):
        found |= ended(executor.wait(5))
    assert found == {"a": Lost(said, by_machine=by_machine)}


def test_the_end_of_what_its_watcher_printed_is_told_with_it(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    log = Path(slurm.arrays[0].folder) / "submitit/41_0_log.err"
    log.parent.mkdir()
    log.write_text("OSError: [Errno 122] Disk quota exceeded\n")
    slurm.said[slurm.arrays[0].name, 0] = State("FAILED", "NonZeroExitCode")
    found = ended([event for _ in range(6) for event in executor.wait(5)])
    assert isinstance(found["a"], Lost)
    assert found["a"].reason.endswith("(job 41): OSError: [Errno 122] Disk quota exceeded")
    assert "Disk quota exceeded" in found["a"].output


def test_a_silent_job_is_cancelled_and_its_late_result_is_nobodys(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.submit("b", job(1))
    found: dict[object, Result] = {}
    for second in range(0, 220, 5):
        slurm.leave(1, beat=Beat(float(second), None))
        found |= ended(executor.wait(5))
    assert found == {"a": Lost("its task was silent for 180 seconds (job 41_0)", by_machine=True)}
    assert slurm.cancelled == ["41_0"]
    slurm.leave(0, measured(0))
    assert executor.wait(30) == []


def test_a_result_that_cannot_be_read_is_the_machines(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    (Path(slurm.arrays[0].folder) / "0.result").write_bytes(b"{")
    (result,) = ended(executor.wait(5)).values()
    assert isinstance(result, Lost)
    assert result.by_machine
    assert result.reason.startswith("its result cannot be read")


def test_a_lost_controller_ends_the_run_only_once_no_job_lives(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0, timeout=3000.0))
    executor.submit("b", job(1, timeout=3000.0))
    executor.wait(0)
    slurm.is_down = True
    found: dict[object, Result] = {}
    for second in range(0, 900, 5):
        slurm.leave(1, beat=Beat(float(second), None))
        found |= ended(executor.wait(5))
    assert list(found) == ["a"]
    assert isinstance(found["a"], Lost)
    assert "Slurm did not answer for 600 seconds: slurm_load_jobs error" in found["a"].reason
    assert executor.slots == 16
    slurm.leave(1, measured(1))
    assert ended(executor.wait(5)) == {"b": measured(1)}
    executor.wait(20)
    assert executor.slots == 0


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
    assert slurm.arrays[0].jobs[0].device == "cuda:0"
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


def test_the_folder_of_an_array_goes_when_its_last_task_has_gone(make: Make) -> None:
    slurm = Pretended()
    executor = make(slurm)
    executor.submit("a", job(0))
    executor.wait(0)
    array = slurm.arrays[0]
    slurm.leave(0, measured(0))
    executor.wait(15)
    executor.wait(15)
    assert Path(array.folder).is_dir()
    slurm.said[array.name, 0] = State("COMPLETED", "None")
    executor.wait(15)
    assert not Path(array.folder).exists()


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
