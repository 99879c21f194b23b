"""A run's temporary folder is swept by no other run while it lives."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from lawbook.verification.scratch import ScratchFolder, sweep


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
