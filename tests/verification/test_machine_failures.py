"""What the machine does to a job is no verdict on its checker, and no wait is without end."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import psutil
import pytest

from lawbook.verification.jobs import Failure, Finished, Job, Lost, Measured, Missing, Result
from lawbook.verification.local_executor import LocalExecutor, Patience
from lawbook.verification.results import NoResultError, dump_result, load_result
from tests.verification.jobs_on_a_node import once

CHECKER = '''"""What machines and checkers do to each other."""

import os
import sys
import tempfile
import time
from pathlib import Path

from lawbook import Measurement, Trials


def measure(trials: Trials, *, how: str = "well", place: str = "") -> Measurement:
    """`how` says what happens."""
    notes = []
    if how == "wait":
        Path(place).write_text(str(os.getpid()))
        time.sleep(600)
    if how == "close":
        for handle in range(3, 64):
            try:
                os.close(handle)
            except OSError:
                pass
        time.sleep(1.0)
    if how == "close-progress":
        for handle in range(3, 64):
            try:
                is_pipe = os.readlink(f"/proc/self/fd/{handle}").startswith("pipe:")
                if is_pipe:
                    os.close(handle)
            except OSError:
                pass
        time.sleep(1.5)
    if how == "garbage":
        for handle in range(3, 64):
            try:
                if os.readlink(f"/proc/self/fd/{handle}").startswith("pipe:"):
                    os.write(handle, b'not json' + bytes([10]) + b'{}' + bytes([10]) + b'[[], 1, 2]' + bytes([10]))
            except OSError:
                pass
    if how == "flood":
        for _ in range(64):
            os.write(1, b"x" * 2**20)
        print("the end")
    if how == "flood-and-fall":
        for _ in range(64):
            os.write(1, b"x" * 2**20)
        raise RuntimeError("fell")
    if how == "fill":
        with (Path(tempfile.gettempdir()) / "big").open("wb") as file:
            while True:
                file.write(b"x" * 2**24)
                file.flush()
                time.sleep(0.005)
    if how == "full":
        with open("/dev/full", "w") as file:
            file.write("x")
    if how == "environment":
        notes = [" ".join(sorted(os.environ))]
    if how == "scratch":
        folder = Path(tempfile.gettempdir())
        (folder / "left").write_text("behind")
        notes = [str(folder)]
    if how == "parent":
        try:
            Path(f"/proc/{place}/environ").read_bytes()
            notes = ["read"]
        except OSError:
            notes = ["refused"]
    return Measurement([float(seed) for seed in trials.seeds], notes=notes)
'''
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A registry's root with the checker above."""
    package = tmp_path / "registry" / "checkers"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "odd.py").write_text(CHECKER)
    return tmp_path / "registry"


def job(place: Path, how: str, *, timeout: float = 60.0, at: str = "") -> Job:
    params = {"how": how, "place": at}
    return Job(str(place), "checkers.odd:measure", params, (1, 2, 3), "cpu", 1, timeout, 2048)


@pytest.fixture
def executor() -> Iterator[LocalExecutor]:
    executor = LocalExecutor(2, threads=1, patience=Patience(start=60.0, answer=1.5, kill=1.5))
    yield executor
    executor.close()


def outcome(executor: LocalExecutor, *jobs: Job, meanwhile: Callable[[], None] = lambda: None) -> list[Result]:
    """What comes of the jobs, in their order; `meanwhile` is called between waits."""
    for number, each in enumerate(jobs):
        executor.submit(number, each)
    found: dict[Any, Result] = {}
    end = time.monotonic() + 60
    while len(found) < len(jobs):
        assert time.monotonic() < end, "waited for ever"
        meanwhile()
        for event in executor.wait(0.2):
            if isinstance(event, Finished):
                found[event.ticket] = event.result
    return [found[number] for number in range(len(jobs))]


