"""A run's temporary folder is swept by no other run while it lives."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from pathlib import Path

import pytest

from lawbook.verification.scratch import ScratchFolder, remove_from_within, sweep


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder, for one test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_folder_that_another_run_finds_while_it_is_being_made_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = fcntl.flock
    swept: list[bool] = []

    def swept_before(handle: int, how: int) -> None:
        if not swept:
            swept.append(True)
            sweep()
        lock(handle, how)

    monkeypatch.setattr("lawbook.verification.scratch.fcntl.flock", swept_before)
    folder = ScratchFolder()
    assert swept
    assert folder.of_job(1).is_dir()
    folder.close()


def test_a_folder_goes_with_its_run_and_that_of_a_dead_one_with_the_next(temporary: Path) -> None:
    dead = temporary / "lawbook-run-dead"
    dead.mkdir()
    (dead / ".lock").touch()
    folder = ScratchFolder()
    assert [path.name for path in temporary.iterdir()] == [folder.path.name]
    sweep()
    assert folder.path.is_dir()
    folder.close()
    assert not list(temporary.iterdir())


def test_a_server_whose_engine_is_gone_removes_the_folder(temporary: Path) -> None:
    folder = ScratchFolder().path
    (folder / "1").mkdir()
    remove_from_within(folder)
    assert not list(temporary.iterdir())


def test_where_it_is_mounted_the_same_lock_stays_for_the_next_run_to_find(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = temporary / "lawbook-run-dead"
    (dead / "1/deep").mkdir(parents=True)
    (dead / "a file").touch()
    (dead / ".lock").touch()
    lock = (dead / ".lock").stat().st_ino

    def busy(_path: Path, _target: Path) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "rename", busy)
    remove_from_within(dead)
    assert [(path.name, path.stat().st_ino) for path in dead.iterdir()] == [(".lock", lock)]
    monkeypatch.undo()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    sweep()
    assert not list(temporary.iterdir())
    remove_from_within(dead)
    assert not list(temporary.iterdir())


def test_what_a_killed_run_left_half_made_is_swept_when_it_is_old(temporary: Path) -> None:
    fresh, old = temporary / ".lawbook-run-fresh", temporary / ".lawbook-run-old"
    for folder in (fresh, old):
        folder.mkdir()
    os.utime(old, (0, time.time() - 2 * 3600))
    sweep()
    assert [path.name for path in temporary.iterdir()] == [fresh.name]
