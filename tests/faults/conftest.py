"""A small registry of honest and hostile checkers, and the means to hurt a run.

`LAWBOOK_FAULTS=full`, which `make faults` sets, hurts it for long. What was done to it how often is printed at the
end, for the method page.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from lawbook.evidence.store import Evidence, read_store

FULL = os.environ.get("LAWBOOK_FAULTS") == "full"
PATIENCE = 120.0
WARD = "LAWBOOK_WARD"

CHECKER = '''"""Checkers that do to a machine what checkers do."""

import os
import random
import signal
import subprocess
import sys
import time

from lawbook import Measurement, Panel, Trials


def measure(trials: Trials, *, centre: float = 0.0, how: str = "well") -> Measurement:
    """One draw a seed; `how` says what else happens."""
    values = [random.Random(seed).gauss(centre, 0.1) for seed in trials.track(trials.seeds, "drawing")]
    if how == "slow":
        time.sleep(0.75)
    if how == "fork":
        for _ in range(40):
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    if how == "fork-and-hang":
        for _ in range(20):
            if os.fork() == 0:
                os.setsid()
                time.sleep(600)
        time.sleep(600)
    if how == "memory":
        hoard = []
        while True:
            hoard.append(bytearray(os.urandom(2**20)) * 16)
    if how == "close":
        os.closerange(0, 256)
        time.sleep(0.5)
    if how == "print":
        for _ in range(int(os.environ.get("LAWBOOK_PRINT", "64"))):
            os.write(1, b"x" * 2**20)
    if how == "deaf":
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(600)
    if how == "stop-server":
        os.kill(os.getppid(), signal.SIGSTOP)
        time.sleep(600)
    if how == "stop-itself":
        os.kill(os.getpid(), signal.SIGSTOP)
    if how == "storm":
        nan = float("nan")
        return Measurement([nan] * len(trials), panels=[Panel("p").line("l", [nan] * 9, [nan] * 9)])
    panels = [Panel("draws", x="seed", y="value").line("drawn", list(range(len(values))), values)]
    return Measurement(values, panels=panels)
'''


def _laboratory() -> Any:
    """The laboratory of the verification tests, which plants claims and runs commands on them."""
    path = Path(__file__).parents[1] / "verification/conftest.py"
    specification = importlib.util.spec_from_file_location("verification_conftest", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["verification_conftest"] = module
    specification.loader.exec_module(module)
    return module


CONFTEST = _laboratory()


class Ward:
    """A registry at `root`, and what one must find of it whatever happened."""

    def __init__(self, root: Path) -> None:
        self.laboratory = CONFTEST.Laboratory(root)
        self.root = root
        (root / "checkers/laws/hostile.py").write_text(CHECKER)

    def plant(self, id: str, how: str = "well", **limits: Any) -> None:
        """A claim whose checker does as `how` says, with an honest control."""
        honest = [{"name": "shifted", "why": "off", "params": {"centre": 1.0, "how": "well"}}]
        settings = CONFTEST.quick({"how": how}, **limits)
        check = CONFTEST.planted_check(checker="checkers.laws.hostile:measure", quick=settings, controls=honest)
        self.laboratory.plant(id, check)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """`lawbook verify` in a process of its own."""
        before = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)
        try:
            started: subprocess.Popen[str] = self.laboratory.start(*arguments)
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
        return started

    def end(self, running: subprocess.Popen[str]) -> tuple[int, str]:
        """Its exit code and output; that it ends at all is half of every test."""
        try:
            output, _ = running.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            running.kill()
            raise AssertionError("the run hangs") from None
        return running.returncode, output

    def verify(self, *arguments: str, **environment: str) -> tuple[int, str]:
        return self.end(self.start(*arguments, **environment))

    def evidence(self) -> Evidence:
        """What is recorded; nothing of it damaged, and no record without its line of history."""
        found = read_store(self.root, publish=False)
        assert found.damaged == ()
        lines = {(line.claim, line.check, line.started) for line in found.history}
        for key, stored in found.records.items():
            assert (key.claim, key.check, stored.record.started) in lines
        return found

    def outcomes(self) -> dict[str, str]:
        """The recorded outcome of each claim."""
        return {key.claim: stored.record.outcome for key, stored in self.evidence().records.items()}


HURT = "hurt: "


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """`tell("what was done", times)` counts it, if the test passes."""
    return lambda what, times=1: record_property(f"{HURT}{what}", times)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was done how often in tests that passed."""
    told: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        for name, times in report.user_properties:
            if name.startswith(HURT):
                told[name.removeprefix(HURT)] += times
    if told:
        terminalreporter.section("hurt, in tests that passed")
        for what, times in told.items():
            terminalreporter.write_line(f"{times:6} {what}")


def children_of(pid: int) -> list[psutil.Process]:
    """What a process has started and what these have, as far as one can see."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def started_by(ward: str) -> set[int]:
    """Processes on this machine that a ward's runs have started, and these in turn."""
    found = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get(WARD) == ward and process.status() != psutil.STATUS_ZOMBIE:
                found.add(process.pid)
        except (psutil.Error, OSError):
            continue
    return found - {os.getpid()}


@pytest.fixture
def ward(
    make_registry: Callable[[Mapping[str, Any]], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ward]:
    """An empty ward with a temporary folder of its own; when the test is over, no process and no folder is left."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    # Hurt as operators run them: isolated where that can be had.
    monkeypatch.delenv("LAWBOOK_ISOLATION")
    gone = ("claims/laws/noise-averages-out.yaml", "claims/limits/noise-is-positive.yaml")
    problem = "claims/open-problems/noise-in-the-dark.yaml"
    relation = "relations:\n  - {type: bears-on, target: noise-averages-out}\n"
    # Workers see it, as its name begins as it does; other tests have wards of their own.
    monkeypatch.setenv(WARD, str(tmp_path))
    yield Ward(make_registry({**dict.fromkeys(gone), problem: (relation, "")}))
    end = time.monotonic() + 15
    while left := started_by(str(tmp_path)):
        told = [(pid, psutil.Process(pid).cmdline()) for pid in left if psutil.pid_exists(pid)]
        assert time.monotonic() < end, f"orphans: {json.dumps(told)}"
        time.sleep(0.05)
