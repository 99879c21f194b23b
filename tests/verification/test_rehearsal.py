"""A rehearsal begins every job, says what broke, what is missing and what is left, and touches no evidence."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lawbook.verification.card_memory import card_memory
from lawbook.verification.rehearsal import Loop

DATA_SOURCES = '''
class DataMissing(LookupError):
    """As the book's own."""
'''
WITHOUT_DATA = """
from checkers.testbeds.data_sources import DataMissing
from lawbook import Measurement, Trials

def measure(trials: Trials, *, centre: float = 0.0) -> Measurement:
    raise DataMissing("moons is not on this machine. Put it in $LAWBOOK_DATA/moons.")
"""
SLOW = """
import time
from lawbook import Measurement, Trials

def measure(trials: Trials, *, centre: float = 0.0, steps: int = 1000) -> Measurement:
    for step in trials.track(range(steps), "walking"):
        time.sleep(0.05)
    return Measurement([centre] * len(trials))
"""


@pytest.fixture
def rehearse(laboratory: Any, tmp_path: Path) -> Callable[..., tuple[int, dict[str, Any], str]]:
    """Runs the command at the quick tier; its exit code, its jobs by name, and what it printed."""

    def run(*arguments: str, seconds: str = "20") -> tuple[int, dict[str, Any], str]:
        report = tmp_path / "rehearsal.json"
        result = laboratory.run(
            *("rehearse", "--tier", "quick", "--device", "cpu", "--seconds", seconds, "--jobs", "2"),
            *("--report", str(report), *arguments),
        )
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        jobs = json.loads(report.read_text())["jobs"] if report.exists() else []
        named = {f"{job['claim']}/{job['check']}" + (f":{job['arm']}" if job["arm"] else ""): job for job in jobs}
        return result.exit_code, named, result.output

    return run


def test_every_arm_is_begun_and_nothing_is_recorded(
    laboratory: Any, positive: Callable[..., Any], check: Callable[..., Any], rehearse: Callable[..., Any]
) -> None:
    laboratory.plant("calm", positive(check()))
    code, jobs, output = rehearse()
    assert code == 0
    assert set(jobs) == {"calm/centre", "calm/centre:shifted", "calm/centre:by-construction"}
    assert {job["state"] for job in jobs.values()} == {"finished"}
    assert "3 jobs" in output
    assert not (laboratory.root / ".lawbook" / "evidence").exists()
    assert not list((laboratory.root / "evidence").glob("**/*.json"))


def test_the_main_measurements_can_be_asked_for_alone(laboratory: Any, rehearse: Callable[..., Any]) -> None:
    laboratory.plant("calm")
    assert set(rehearse("--main")[1]) == {"calm/centre"}


def test_what_breaks_comes_first_with_its_reason(
    laboratory: Any, check: Callable[..., Any], settings: Callable[..., Any], rehearse: Callable[..., Any]
) -> None:
    laboratory.plant("calm")
    laboratory.plant("wild", check(quick=settings({"how": "raise"})))
    code, jobs, output = rehearse("--main")
    assert code == 3
    assert "the ground gave way" in jobs["wild/centre"]["reason"]
    table = output[output.index("progress") :]
    assert table.index("wild/centre") < table.index("calm/centre")


def test_missing_data_are_told_once_with_the_advice(
    laboratory: Any, check: Callable[..., Any], rehearse: Callable[..., Any]
) -> None:
    sources = laboratory.root / "checkers" / "testbeds" / "data_sources.py"
    sources.parent.mkdir(parents=True)
    sources.write_text(DATA_SOURCES)
    (laboratory.root / "checkers/laws/moons.py").write_text(WITHOUT_DATA)
    laboratory.plant("moons", check(checker="checkers.laws.moons:measure", quick={"seeds": 8, "timeout": 60}))
    code, jobs, output = rehearse()
    assert code == 4
    assert jobs["moons/centre"]["state"] == "data missing"
    assert output.count("Put it in $LAWBOOK_DATA/moons.") == 1


def test_a_long_job_says_how_far_it_came_what_is_left_and_what_it_took(
    laboratory: Any, check: Callable[..., Any], rehearse: Callable[..., Any]
) -> None:
    (laboratory.root / "checkers/laws/slow.py").write_text(SLOW)
    laboratory.plant("slow", check(checker="checkers.laws.slow:measure", quick={"seeds": 8, "timeout": 60}))
    code, jobs, output = rehearse("--main", seconds="2")
    job = jobs["slow/centre"]
    assert code == 0
    assert job["state"] == "under way"
    assert job["progress"].startswith("walking ")
    assert job["progress"].endswith("/1000")
    # A thousand steps of a twentieth of a second, and the machine may be slow.
    assert job["seconds_left"] > 40
    assert job["memory"] > 0
    assert "walking" in output


def test_a_cards_memory_is_what_its_drivers_tool_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text('#!/bin/sh\n[ "$1" = --id=1 ] && echo 1234 || exit 6\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert [card_memory(device) for device in ("cuda:1", "cuda:0", "cpu")] == [1234, 0, 0]
    tool.unlink()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert card_memory("cuda:1") == 0


def test_another_file_is_not_written_over(laboratory: Any, tmp_path: Path) -> None:
    laboratory.plant("calm")
    precious = tmp_path / "precious.json"
    precious.write_text('{"mine": 1}')
    result = laboratory.run("rehearse", "--tier", "quick", "--report", str(precious))
    assert result.exit_code == 2
    assert "would be lost" in result.output
    assert precious.read_text() == '{"mine": 1}'


def test_a_tier_that_no_check_has_is_refused(laboratory: Any) -> None:
    laboratory.plant("calm")
    result = laboratory.run("rehearse", "--tier", "full")
    assert result.exit_code == 2
    assert "none that was asked for runs at the full tier" in result.output


def test_what_is_left_follows_from_the_pace_since_the_loop_began() -> None:
    loop = Loop(began=10.0, first=0, heard=10.0, done=0, total=100)
    assert loop.seconds_left is None
    loop.hear(12.0, 20, 100)
    assert loop.seconds_left == pytest.approx(8.0)
    loop.hear(20.0, 5, 100)
    assert (loop.passes, loop.seconds_left) == (2, None)
    loop.hear(21.0, 15, 100)
    assert loop.seconds_left == pytest.approx(8.5)
