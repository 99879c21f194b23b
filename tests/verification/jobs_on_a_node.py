"""What the tests of both clusters run on a node, and what must come of it there as on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from lawbook.verification.jobs import Executor, Failure, Finished, Job, Measured, Progress

CHECKER = '''"""What jobs do on a node."""

import os
import subprocess
import sys
import time
from pathlib import Path

from lawbook import Measurement, Trials


def measure(trials: Trials, *, seconds: float = 0.0, how: str = "", place: str = "") -> Measurement:
    """`how` says what happens."""
    for _ in trials.track(range(10), "working"):
        time.sleep(seconds / 10)
    if how == "print":
        print("about to fall")
        raise RuntimeError("the ground gave way")
    if how == "hog":
        hoard = []
        while True:
            hoard.append(bytearray(b"x" * 2**24))
            time.sleep(0.01)
    if how == "detach":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        Path(place).write_text(str(child.pid))
    if how == "wait":
        with Path(place).open("a") as begun:
            begun.write(f"{os.getpid()}\\n")
        while not Path(place + ".go").exists():
            time.sleep(0.05)
    names = ("LEAKED_TOKEN", "PYTHONHASHSEED", "TMPDIR", "CUDA_VISIBLE_DEVICES")
    seen = "|".join(os.environ.get(name, "") for name in names)
    return Measurement([seed / 3 for seed in trials.seeds], notes=[seen])
'''


def limits_held(results: Sequence[object], child: Path) -> None:
    """Of jobs that print and fall, take too much memory, leave a child behind, and take too long.

    child: the file in which the third wrote its child's number.
    """
    fallen, hog, detached, late = results
    assert isinstance(fallen, Failure)
    assert "the ground gave way" in fallen.reason
    assert "about to fall" in fallen.output
    assert isinstance(hog, Failure)
    assert "over its limit of 256 MiB" in hog.reason
    assert isinstance(late, Failure)
    assert "timed out after 2 seconds" in late.reason
    assert isinstance(detached, Measured)
    token, hash_seed, scratch, _ = detached.notes[0].split("|")
    assert (token, hash_seed) == ("", "0")
    assert not Path(scratch).exists()
    assert not psutil.pid_exists(int(child.read_text()))


def run(
    executor: Executor, jobs: Sequence[Job], meanwhile: Callable[[], None] = lambda: None, patience: float = 90.0
) -> tuple[dict[Any, Any], list[Progress]]:
    """Each job's result by its place, and what progress was told; a second end of one job fails."""
    results: dict[Any, Any] = {}
    told: list[Progress] = []
    for number, job in enumerate(jobs):
        executor.submit(number, job)
    end = time.monotonic() + patience
    while len(results) < len(jobs):
        assert time.monotonic() < end, f"only {results} in {patience} seconds"
        meanwhile()
        for event in executor.wait(0.2):
            if isinstance(event, Finished):
                assert event.ticket not in results
                results[event.ticket] = event.result
            else:
                told.append(event)
    return results, told


def once(act: Callable[[], bool]) -> Callable[[], None]:
    """Calls until it has been done."""
    done: list[bool] = []

    def try_it() -> None:
        if not done and act():
            done.append(True)

    return try_it
