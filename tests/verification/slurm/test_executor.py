"""The executor's own part, with a Slurm that only pretends and a clock that is turned by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lawbook.verification.executors import UnavailableError, open_executor
from lawbook.verification.jobs import Finished, Job, Lost, Measured, Missing, Progress, Result
from lawbook.verification.slurm.commands import Slurm, SlurmError, State
from lawbook.verification.slurm.executor import NoSlurmError, SlurmExecutor
from lawbook.verification.slurm.jobs_folder import JobsFolder, Waiting, task_name
from lawbook.verification.slurm.nodes import Node
from lawbook.verification.slurm.request import Array
from lawbook.verification.slurm.signs import Beat
from lawbook.verification.slurm.verdict import SlurmPatience

PATIENCE = SlurmPatience(looks=1, beats=1, questions=10, arrays=5, files=60, silence=180, answer=600, end=15)


class Pretended(Slurm):
    """Takes arrays of at most `most` tasks, all of which it says to run until told otherwise."""

    def __init__(self, most: int = 1000, largest: int = 1000, longest: int | None = None) -> None:
        self.arrays: list[Array] = []
        self.cancelled: list[str] = []
        self.said: dict[tuple[str, int], State | None] = {}
        self.is_down = False
        self._most, self._largest, self._longest = most, largest, longest

    def nodes(self) -> list[Node]:
        return [Node("n1", "short", True, True, 8, 64000, {"toy": 2}, 60)]

    def largest_array(self) -> int:
        return self._largest

    def refusal(self, options: object) -> str:
        return ""

    def submit(self, array: Array) -> str:
        if self.is_down or array.size > self._most:
            raise SlurmError("sbatch: error: AssocMaxSubmitJobLimit")
        if self._longest is not None and array.minutes > self._longest:
            raise SlurmError("sbatch: error: QOSMaxWallDurationPerJobLimit")
        self.arrays.append(array)
        return str(40 + len(self.arrays))

    def states(self, arrays: Sequence[str]) -> dict[tuple[str, int], State]:
        if self.is_down:
            raise SlurmError("slurm_load_jobs error: Unable to contact slurm controller")
        found = {
            (array.name, place): State("RUNNING", "None")
            for array in self.arrays
            if array.name in arrays and array.name not in self.cancelled
            for place in range(array.size)
        }
        return {key: state for key, state in {**found, **self.said}.items() if state is not None}

    def how_ended(self, job: str) -> str:
        return " by SIGKILL"

    def cancel(self, *targets: str) -> None:
        self.cancelled += targets

    def task(self, place: int = 0, array: int = 0) -> PretendedTask:
        """A task of an array; by default the first of the first."""
        return PretendedTask(self.arrays[array], place)

    def say(self, word: str, place: int = 0, array: int = 0, reason: str = "None") -> None:
        """What is said of a task from now on; nothing at all where the word is empty."""
        self.said[self.arrays[array].name, place] = State(word, reason) if word else None


class PretendedTask:
    """Does of a task's work what it is told to do."""

    def __init__(self, array: Array, place: int) -> None:
        self._folder, self._array, self._place = JobsFolder(Path(array.jobs)), array, place

    def take(self) -> int:
        """Take the oldest job that waits; its seed."""
        job = self._folder.take(self._folder.look().waiting[0], task_name(self._array.name, self._place))
        assert job is not None
        return job.seeds[0]

    def beat(self, beat: Beat) -> None:
        beat.write(Path(self._array.folder) / f"{self._place}.beat")

    def give(self, number: int, result: Result) -> None:
        self._folder.give(number, result)

    def do_all(self) -> None:
        """Measure whatever waits."""
        for waiting in self._folder.look().waiting:
            self.give(waiting.number, measured(self.take()))

    def waiting(self) -> list[Waiting]:
        return self._folder.look().waiting


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


def all_of(executor: SlurmExecutor, seconds: float) -> dict[object, Result]:
    """What ends in so many seconds."""
    found: dict[object, Result] = {}
    for _ in range(int(seconds // 5)):
        found |= ended(executor.wait(5))
    return found


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
    assert sum(array.size for array in slurm.arrays) < 16
    slurm.task(0).give(0, measured(0))
    slurm.task(0).do_all()
    assert len(all_of(executor, 10)) == 16


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
    executor.submit("c", job(2))
    assert not leave.exists()


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