def gone(pid: int) -> bool:
    """Whether a process has ended, or does within a moment; nobody may have mourned it yet."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def server_of(executor: LocalExecutor) -> psutil.Process:
    (server,) = [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE and "lawbook.verification.fork_server" in child.cmdline()
    ]
    return server


def signal_once_begun(executor: LocalExecutor, begun: Path, number: int, *, worker: bool) -> Callable[[], None]:
    def act() -> bool:
        if not begun.exists() or not begun.read_text():
            return False
        os.kill(int(begun.read_text()) if worker else server_of(executor).pid, number)
        return True

    return once(act)


def test_a_killed_worker_is_lost_and_the_other_goes_on(executor: LocalExecutor, place: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    kill = signal_once_begun(executor, begun, signal.SIGKILL, worker=True)
    lost, well = outcome(executor, job(place, "wait", at=str(begun)), job(place, "well"), meanwhile=kill)
    assert isinstance(lost, Lost)
    assert "SIGKILL" in lost.reason
    assert isinstance(well, Measured)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_fork_server_that_is_killed_or_stopped_is_given_up_and_a_new_one_started(
    executor: LocalExecutor, place: Path, tmp_path: Path, number: int
) -> None:
    begun = tmp_path / "begun"
    act = signal_once_begun(executor, begun, number, worker=False)
    (lost,) = outcome(executor, job(place, "wait", at=str(begun)), meanwhile=act)
    assert isinstance(lost, Lost)
    assert "the process that forks the workers d" in lost.reason
    assert gone(int(begun.read_text()))
    (again,) = outcome(executor, job(place, "well"))
    assert isinstance(again, Measured)


def test_a_server_that_does_not_start_is_given_up(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "slow_to_import.py").write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setenv("PYTHONPATH", str(place))
    executor = LocalExecutor(1, threads=1, preload=["slow_to_import"], patience=Patience(start=2.0))
    try:
        (lost,) = outcome(executor, job(place, "well"))
    finally:
        executor.close()
    assert isinstance(lost, Lost)
    assert "did not start in 2 seconds" in lost.reason


@needs_linux
def test_a_worker_that_no_signal_reaches_is_given_up_with_its_slot(
    executor: LocalExecutor, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What hangs in the kernel cannot be made by an honest test; a server that only says that it kills can.
    monkeypatch.setattr("lawbook.verification.local_executor.KILL", b"A")
    begun = tmp_path / "begun"
    lost, well = outcome(executor, job(place, "wait", timeout=0.5, at=str(begun)), job(place, "well"))
    assert isinstance(lost, Lost)
    assert "could not be killed" in lost.reason
    assert isinstance(well, Measured)
    assert executor.slots == 1
    executor.close()
    assert gone(int(begun.read_text()))


@needs_linux
def test_a_checker_that_closes_its_pipes_does_not_make_the_engine_spin(executor: LocalExecutor, place: Path) -> None:
    outcome(executor, job(place, "well"))
    before = time.process_time()
    (result,) = outcome(executor, job(place, "close-progress"))
    assert time.process_time() - before < 0.5
    assert isinstance(result, Measured)
    (result,) = outcome(executor, job(place, "close"))
    assert isinstance(result, Lost)


@needs_linux
def test_garbage_in_the_pipes_is_nobodys_progress(executor: LocalExecutor, place: Path) -> None:
    (result,) = outcome(executor, job(place, "garbage"))
    assert isinstance(result, Measured)


def test_output_is_capped_and_the_record_says_so(executor: LocalExecutor, place: Path) -> None:
    measured, failed = outcome(executor, job(place, "flood"), job(place, "flood-and-fall"))
    assert isinstance(measured, Measured)
    assert measured.notes == ("printed 64 MiB, of which only the end was kept",)
    assert isinstance(failed, Failure)
    assert len(failed.output) <= 4000
    assert failed.output.startswith("[printed 64 MiB, of which only the end was kept]\nxxx")
    assert "RuntimeError: fell" in failed.reason


def test_a_checker_that_fills_its_temporary_folder_is_stopped_at_its_limit(
    executor: LocalExecutor, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lawbook.verification.running_job.SCRATCH_LIMIT", 64)
    filled, well = outcome(executor, job(place, "fill"), job(place, "well"))
    assert isinstance(filled, Failure)
    assert "of temporary files, over its limit of 64 MiB" in filled.reason
    assert isinstance(well, Measured)


def test_a_workers_temporary_folder_is_its_own_and_goes_with_it(executor: LocalExecutor, place: Path) -> None:
    one, other = outcome(executor, job(place, "scratch"), job(place, "scratch"))
    assert isinstance(one, Measured)
    assert isinstance(other, Measured)
    assert one.notes != other.notes
    assert not Path(one.notes[0]).exists()
    whole = Path(one.notes[0]).parent
    executor.close()
    assert not whole.exists()


@needs_linux
def test_a_complaint_about_the_machine_is_no_error_yet(executor: LocalExecutor, place: Path) -> None:
    (result,) = outcome(executor, job(place, "full"))
    assert isinstance(result, Lost)
    assert "No space left on device" in result.reason


def test_workers_see_no_token(executor: LocalExecutor, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "TOKEN",
        "GITHUB_TOKEN",
        "GITHUB_ENV",
        "AWS_SECRET_ACCESS_KEY",
        "LAWBOOK_TOKEN",
        "CUDA_API_KEY",
    ):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("LAWBOOK_DATA", "/data")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    (result,) = outcome(executor, job(place, "environment"))
    assert isinstance(result, Measured)
    seen = set(result.notes[0].split())
    assert not [name for name in seen if "TOKEN" in name or "SECRET" in name or "GITHUB" in name or "KEY" in name]
    assert {"LAWBOOK_DATA", "CUDA_VISIBLE_DEVICES", "PATH", "TMPDIR", "OMP_NUM_THREADS"} <= seen
    server = server_of(executor)
    assert "secret" not in server.environ().values()


def test_a_result_is_data_and_comes_back_bit_for_bit() -> None:
    values = (0.1, -0.0, 5e-324, 1 / 3, float("inf"), float("nan"))
    measured = Measured(values, (True,) * 6, (), ("note",), 0.25, "card")
    back = load_result(dump_result(measured))
    assert repr(back) == repr(measured)
    half = Measured((1.0,), None, (), (), 0.5, printed="\udc80", printed_lines=1)
    assert load_result(dump_result(half)) == replace(half, printed="?")
    for other in (Failure("r", "o", 1.0), Lost("r", "o", 1.0), Missing("r", 1.0)):
        assert load_result(dump_result(other)) == other


@pytest.mark.parametrize("content", [b"", b"\x80\x04N.", b"[]", b"null", b'{"form": "Job"}', b'{"form": "Lost"}'])
def test_what_is_no_result_is_refused(content: bytes) -> None:
    with pytest.raises(NoResultError):
        load_result(content)


# What a whole run makes of it.


def planted(check: Any, settings: Any, **params: Any) -> dict[str, Any]:
    honest = [{"name": "shifted", "why": "off", "params": {"centre": 1.0, "how": "well", "place": ""}}]
    return check(quick=settings(params), controls=honest)


def test_a_worker_killed_once_is_run_again_alone_and_nothing_is_told(
    laboratory: Any, check: Any, settings: Any, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    laboratory.plant("a-killed", planted(check, settings, how="wait", place=str(place)))
    laboratory.plant("b-well")
    running = laboratory.start("--jobs", "2")
    end = time.monotonic() + 60
    while not (place.exists() and place.read_text().endswith("\n")):
        assert time.monotonic() < end
        time.sleep(0.02)
    os.kill(int(place.read_text().split()[0]), signal.SIGKILL)
    place.with_name("place.go").touch()
    output, _ = running.communicate(timeout=60)
    assert running.returncode == 0, output
    assert laboratory.record("a-killed/centre").outcome == "pass"
    assert len(place.read_text().splitlines()) == 2


BROKEN_MACHINE = """
import os
import signal

