"""Runs that are cut short, or that run beside each other, lose nothing and leave nothing behind."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

PATIENCE = 60.0
UNSTABLE = {"started", "seconds"}


def wait_for(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def content(laboratory: Any) -> dict[str, Any]:
    """All local records but for when and how long they ran."""
    plain = {name: record.model_dump(exclude=UNSTABLE) for name, record in laboratory.records().items()}
    for record in plain.values():
        for control in record["controls"]:
            control.pop("seconds")
    return plain


@pytest.fixture
def half_done(laboratory: Any, check: Any, settings: Any, tmp_path: Path) -> tuple[Any, Path]:
    """A laboratory with one quick claim and one that waits for `place.go`; and `place`."""
    place = tmp_path / "place"
    laboratory.plant("a-quick")
    well = [{"name": "shifted", "why": "off", "params": {"centre": 1.0, "how": "well", "place": ""}}]
    waiting = check(quick=settings({"how": "wait", "place": str(place)}), controls=well)
    laboratory.plant("b-waits", waiting)
    return laboratory, place


def run_until_waiting(laboratory: Any, place: Path) -> tuple[Any, int]:
    """A run that has settled the quick claim and is held up in the other; with its worker's process id."""
    running = laboratory.start("--jobs", "2")
    wait_for(lambda: place.exists() and place.read_text().endswith("\n"), "the waiting checker to begin")
    wait_for(laboratory.path("a-quick/centre").exists, "the quick claim's record")
    return running, int(place.read_text().split()[0])


@pytest.fixture
def deaf() -> Iterator[None]:
    """Whoever starts the run ignores Ctrl-C, as `nohup` and a script's `&` do, and passes that on."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("deaf")
def test_a_run_heeds_an_interrupt_though_its_parent_ignores_it(half_done: tuple[Any, Path]) -> None:
    test_an_interrupted_run_keeps_what_is_finished_and_stops_its_workers(half_done, signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_is_finished_and_stops_its_workers(
    half_done: tuple[Any, Path], number: int
) -> None:
    laboratory, place = half_done
    running, worker = run_until_waiting(laboratory, place)
    running.send_signal(number)
    output, _ = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130
    assert "Interrupted" in output
    assert "b-waits/centre" in output
    assert list(laboratory.records()) == ["a-quick/centre"]
    wait_for(lambda: gone(worker), "the worker to end")


def test_after_a_kill_no_worker_stays_and_the_next_run_does_the_rest(half_done: tuple[Any, Path]) -> None:
    laboratory, place = half_done
    running, worker = run_until_waiting(laboratory, place)
    running.kill()
    running.communicate(timeout=PATIENCE)
    wait_for(lambda: gone(worker), "the worker to end")
    assert list(laboratory.records()) == ["a-quick/centre"]
    place.with_name("place.go").touch()
    output = laboratory.verify(exit_code=0)
    assert "1 ran, 1 fresh" in output
    resumed = content(laboratory)
    laboratory.verify("--force", exit_code=0)
    assert content(laboratory) == resumed


def test_two_runs_at_once_lose_no_record_and_no_line_of_history(laboratory: Any) -> None:
    names = [f"claim-{number}" for number in range(6)]
    for name in names:
        laboratory.plant(name)
    runs = [laboratory.start("--force", "--jobs", "2") for _ in range(2)]
    for running in runs:
        output, _ = running.communicate(timeout=PATIENCE)
        assert running.returncode == 0, output
    assert set(laboratory.records()) == {f"{name}/centre" for name in names}
    (history,) = (laboratory.root / ".lawbook/evidence/history").glob("*.jsonl")
    # A check that one of them has leased is left to it.
    assert len(names) <= len(history.read_text().splitlines()) <= 2 * len(names)
