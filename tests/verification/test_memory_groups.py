"""A wall around each job's memory, on a pretended cgroup: the files that the kernel would read are there to look at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lawbook.verification.isolation import ALWAYS, Isolation
from lawbook.verification.jobs import Failure, Finished, Job, Lost, Result
from lawbook.verification.local_executor import LocalExecutor
from lawbook.verification.memory_groups import MemoryGroups, NoGroupError, divide_own_group

CHECKER = '''"""Dies by the kernel's hand; with a place, in a group of its own that has run out of memory."""

import os
import signal
from pathlib import Path

from lawbook import Measurement


def measure(trials, *, place: str = "") -> Measurement:
    for group in Path(place).glob("lawbook-*-*") if place else ():
        (group / "memory.events").write_text("oom 1\\noom_kill 1\\n")
    os.kill(os.getpid(), signal.SIGKILL)
'''


@pytest.fixture
def group(tmp_path: Path) -> Path:
    """A cgroup in which this process is alone."""
    folder = tmp_path / "mount/user.slice/run.scope"
    folder.mkdir(parents=True)
    (folder / "cgroup.controllers").write_text("cpu memory pids\n")
    (folder / "cgroup.procs").write_text(f"{os.getpid()}\n")
    (folder / "cgroup.subtree_control").write_text("")
    (tmp_path / "ours").write_text("4:memory:/old\n0::/user.slice/run.scope\n")
    return folder


def divide(tmp_path: Path) -> MemoryGroups:
    return divide_own_group(tmp_path / "mount", tmp_path / "ours")


def test_the_engine_steps_aside_and_shares_memory_out(tmp_path: Path, group: Path) -> None:
    assert divide(tmp_path) == MemoryGroups(group)
    assert (group / "lawbook-engine/cgroup.procs").read_text() == str(os.getpid())
    assert (group / "cgroup.subtree_control").read_text() == "+memory"
    # Once it has stepped aside it stands in no group of its own any more, and need not do so again.
    (group / "cgroup.procs").write_text("")
    assert divide(tmp_path) == MemoryGroups(group)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cgroup.controllers", "cpu pids\n", "no cgroup with memory is delegated"),
        ("cgroup.controllers", None, "no cgroup with memory is delegated"),
        ("cgroup.procs", f"1\n{os.getpid()}\n", "other processes are in this one's cgroup"),
        ("cgroup.procs", None, "cannot be divided: No such file or directory"),
        ("lawbook-engine", "", "cannot be divided: File exists"),
    ],
    ids=["no memory", "no controllers", "others in it", "no processes", "a file in its place"],
)
def test_a_group_that_cannot_be_divided_stays_as_it_is(
    tmp_path: Path, group: Path, name: str, content: str | None, said: str
) -> None:
    (group / name).unlink(missing_ok=True)
    if content is not None:
        (group / name).write_text(content)
    before = {path: path.read_text() for path in group.iterdir()}
    with pytest.raises(NoGroupError, match=said):
        divide(tmp_path)
    assert {path: path.read_text() for path in group.iterdir()} == before


def test_where_memory_may_not_be_shared_out_the_engine_goes_back(tmp_path: Path, group: Path) -> None:
    (group / "cgroup.subtree_control").unlink()
    (group / "cgroup.subtree_control").mkdir()
    (group / "cgroup.procs").write_text(f"{os.getpid()}")
    with pytest.raises(NoGroupError, match="cannot be divided: Is a directory"):
        divide(tmp_path)
    assert (group / "cgroup.procs").read_text() == str(os.getpid())


def run(place: Path, groups: Path | None, params: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Result:
    package = place / "checkers"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "dies.py").write_text(CHECKER)
    found = Isolation((*ALWAYS, "memory"), groups=MemoryGroups(groups)) if groups else Isolation(ALWAYS)
    monkeypatch.setattr("lawbook.verification.local_executor.find_isolation", lambda root: found)
    executor = LocalExecutor(1, threads=1)
    try:
        executor.submit(0, Job(str(place), "checkers.dies:measure", params, (1, 2), "cpu", 1, 60.0, 800))
        while True:
            for event in executor.wait(1.0):
                if isinstance(event, Finished):
                    assert event.isolation == found.kept
                    return event.result
    finally:
        executor.close()


def test_a_job_that_the_kernel_kills_for_memory_is_told_its_limit(
    tmp_path: Path, group: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(tmp_path / "registry", group, {"place": str(group)}, monkeypatch)
    assert isinstance(result, Failure)
    assert result.reason == "took more than its limit of 800 MiB of memory, and was killed for it"
    (made,) = group.glob("lawbook-*-*")
    # The wall stands an eighth behind the limit, and nothing is swapped to get round it.
    assert (made / "memory.max").read_text() == str(900 * 2**20)
    assert (made / "memory.swap.max").read_text() == "0"
    assert (made / "memory.oom.group").read_text() == "1"
    assert int((made / "cgroup.procs").read_text()) > 0


def test_a_job_that_is_killed_otherwise_is_lost_as_ever(
    tmp_path: Path, group: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(run(tmp_path / "one", group, {}, monkeypatch), Lost)
    assert isinstance(run(tmp_path / "other", None, {}, monkeypatch), Lost)