import lawbook.verification.canary as canary


def draw(trials):
    os.kill(os.getpid(), signal.SIGKILL)


canary.draw = draw
"""


def test_where_the_engines_own_job_is_lost_too_the_machine_is_at_fault_and_the_old_record_stays(
    laboratory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory.plant("a-claim")
    laboratory.plant("b-well")
    laboratory.verify(exit_code=0)
    old = laboratory.path("a-claim/centre").read_bytes()
    history = laboratory.root / ".lawbook/evidence/history"
    (month,) = history.iterdir()
    lines = month.read_text().splitlines()
    # A machine on which every worker dies, the engine's own as well.
    laboratory.edit("checkers/laws/planted.py", 'if how == "kill":', "if True:")
    failing = laboratory.root / "failing"
    failing.mkdir()
    (failing / "sitecustomize.py").write_text(BROKEN_MACHINE)
    report = tmp_path / "out"
    monkeypatch.setenv("PYTHONPATH", str(failing))
    output = laboratory.verify("--report", f"{report}.json", exit_code=4)
    laboratory.verify("--report", f"{report}.xml", exit_code=4)
    laboratory.verify("--report", f"{report}.md", exit_code=4)
    assert "a job of the engine's own is lost too" in output
    assert "Not measured; what was recorded before stays:\n  a-claim/centre: " in output
    assert laboratory.path("a-claim/centre").read_bytes() == old
    assert month.read_text().splitlines() == lines
    plain = json.loads(Path(f"{report}.json").read_text())
    assert {found["claim"] for found in plain["not_measured"]} == {"a-claim", "b-well"}
    (suite,) = ElementTree.parse(f"{report}.xml").getroot()
    assert suite.get("errors") == "2"
    assert {case[0].get("type") for case in suite} == {"not measured"}
    assert Path(f"{report}.md").read_text().count("**not measured**") == 2


def test_data_that_are_not_installed_give_no_record_and_the_advice(laboratory: Any, check: Any) -> None:
    testbeds = laboratory.root / "checkers/testbeds"
    testbeds.mkdir()
    (testbeds / "__init__.py").write_text("")
    (testbeds / "data_sources.py").write_text("class DataMissing(LookupError):\n    pass\n")
    (laboratory.root / "checkers/laws/needy.py").write_text(
        "from checkers.testbeds.data_sources import DataMissing\n\n\n"
        "def measure(trials, *, centre: float = 0.0):\n"
        "    raise DataMissing('letters is not on this machine. Install it.')\n"
    )
    laboratory.plant("needy", check(checker="checkers.laws.needy:measure"))
    laboratory.plant("well")
    output = laboratory.verify(exit_code=4)
    assert "letters is not on this machine. Install it." in output
    assert "1 ran, 0 fresh, 1 did not run: 1 (not measured)" in output
    assert list(laboratory.records()) == ["well/centre"]


def test_an_error_counts_before_the_machine_and_the_machine_before_a_disappointment(
    laboratory: Any,
) -> None:
    from lawbook.registry.load import load_registry
    from lawbook.verification.outcomes import CheckOutcome, EntryOutcome, exit_code

    laboratory.plant("a-claim")
    laboratory.verify()
    record = laboratory.record("a-claim/centre")
    entry = load_registry(laboratory.root).entries["a-claim"]

    def code(*checks: CheckOutcome, expected: bool, is_unwritable: bool = False) -> int:
        outcomes = [EntryOutcome(entry, checks, "unverified", expected)]
        return exit_code(outcomes, is_unwritable=is_unwritable)

    erred = CheckOutcome("one", record.model_copy(update={"outcome": "error"}), False)
    unmeasured = CheckOutcome("two", None, False, "the disk is full")
    assert code(erred, unmeasured, expected=False, is_unwritable=True) == 2
    assert code(erred, unmeasured, expected=False) == 3
    assert code(unmeasured, expected=False) == 4
    assert code(expected=False) == 1
    assert code(expected=True) == 0


def test_hosts_lack_of_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from lawbook.verification import host

    kills = iter([3, 3, 4])
    monkeypatch.setattr(host, "_memory_kills", lambda: next(kills))
    here = host.Host()
    monkeypatch.setattr(host, "_available_memory", lambda: 2**40)
    assert here.trouble() == ""
    assert here.trouble() == "the machine ran out of memory and killed what took it"
    monkeypatch.setattr(host, "_memory_kills", lambda: 4)
    monkeypatch.setattr(host, "_available_memory", lambda: 3 * 2**20)
    assert here.trouble() == "the machine has 3 MiB of memory left"
