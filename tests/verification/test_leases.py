"""Two runs at once on one checkout measure no check twice, and what a dead run held is taken over."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from lawbook.evidence.history import HistoryLine, read_history


def lines(laboratory: Any) -> list[HistoryLine]:
    return read_history(laboratory.root / ".lawbook/evidence")[0]


@pytest.fixture
def lease(laboratory: Any) -> Path:
    """Where the lease of the check true/centre lies."""
    laboratory.plant("true")
    folder: Path = laboratory.root / ".lawbook/leases"
    folder.mkdir(parents=True)
    return folder / "true.centre.quick.cpu.local.json"


def held(**changes: Any) -> str:
    sound = {
        "host": "elsewhere",
        "pid": os.getpid(),
        "born": 1.0,
        "taken": "2026-01-01T00:00:00Z",
        "until": "2099-01-01T00:00:00Z",
    }
    return json.dumps(sound | changes)


def test_two_runs_at_once_measure_no_check_twice(laboratory: Any, tmp_path: Path, check: Any, settings: Any) -> None:
    names = [f"claim-{number}" for number in range(4)]
    for name in names:
        place = str(tmp_path / name)
        laboratory.plant(name, check(quick=settings({"how": "wait", "place": place}), controls=[]))
    for name in names:
        claim = laboratory.root / f"claims/laws/{name}.yaml"
        plain = json.loads(claim.read_text())
        shifted = {"name": "shifted", "why": "away", "params": {"centre": 1.0, "how": "well", "place": ""}}
        plain["checks"][0]["controls"] = [shifted]
        claim.write_text(json.dumps(plain))
    runs = [laboratory.start(*names, "--jobs", "2") for _ in range(2)]
    for name in names:
        Path(f"{tmp_path / name}.go").touch()
    said = [run.communicate(timeout=120)[0] for run in runs]
    told = lines(laboratory)
    assert sorted(line.claim for line in told) == names, said
    # Each measured once: a line a run, by whichever process it was.
    assert [len((tmp_path / name).read_text().splitlines()) for name in names] == [1] * 4
    assert not list((laboratory.root / ".lawbook/leases").glob("*.json"))


def test_a_check_that_another_run_measures_is_left_to_it_and_told(laboratory: Any, lease: Path) -> None:
    lease.write_text(held())
    said = " ".join(laboratory.verify("true").split())
    assert "Left to another run:" in said
    assert f"being measured by process {os.getpid()} on elsewhere, since 2026-01-01T00:00:00Z" in said
    assert lines(laboratory) == []
    assert lease.exists()


@pytest.mark.parametrize(
    "content",
    [
        held(until="2026-01-01T01:00:00Z"),
        held(host=socket.gethostname(), pid=2**22 + 1),
        held(host=socket.gethostname()),
        "{",
        "[]",
    ],
    ids=["its time is over", "no such process", "another process of that number", "torn", "no lease"],
)
def test_a_lease_that_nobody_holds_is_taken_over(laboratory: Any, lease: Path, content: str) -> None:
    lease.write_text(content)
    laboratory.verify("true", exit_code=0)
    assert len(lines(laboratory)) == 1
    assert not lease.exists()


def test_a_run_that_records_nothing_asks_for_no_lease(laboratory: Any, lease: Path) -> None:
    lease.write_text(held())
    laboratory.verify("true", "--no-record", exit_code=0)
