"""Runs that are hurt: nothing recorded is lost, nothing is left behind, nothing hangs, and each hurt is told."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.faults.in_full import HOSTILE, INTERRUPTIONS, KILLS, OPERATORS, TIMES

FULL = os.environ.get("LAWBOOK_FAULTS") == "full"
NUMBERS = range(TIMES[KILLS] if FULL else 4)
CLAIMS = 4
SERVER = "lawbook.verification.fork_server"


def processes(engine: int) -> list[int]:
    """The engine, its fork server and its workers."""
    try:
        children = psutil.Process(engine).children(recursive=True)
        return [engine, *(child.pid for child in children if SERVER in child.cmdline())]
    except psutil.Error:
        return [engine]


def called(pid: int, engine: int) -> str:
    """What a process of a run is."""
    try:
        process = psutil.Process(pid)
        if pid == engine:
            return "engine"
        if process.name() == "bwrap":
            return "sandbox"
        parent = process.parent()
        return "worker" if parent and parent.name() != "bwrap" and SERVER in parent.cmdline() else "fork server"
    except psutil.Error:
        return "process that had just ended"


def until_it_works(running: subprocess.Popen[str]) -> None:
    """Wait for the first worker of a run."""
    end = time.monotonic() + 100
    while running.poll() is None and called(processes(running.pid)[-1], running.pid) != "worker":
        assert time.monotonic() < end, "no worker is there"
        time.sleep(0.02)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_kill_of_any_process_at_any_time_loses_nothing(ward: Any, tell: Callable[..., None], number: int) -> None:
    source = random.Random(number)
    names = [f"claim-{place}" for place in range(CLAIMS)]
    for name in names:
        ward.plant(name, "slow")
    running = ward.start("--jobs", "2")
    # By the clock alone nearly all kills would come before there is more than the engine, where the machine is busy.
    if number % 5:
        until_it_works(running)
    time.sleep(source.uniform(0.0, 1.5))
    victim = source.choice(processes(running.pid))
    of = called(victim, running.pid)
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        victim = 0
    code, output = ward.end(running)
    assert code in ((0, -signal.SIGKILL) if victim == running.pid else (0,)), output
    before = ward.evidence().records
    assert set(ward.outcomes().values()) <= {"pass"}
    code, output = ward.verify("--jobs", "2")
    assert code == 0, output
    after = ward.evidence().records
    assert {key.claim for key in after} == set(names)
    # What was recorded before the kill is what still stands, and was not measured again.
    assert all(after[key].record == stored.record for key, stored in before.items())
    assert f"{CLAIMS - len(before)} ran, {len(before)} fresh" in output
    tell(KILLS)
    tell(f"of them of the {of}")
    tell("records of a run that was hurt, and all stand", len(before))
    tell("records that the next run added", CLAIMS - len(before))
    # The second run has swept up what the first left, and the first nothing but its folder.
    left = list(Path(os.environ["TMPDIR"]).glob("lawbook-run-*"))
    assert left == []


def test_three_operators_at_once_lose_nothing(ward: Any, tell: Callable[..., None]) -> None:
    names = {f"claim-{place}" for place in range(CLAIMS)}
    for name in names:
        ward.plant(name)
    runs = [ward.start("--force", "--jobs", "2") for _ in range(TIMES[OPERATORS])]
    tell(OPERATORS, len(runs))
    for running in runs:
        code, output = ward.end(running)
        assert code == 0, output
    evidence = ward.evidence()
    assert {key.claim for key in evidence.records} == names
    # A check that another operator has leased is left to it.
    (month,) = (ward.root / ".lawbook/evidence/history").glob("*.jsonl")
    assert CLAIMS <= len(evidence.history) == len(month.read_text().splitlines()) <= 3 * CLAIMS


ZOO = {
    "forks": ("fork", {}, "pass", ""),
    "forks-and-hangs": ("fork-and-hang", {"timeout": 2}, "error", "timed out after 2 seconds"),
    "hoards": ("memory", {"memory": 400}, "error", "over its limit of 400 MiB"),
    "closes": ("close", {}, "error", "no result"),
    "prints": ("print", {}, "pass", ""),
    "is-deaf": ("deaf", {"timeout": 2}, "error", "timed out after 2 seconds"),
    "stops-itself": ("stop-itself", {"timeout": 2}, "error", "timed out after 2 seconds"),
    "storms": ("storm", {}, "error", "nan, not a finite number"),
}


def test_whatever_checkers_do_each_is_told_in_a_line_and_the_honest_pass(ward: Any, tell: Callable[..., None]) -> None:
    tell(HOSTILE, len(ZOO))
    for id, (how, limits, _, _) in ZOO.items():
        ward.plant(id, how, **limits)
    ward.plant("honest")
    code, output = ward.verify("--jobs", "3", LAWBOOK_PRINT="1024" if FULL else "64")
    assert code == 3, output
    outcomes = ward.outcomes()
    assert outcomes == {"honest": "pass"} | {id: outcome for id, (_, _, outcome, _) in ZOO.items()}
    for id, (_, _, outcome, said) in ZOO.items():
        lines = [line for line in output.splitlines() if f" {id}/centre" in line and outcome in line]
        assert any(said in line for line in lines), output


@pytest.mark.skipif(not FULL, reason="waits a minute and a half for a stopped server; LAWBOOK_FAULTS=full")
def test_a_checker_that_stops_the_fork_server_is_found_out(ward: Any, tell: Callable[..., None]) -> None:
    tell(HOSTILE)
    ward.plant("a-stops", "stop-server")
    ward.plant("b-honest")
    code, output = ward.verify("--jobs", "2")
    assert code == 3, output
    assert ward.outcomes() == {"a-stops": "error", "b-honest": "pass"}
    assert "did not answer for 30 seconds" in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_polite_end_comes_in_seconds_whatever_the_checkers_do(
    ward: Any, tell: Callable[..., None], number: int
) -> None:
    tell(INTERRUPTIONS)
    ward.plant("a-deaf", "deaf", timeout=600)
    ward.plant("b-forks", "fork-and-hang", timeout=600)
    running = ward.start("--jobs", "2")
    end = time.monotonic() + 60
    while len(processes(running.pid)) < 4:
        assert time.monotonic() < end
        time.sleep(0.05)
    running.send_signal(number)
    code, output = ward.end(running)
    assert code == 130, output
    assert "Interrupted; not settled" in output
