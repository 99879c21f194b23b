"""What a checker cannot reach where the system allows that, what is said where it does not, and what records keep."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from lawbook.evidence.record import Environment
from lawbook.verification import isolation
from lawbook.verification.isolation import ALWAYS, SANDBOXED, WHOLE, Isolation, find_isolation
from lawbook.verification.jobs import Failure, Finished, Job, Lost, Measured, Result
from lawbook.verification.local_executor import LocalExecutor, Patience
from lawbook.verification.memory_groups import NoGroupError
from lawbook.verification.scratch import sweep

CHECKER = '''"""What a checker with no good in mind tries; its notes say what came of it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lawbook import Measurement


def attempt(act):
    try:
        return str(act())
    except OSError as error:
        return error.strerror or type(error).__name__


def reach(port):
    with socket.create_connection(("127.0.0.1", port), timeout=2):
        return "reached"


def speak_to_itself():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        return reach(server.getsockname()[1])


def fill(folder):
    with (Path(folder) / "big").open("wb") as file:
        while True:
            file.write(b"x" * 2**22)
            file.flush()
            time.sleep(0.01)


def measure(trials, *, how: str, places: list[str] = [], number: int = 0) -> Measurement:
    notes = []
    if how == "reach":
        notes = [attempt(lambda: reach(number)), attempt(speak_to_itself)]
    if how == "write":
        places = [*places, tempfile.gettempdir(), "/dev/shm"]
        notes = [attempt(lambda: (Path(place) / "written").write_text("x") and "written") for place in places]
    if how == "others":
        folders = [path for path in Path(tempfile.gettempdir()).parent.iterdir() if path.is_dir()]
        notes = sorted(attempt(lambda: (path / "written").write_text("x") and "written") for path in folders)
        time.sleep(1.0)
    if how == "look":
        notes = [attempt(lambda: b"TOKEN=secret" in Path(f"/proc/{number}/environ").read_bytes())]
    if how == "list":
        notes = [" ".join(sorted(os.listdir("/dev/shm")))]
    if how == "leave":
        Path("/dev/shm/left").write_text("behind")
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        notes = [str(child.pid)]
    if how == "fill":
        fill("/dev/shm")
    if how == "rights":
        said = Path("/proc/self/status").read_text()
        notes = [line.split()[1] for line in said.splitlines() if line.startswith(("CapEff", "CapPrm", "CapInh"))]
    if how == "kill":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    if how == "import":
        import checkers.other
        notes = [str(Path(checkers.other.__cached__).exists())]
    if how == "wait":
        time.sleep(600)
    return Measurement([0.0 for _ in trials.seeds], notes=notes)
