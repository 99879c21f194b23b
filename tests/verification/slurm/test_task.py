"""What a task does on its node, without a cluster around it."""

from __future__ import annotations

import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lawbook.verification.jobs import Finished, Job, Measured
from lawbook.verification.local_executor import LocalExecutor
from lawbook.verification.results import load_result
from lawbook.verification.slurm import task
from lawbook.verification.slurm.task import Beat, Engine

RUN = """
import pickle, sys
from lawbook.verification.slurm.task import work
work(sys.argv[1], 7, pickle.load(sys.stdin.buffer), 1, ())
"""
MakeJob = Callable[..., Job]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An array's folder, with an engine above it that has just given a sign of life."""
    made = tmp_path / "run" / "array"
    made.mkdir(parents=True)
    (made.parent / "engine").write_text("1")
    return made


def begin(folder: Path, job: Job) -> subprocess.Popen[bytes]:
    """The task of a job, in a process of its own."""
    process = subprocess.Popen([sys.executable, "-c", RUN, str(folder)], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(pickle.dumps(job))
    process.stdin.close()
    process.stdin = None
    return process


def wait_for(path: Path) -> None:
    end = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_task_leaves_the_values_of_the_local_executor_bit_for_bit(folder: Path, make_job: MakeJob) -> None:
    job = make_job(3)
    process = begin(folder, job)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    executor = LocalExecutor(1, threads=1)
    try:
        executor.submit("here", job)
        events: list[object] = []
        while not (events := [event for event in executor.wait(1.0) if isinstance(event, Finished)]):
            pass
        here = events[0]
    finally:
        executor.close()
    there = load_result((folder / "7.result").read_bytes())
    assert isinstance(here, Finished)
    assert isinstance(here.result, Measured)
    assert isinstance(there, Measured)
    assert there.values == here.result.values == (1.0,)


def test_a_task_tells_how_far_it_is_and_ends_when_it_is_told_to(folder: Path, make_job: MakeJob) -> None:
    process = begin(folder, make_job(seconds=600.0, timeout=900.0))
    wait_for(folder / "7.beat")
    assert Beat.read(folder / "7.beat").seconds < 60
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert not (folder / "7.result").exists()


def test_a_task_ends_where_its_engine_is_gone(folder: Path, make_job: MakeJob) -> None:
    shutil.rmtree(folder.parent)
    process = begin(folder, make_job(seconds=600.0, timeout=900.0))
    _, said = process.communicate(timeout=60)
    assert b"the engine that asked for this is gone" in said
    assert not (folder / "7.result").exists()


def test_an_engine_is_gone_that_is_silent_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task, "SECONDS_WITHOUT_ENGINE", 0.0)
    path = tmp_path / "engine"
    path.write_text("1")
    engine = Engine(path)
    assert not engine.is_gone()
    path.write_text("2")
    assert not engine.is_gone()
    assert engine.is_gone()


@pytest.mark.parametrize("beat", [Beat(0.5, None), Beat(12.0, ("drawing", 3, 8)), Beat(12.0, ("drawing", 3, None))])
def test_a_beat_is_read_as_it_was_written(tmp_path: Path, beat: Beat) -> None:
    beat.write(tmp_path / "0.beat")
    assert Beat.read(tmp_path / "0.beat") == beat
    assert [path.name for path in tmp_path.iterdir()] == ["0.beat"]


@pytest.mark.parametrize("said", ["", "null", "[]", "[1.0]", '["x", null]', "[1.0, [1, 2]]", '{"seconds": 1}'])
def test_what_is_no_beat_is_refused(tmp_path: Path, said: str) -> None:
    (tmp_path / "0.beat").write_text(said)
    with pytest.raises(ValueError):  # noqa: PT011
        Beat.read(tmp_path / "0.beat")


def test_a_beat_that_cannot_be_written_ends_no_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Beat(1.0, None).write(tmp_path / "gone" / "0.beat")
    assert "no word could be left for the engine" in capsys.readouterr().err
