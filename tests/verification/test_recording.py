"""What runs again and what does not, and where records go."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def started(output: str) -> set[str]:
    """Names of the checks that a run began."""
    return {line.split()[1] for line in output.splitlines() if line.startswith("begin ")}


def test_what_is_fresh_is_skipped_and_said_so(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify(exit_code=0)
    output = laboratory.verify(exit_code=0)
    assert started(output) == set()
    assert "0 ran, 1 fresh" in output
    assert "pass (fresh)" in output


def test_force_runs_what_is_fresh(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify(exit_code=0)
    assert started(laboratory.verify("--force", exit_code=0)) == {"one/centre"}


def test_a_fresh_record_still_decides_the_exit_code(laboratory: Any, check: Any) -> None:
    laboratory.plant("lie", check(expect={"at_least": 0.7}, controls=[
        {"name": "lower", "why": "lower still", "params": {"centre": -1.0}}
    ]))  # fmt: skip
    laboratory.verify(exit_code=1)
    output = laboratory.verify(exit_code=1)
    assert "0 ran, 1 fresh" in output


def test_an_error_is_never_fresh(laboratory: Any, check: Any, settings: Any) -> None:
    laboratory.plant("broken", check(quick=settings({"how": "raise"})))
    laboratory.verify(exit_code=3)
    assert started(laboratory.verify(exit_code=3)) == {"broken/centre"}


def test_editing_one_claim_redoes_that_claim_alone(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.plant("two")
    laboratory.verify(exit_code=0)
    laboratory.edit("claims/laws/two.yaml", '"within": 0.5', '"within": 0.6')
    assert started(laboratory.verify(exit_code=0)) == {"two/centre"}


def test_editing_prose_redoes_nothing(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify(exit_code=0)
    laboratory.edit("claims/laws/one.yaml", "None known.", "None at all.")
    assert started(laboratory.verify(exit_code=0)) == set()


def test_editing_an_instrument_redoes_those_who_use_it(laboratory: Any, check: Any) -> None:
    ruler = laboratory.root / "checkers/instruments/ruler.py"
    ruler.parent.mkdir()
    ruler.with_name("__init__.py").write_text("")
    ruler.write_text("UNIT = 1.0\n")
    source = "from checkers.instruments.ruler import UNIT\nfrom checkers.laws.planted import measure as planted\n"
    source += "def measure(trials, *, centre: float = 0.0):\n    return planted(trials, centre=UNIT * centre)\n"
    (laboratory.root / "checkers/laws/measured.py").write_text(source)
    laboratory.plant("one")
    laboratory.plant("two", check(checker="checkers.laws.measured:measure"))
    laboratory.verify(exit_code=0)
    ruler.write_text("# in metres\nUNIT = 1.0\n")
    assert started(laboratory.verify(exit_code=0)) == set()
    ruler.write_text("UNIT = 1.0 + 0.25\n")
    assert started(laboratory.verify(exit_code=0)) == {"two/centre"}
    (control,) = laboratory.record("two/centre").controls
    assert control.estimate == pytest.approx(1.25 + laboratory.record("two/centre").estimate)


def test_local_records_leave_the_published_ones_alone(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify(exit_code=0)
    assert laboratory.path("one/centre").exists()
    assert not (laboratory.root / "evidence").exists()


def test_published_evidence_does_not_spare_this_machine_the_work(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify("--publish", exit_code=0)
    assert laboratory.path("one/centre", published=True).exists()
    assert started(laboratory.verify("--publish", exit_code=0)) == set()
    assert started(laboratory.verify(exit_code=0)) == {"one/centre"}


def test_nothing_is_recorded_where_that_is_asked_for(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify("--no-record", exit_code=0)
    assert not laboratory.path("one/centre").exists()


def test_seed_base_shifts_all_seeds_and_asks_for_its_own_records(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify(exit_code=0)
    assert started(laboratory.verify("--seed-base", "20260101", exit_code=0)) == {"one/centre"}
    record = laboratory.record("one/centre")
    assert record.seeds == list(range(20260101_000000, 20260101_000008))
    assert record.controls[0].seeds == record.seeds
    assert started(laboratory.verify("--seed-base", "20260101", exit_code=0)) == set()
    assert started(laboratory.verify(exit_code=0)) == set()


def test_a_damaged_record_is_reported_and_left_alone(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.plant("two")
    laboratory.verify(exit_code=0)
    path = laboratory.path("one/centre")
    path.write_bytes(path.read_bytes()[:100])
    # What was measured could not be recorded, which is no success.
    output = laboratory.verify(exit_code=2)
    assert started(output) == {"one/centre"}
    assert "one/centre: .lawbook/evidence/one/centre.quick.cpu.json" in output
    assert path.stat().st_size == 100
    assert laboratory.record("two/centre").outcome == "pass"


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/etc/passwd", path)])
def test_what_no_record_can_replace_is_no_success(laboratory: Any, make: Callable[[Path], None]) -> None:
    laboratory.plant("one")
    laboratory.verify(exit_code=0)
    path = laboratory.path("one/centre")
    path.unlink()
    make(path)
    output = laboratory.verify("--force", exit_code=2)
    assert ".lawbook/evidence/one/centre.quick.cpu.json" in output


def test_a_store_that_takes_no_records_is_told_before_the_work(laboratory: Any) -> None:
    laboratory.plant("one")
    (laboratory.root / "evidence").write_text("a file in the way")
    output = laboratory.verify("--publish", exit_code=2)
    assert "no record can be written to evidence: File exists; --no-record runs without recording" in output
    assert started(output) == set()
    assert started(laboratory.verify("--no-record", exit_code=0)) == {"one/centre"}


def test_a_store_that_stops_taking_records_is_no_success(laboratory: Any) -> None:
    laboratory.plant("one")
    (laboratory.root / "evidence").mkdir()
    (laboratory.root / "evidence/one").write_text("a file in the way")
    output = laboratory.verify("--publish", exit_code=2)
    assert "Not recorded:\n  one/centre: " in output


def test_a_report_that_cannot_be_written_is_told_before_the_work(laboratory: Any, tmp_path: Path) -> None:
    laboratory.plant("one")
    (tmp_path / "file").write_text("in the way")
    output = laboratory.verify("--report", str(tmp_path / "file/report.json"), exit_code=2)
    assert "report.json: " in output
    assert started(output) == set()


def test_open_problems_are_a_strand_to_select(laboratory: Any, check: Any, positive: Any) -> None:
    laboratory.plant("one")
    problem = laboratory.root / "claims/open-problems/noise-in-the-dark.yaml"
    problem.write_text(problem.read_text() + f"checks: [{json.dumps(positive(check()))}]\n")
    output = laboratory.verify("--strand", "open-problems", exit_code=0)
    assert started(output) == {"noise-in-the-dark/centre"}


def test_a_disabled_check_is_listed_and_never_run(laboratory: Any, check: Any) -> None:
    laboratory.plant("one", check(), check("other", disabled="the data set is gone"))
    output = laboratory.verify("--force", exit_code=0)
    assert started(output) == {"one/centre"}
    assert "one/other: disabled: the data set is gone" in output
    assert "1 did not run: 1 (disabled)" in output


def test_published_evidence_whose_check_is_gone_is_told_loudly(laboratory: Any, check: Any) -> None:
    laboratory.plant("one", check(), check("other"))
    laboratory.plant("gone")
    laboratory.verify("--publish", exit_code=0)
    laboratory.plant("one", check())
    (laboratory.root / "claims/laws/gone.yaml").unlink()
    output = laboratory.verify(exit_code=0)
    assert "Retired: published evidence of checks that no claim file names any more" in output
    assert "one/other, quick tier, cpu" in output
    assert "gone/centre, quick tier, cpu" in output
    assert "  one/centre, quick tier" not in output


def test_the_report_has_the_agreed_form(laboratory: Any, check: Any, tmp_path: Path) -> None:
    laboratory.plant("one", check(expect={"at_most": 0.5}))
    laboratory.plant("idle", check(full={"seeds": 8, "timeout": 9}, disabled="broken"))
    laboratory.verify("--report", str(tmp_path / "new" / "report.json"), exit_code=0)
    report = json.loads((tmp_path / "new" / "report.json").read_text())
    assert set(report) == {"schema", "environment", "claims", "not_measured", "not_reached"}
    assert report["schema"] == 1
    assert {"torch", "python", "device", "commit"} <= set(report["environment"])
    claims = {claim["id"]: claim for claim in report["claims"]}
    one = claims["one"]
    assert {key: one[key] for key in ("status", "standing", "as_expected")} == {
        "status": "pass",
        "standing": "established",
        "as_expected": True,
    }
    assert (claims["idle"]["status"], claims["idle"]["as_expected"]) == ("unverified", None)
    (told,) = one["checks"]
    keys = ["name", "tier", "outcome", "estimate", "interval", "accept", "seeds", "values"]
    assert list(told) == [*keys, "controls", "seconds", "reason", "method", "expect", "rivals"]
    assert told["accept"] == [None, 0.5]
    assert told["seeds"] == list(range(8))
    assert [set(control) for control in told["controls"]] == [
        {"name", "outcome", "estimate", "interval", "role", "accept"}
    ]


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def test_changed_since_selects_what_a_branch_touched(laboratory: Any, check: Any) -> None:
    source = "from checkers.laws.planted import measure as planted\n"
    source += "def measure(trials, *, centre: float = 0.0):\n    return planted(trials, centre=centre)\n"
    (laboratory.root / "checkers/laws/other.py").write_text(source)
    for id in ("one", "two"):
        laboratory.plant(id)
    laboratory.plant("three", check(checker="checkers.laws.other:measure"))
    git(laboratory.root, "init", "-q")
    git(laboratory.root, "add", ".")
    git(laboratory.root, "commit", "-qm", "start")
    laboratory.verify("--changed-since", "HEAD", exit_code=2)
    laboratory.plant("four")
    laboratory.edit("claims/laws/two.yaml", "None known.", "Some known.")
    assert started(laboratory.verify("--changed-since", "HEAD", exit_code=0)) == {"two/centre", "four/centre"}
    git(laboratory.root, "add", ".")
    git(laboratory.root, "commit", "-qm", "more")
    laboratory.edit("checkers/laws/other.py", "centre=centre", "centre=1 * centre")
    assert started(laboratory.verify("--changed-since", "HEAD", exit_code=0)) == {"three/centre"}
    record = laboratory.record("three/centre")
    assert len(record.environment.commit) == 40
    assert record.environment.modified


def test_an_unknown_revision_is_bad_usage(laboratory: Any) -> None:
    laboratory.plant("one")
    output = laboratory.verify("--changed-since", "nowhere", exit_code=2)
    assert "--changed-since nowhere: " in output


def test_a_strand_or_ids_narrow_the_selection(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.plant("two")
    laboratory.plant("three", strand="limits")
    assert started(laboratory.verify("two", exit_code=0)) == {"two/centre"}
    assert started(laboratory.verify("--strand", "limits", exit_code=0)) == {"three/centre"}


@pytest.mark.parametrize("arguments", [("--tier", "full"), ("--strand", "solvable"), ("noise-in-the-dark",)])
def test_a_run_that_selects_no_check_is_bad_usage(laboratory: Any, arguments: tuple[str, ...]) -> None:
    laboratory.plant("one")
    assert "no check selected" in laboratory.verify(*arguments, exit_code=2)


def test_a_registry_of_disabled_checks_alone_verifies_nothing(laboratory: Any, check: Any) -> None:
    laboratory.plant("one", check(disabled="later"))
    assert "disabled: later" in laboratory.verify(exit_code=2)


def test_an_unknown_id_is_bad_usage_that_names_the_nearest(laboratory: Any) -> None:
    laboratory.plant("edge-of-stability")
    assert "did you mean 'edge-of-stability'?" in laboratory.verify("edge-of-stabilty", exit_code=2)


def test_an_invalid_registry_is_not_run(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.edit("claims/laws/one.yaml", "gauss1809theoria", "nobody1809nothing")
    output = laboratory.run("verify").output
    assert "nobody1809nothing" in output
    laboratory.verify(exit_code=2)
    assert not laboratory.path("one/centre").exists()


def test_publishing_without_recording_makes_no_sense(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify("--publish", "--no-record", exit_code=2)