'''


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A registry's root with the checker above."""
    package = tmp_path / "registry" / "checkers"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "other.py").write_text("VALUE = 1\n")
    (package / "bad.py").write_text(CHECKER)
    return tmp_path / "registry"


@pytest.fixture(autouse=True)
def ungrouped(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cgroup of this process is divided, whatever runs the tests."""

    def none() -> None:
        raise NoGroupError("none here")

    monkeypatch.setattr(isolation, "divide_own_group", none)


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> Isolation:
    """Isolation is put on; skips where the system has none."""
    monkeypatch.delenv("LAWBOOK_ISOLATION")
    found = find_isolation(Path.cwd())
    if "root" not in found.kept:
        pytest.skip(f"no isolation here: {found.lacking}")
    return found


@pytest.fixture
def whole(allowed: Isolation) -> Isolation:
    """As `allowed`, with mounts of each worker's own; skips where there are none."""
    if not allowed.own_mounts:
        pytest.skip(f"no mounts of a worker's own here: {allowed.lacking}")
    return allowed


def run(place: Path, *asked: dict[str, Any], slots: int = 1) -> list[Result]:
    """What comes of jobs with these params, in their order."""
    executor = LocalExecutor(slots, threads=1, patience=Patience(start=60.0))
    found: dict[Any, Result] = {}
    try:
        for number, params in enumerate(asked):
            executor.submit(number, Job(str(place), "checkers.bad:measure", params, (1, 2), "cpu", 1, 60.0, 2048))
            while len(found) <= number - slots + 1:
                found |= {event.ticket: event.result for event in executor.wait(0.2) if isinstance(event, Finished)}
        while len(found) < len(asked):
            found |= {event.ticket: event.result for event in executor.wait(0.2) if isinstance(event, Finished)}
    finally:
        executor.close()
    return [found[number] for number in range(len(asked))]


def notes(result: Result) -> tuple[str, ...]:
    assert isinstance(result, Measured), result
    return result.notes


@pytest.fixture
def listener() -> Iterator[int]:
    """The port of a server of this machine."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_checker_reaches_no_server_but_its_own(allowed: Isolation, place: Path, listener: int) -> None:
    (result,) = run(place, {"how": "reach", "number": listener})
    assert notes(result) == ("Connection refused", "reached")


def test_without_isolation_it_reaches_any(place: Path, listener: int) -> None:
    (result,) = run(place, {"how": "reach", "number": listener})
    assert notes(result) == ("reached", "reached")


def test_a_checker_writes_in_its_temporary_folder_alone(allowed: Isolation, place: Path, tmp_path: Path) -> None:
    (place / "evidence").mkdir()
    places = [place, place / "evidence", place / "checkers", tmp_path, Path.home(), Path("/dev")]
    (result,) = run(place, {"how": "write", "places": [str(each) for each in places]})
    assert notes(result) == (*["Read-only file system"] * len(places), "written", "written")
    assert not list(tmp_path.rglob("written"))
    assert not Path("/dev/shm/written").exists()


def test_without_isolation_it_writes_where_its_user_may(place: Path, tmp_path: Path) -> None:
    (result,) = run(place, {"how": "write", "places": [str(tmp_path)]})
    assert notes(result)[:2] == ("written", "written")
    Path("/dev/shm/written").unlink(missing_ok=True)


def test_a_checker_writes_in_no_other_jobs_folder(whole: Isolation, place: Path) -> None:
    both = run(place, {"how": "others"}, {"how": "others"}, slots=2)
    assert ("Read-only file system", "written") in [notes(result) for result in both]


def test_a_checker_cannot_read_the_environment_of_who_started_it(allowed: Isolation, place: Path) -> None:
    with subprocess.Popen(["sleep", "600"], env={**os.environ, "TOKEN": "secret"}) as shell:
        try:
            (result,) = run(place, {"how": "look", "number": shell.pid})
        finally:
            shell.kill()
    assert notes(result) == ("Permission denied",)


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_without_isolation_it_reads_that_of_any_process_of_its_user(place: Path) -> None:
    with subprocess.Popen(["sleep", "600"], env={**os.environ, "TOKEN": "secret"}) as shell:
        try:
            (result,) = run(place, {"how": "look", "number": shell.pid})
        finally:
            shell.kill()
    assert notes(result) == ("True",)


def test_a_checker_that_fills_shared_memory_is_stopped_at_the_limit_of_its_files(
    whole: Isolation, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lawbook.verification.running_job.SCRATCH_LIMIT", 64)
    filled, well = run(place, {"how": "fill"}, {"how": "list"}, slots=2)
    assert isinstance(filled, Failure)
    assert "of temporary files, over its limit of 64 MiB" in filled.reason
    assert notes(well) == ("",)
    assert not Path("/dev/shm/big").exists()


def test_what_a_job_leaves_in_shared_memory_and_starts_is_gone_with_it(whole: Isolation, place: Path) -> None:
    left, after = run(place, {"how": "leave"}, {"how": "list"})
    assert notes(after) == ("",)
    assert not psutil.pid_exists(int(notes(left)[0]))


def test_a_worker_keeps_no_right_of_the_server(allowed: Isolation, place: Path) -> None:
    (result,) = run(place, {"how": "rights"})
    assert {int(right, 16) for right in notes(result)} == {0}


def test_checkers_are_compiled_once_though_workers_may_not(allowed: Isolation, place: Path) -> None:
    (result,) = run(place, {"how": "import"})
    assert notes(result) == ("True",)


def test_a_server_that_its_checker_kills_is_mourned_and_a_new_one_begun(allowed: Isolation, place: Path) -> None:
    killed, well = run(place, {"how": "kill"}, {"how": "list"})
    assert isinstance(killed, Lost)
    assert isinstance(well, Measured)


def test_nothing_is_left_of_a_run_whose_engine_is_killed(
    allowed: Isolation, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import sys\nfrom lawbook.verification.jobs import Job\n"
        "from lawbook.verification.local_executor import LocalExecutor\n"
        "executor = LocalExecutor(1, threads=1)\n"
        "executor.submit(0, Job(sys.argv[1], 'checkers.bad:measure', {'how': 'wait'}, (1,), 'cpu', 1, 600.0, 2048))\n"
        "while True:\n    executor.wait(1.0)\n"
    )
    # What workers see of the environment tells them from the processes of others.
    environment = {**os.environ, "TMPDIR": str(tmp_path), "LAWBOOK_MARK": tmp_path.name}
    mark = tmp_path.name
    with subprocess.Popen([sys.executable, "-c", script, str(place)], env=environment) as engine:
        end = time.monotonic() + 60
        while len(marked(mark)) < 4 and time.monotonic() < end:
            time.sleep(0.1)
        # The engine, bubblewrap, the server and its worker.
        assert len(marked(mark)) == 4
        engine.kill()
    end = time.monotonic() + 30
    while marked(mark) and time.monotonic() < end:
        time.sleep(0.1)
    assert marked(mark) == []
    (left,) = tmp_path.glob("lawbook-run-*")
    assert [path.name for path in left.iterdir()] == [".lock"]
    # The folder itself is for the next run to remove.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sweep()
    assert not left.exists()


def marked(name: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("LAWBOOK_MARK") == name and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def test_a_worker_on_a_node_of_a_cluster_is_kept_to_the_same_and_says_so(allowed: Isolation, place: Path) -> None:
    # In a process of its own, which hides from its workers.
    script = (
        "import sys\nfrom lawbook.verification.cluster_worker import ClusterWorker\n"
        "from lawbook.verification.jobs import Finished, Job\n"
        "params = {'how': 'write', 'places': [sys.argv[1]]}\n"
        "job = Job(sys.argv[1], 'checkers.bad:measure', params, (1,), 'cpu', 1, 60.0, 800)\n"
        "worker = ClusterWorker(1, ())\nevents, _ = worker.begin(0, job)\n"
        "while not any(isinstance(event, Finished) for event in events):\n    events, _ = worker.go_on()\n"
        "print(events[-1].isolation, events[-1].result.notes)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(place)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{allowed.kept} ('Read-only file system', "), done.stdout + done.stderr


# What is said, and what a record keeps.


def test_a_record_and_the_head_of_a_run_say_what_was_kept(allowed: Isolation, laboratory: Any) -> None:
    laboratory.plant("a-claim")
    report = laboratory.root / "build/report.json"
    output = laboratory.verify("--report", str(report), exit_code=0)
    assert str(allowed) in output
    assert json.loads(report.read_text())["environment"]["isolation"] == list(allowed.kept)
    assert laboratory.record("a-claim/centre").environment.isolation == list(allowed.kept)


def test_a_record_made_without_says_so_and_is_fresh_where_isolation_can_be_had(
    laboratory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory.plant("a-claim")
    said = "Isolation of workers: environment, tmpdir; not network, root, shm (LAWBOOK_ISOLATION=off)"
    assert said in laboratory.verify(exit_code=0)
    record = laboratory.record("a-claim/centre")
    assert record.environment.isolation == ["environment", "tmpdir"]
    monkeypatch.delenv("LAWBOOK_ISOLATION")
    assert "0 ran, 1 fresh" in laboratory.verify(exit_code=0)


def test_a_record_of_before_it_was_said_says_nothing() -> None:
    older = {"lawbook": "0", "python": "3", "torch": "2", "numpy": "2", "scipy": "1", "platform": "Linux"}
    environment = Environment.model_validate_json(json.dumps({**older, "device": "a processor", "threads": 1}))
    assert environment.isolation == []


# What is found.


def pretend(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Isolation:
    """What is found where bubblewrap is this script."""
    monkeypatch.delenv("LAWBOOK_ISOLATION", raising=False)
    (folder / "bwrap").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return find_isolation(folder)


def test_where_no_user_namespace_is_allowed_the_workers_do_without_and_the_reason_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = "bwrap: setting up uid map: Permission denied"
    found = pretend(tmp_path, f"echo noise >&2; echo '{refused}' >&2; exit 1", monkeypatch)
    assert (found.kept, found.lacking) == (ALWAYS, refused)
    assert found.command(tmp_path) == []
    assert (
        str(found)
        == f"Isolation of workers: environment, tmpdir; not network, root, shm ({refused}); not memory (none here)"
    )


GO_ON = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"'


def test_where_no_worker_may_mount_the_rest_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f'case " $* " in *CAP_SYS_ADMIN*) echo no such right >&2; exit 1;; esac\n{GO_ON}'
    found = pretend(tmp_path, script, monkeypatch)
    assert (found.kept, found.lacking) == (SANDBOXED, "no such right")
    assert "--cap-add" not in found.command(tmp_path)
    assert str(found).endswith("network, root; not shm (no such right); not memory (none here)")


def test_one_that_dies_and_leaves_its_child_with_the_socket_is_mourned_and_a_new_one_begun(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dies = f"[ -e {tmp_path}/died ] || {{ : > {tmp_path}/died; sleep 600 & exit 1; }}"
    once = f'case "$*" in *fork_server*) {dies};; esac'
    refuses = 'case " $* " in *CAP_SYS_ADMIN*) exit 1;; esac'
    assert "root" in pretend(tmp_path, f"{refuses}\n{once}\n{GO_ON}", monkeypatch).kept
    dead, well = run(place, {"how": "list"}, {"how": "list"})
    assert isinstance(dead, Lost)
    assert dead.reason == "the process that forks the workers died, and its workers with it"
    assert isinstance(well, Measured)


def test_one_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "SECONDS_TO_TRY", 0.3)
    found = pretend(tmp_path, "sleep 600", monkeypatch)
    assert found.kept == ALWAYS
    assert "did not end within 0.3 seconds" in found.lacking


def test_one_that_hangs_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "SECONDS_TO_TRY", 0.3)
    pretend(tmp_path, f"echo once >> {tmp_path}/asked; sleep 600", monkeypatch)
    assert (tmp_path / "asked").read_text() == "once\n"


@pytest.mark.parametrize("script", ["exit 0", 'echo "$@"', "echo it runs; exit 0"])
def test_one_that_says_yes_and_runs_nothing_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    found = pretend(tmp_path, script, monkeypatch)
    assert (found.kept, found.lacking) == (ALWAYS, "bwrap runs nothing")


@pytest.mark.parametrize("name", ["TRITON_CACHE_DIR", "CUDA_CACHE_PATH"])
def test_a_cache_opens_nothing_that_is_to_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    root, home, data = tmp_path / "books/mine", tmp_path / "people/me", tmp_path / "data/sets"
    for folder in (root / "checkers", home, data, tmp_path / "cache"):
        folder.mkdir(parents=True)
    (tmp_path / "link").symlink_to(root.parent)
    monkeypatch.delenv("LAWBOOK_ISOLATION")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LAWBOOK_DATA", str(data))
    inside = (root / "checkers", data, Path(sys.prefix))
    around = (Path("/"), root.parent, tmp_path / "link", home, home.parent, data.parent, Path(sys.prefix).parent)
    for place in (*inside, *around):
        monkeypatch.setenv(name, str(place))
        assert find_isolation(root).caches == (), place
    monkeypatch.setenv(name, str(tmp_path / "cache"))
    assert find_isolation(root).caches == (tmp_path / "cache",)


def test_where_it_is_not_installed_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAWBOOK_ISOLATION")
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_isolation(tmp_path)
    assert (found.kept, found.lacking) == (ALWAYS, "bubblewrap is not installed")


@pytest.mark.parametrize("whose", ["the registry", "the data"])
def test_what_the_checkers_need_is_not_hidden_from_them(
    allowed: Isolation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    place = Path("/dev/shm/lawbook-of-a-test")
    if whose == "the data":
        monkeypatch.setenv("LAWBOOK_DATA", str(place))
    found = find_isolation(place if whose == "the registry" else tmp_path)
    assert (found.kept, found.lacking) == (ALWAYS, f"{whose} lies in {place}, which would be hidden")


def pairs(words: list[str], option: str) -> list[tuple[str, str]]:
    return [(words[place + 1], words[place + 2]) for place, word in enumerate(words) if word == option]


@pytest.mark.parametrize("own_mounts", [True, False])
def test_the_command_line_gives_the_runs_folder_and_caches_that_exist_to_write_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_mounts: bool
) -> None:
    run_folder, cache = tmp_path / "run", tmp_path / "triton"
    run_folder.mkdir()
    cache.mkdir()
    (tmp_path / "link").symlink_to(run_folder)
    monkeypatch.setenv("TRITON_CACHE_DIR", str(cache))
    monkeypatch.setenv("CUDA_CACHE_PATH", str(tmp_path / "no-such"))
    monkeypatch.delenv("LAWBOOK_ISOLATION")
    found = Isolation(
        WHOLE if own_mounts else SANDBOXED,
        program="/usr/bin/bwrap",
        caches=find_isolation(tmp_path / "registry").caches,
    )
    words = found.command(tmp_path / "link")
    assert words[0] == "/usr/bin/bwrap"
    assert words[-1] == "--"
    assert pairs(words, "--ro-bind") == [("/", "/")]
    assert pairs(words, "--bind") == [(str(cache), str(cache)), (str(run_folder), str(run_folder))]
    assert {"--unshare-user", "--unshare-net", "--unshare-ipc"} <= set(words)
    assert ("--cap-add" in words) is own_mounts
    assert words.index("--remount-ro") > words.index("--dev")
