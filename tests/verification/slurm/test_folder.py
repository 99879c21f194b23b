"""The folder of a run is its own while it lives, and the next run's affair once it does not."""

from __future__ import annotations

from pathlib import Path

from lawbook.verification.slurm.folder import RunFolder
from lawbook.verification.slurm.signs import Engine


def test_a_run_that_was_killed_is_cleaned_up_by_the_next_and_a_living_one_is_not(tmp_path: Path) -> None:
    cancelled: list[str] = []
    living = RunFolder(tmp_path, lambda *names: cancelled.extend(names))
    killed = RunFolder(tmp_path, lambda *names: cancelled.extend(names))
    of_living, of_killed = living.of_array(), killed.of_array()
    jobs = killed.of_jobs()
    killed.unlock()
    assert not cancelled
    third = RunFolder(tmp_path, lambda *names: cancelled.extend(names))
    assert cancelled == [of_killed.name]
    assert not of_killed.exists()
    assert not jobs.exists()
    assert of_living.is_dir()
    for folder in (living, third):
        folder.close()
    assert not list((tmp_path / ".lawbook/slurm").iterdir())


def test_a_run_of_another_machine_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / ".lawbook/slurm/elsewhere.lawbook-0123456789ab"
    other.mkdir(parents=True)
    (other / ".lock").touch()
    RunFolder(tmp_path, lambda *names: None).close()
    assert other.is_dir()


def test_arrays_have_names_that_no_other_has(tmp_path: Path) -> None:
    one, two = (RunFolder(tmp_path, lambda *names: None) for _ in range(2))
    names = [folder.of_array().name for folder in (one, one, two)]
    assert len(set(names)) == 3


def test_a_task_sees_whether_its_engine_lives(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path, lambda *names: None)
    engine = Engine(folder.path / "engine")
    assert not engine.is_gone()
    folder.close()
    assert engine.is_gone()
