"""What `verify` makes of honest, false and broken experiments."""

from __future__ import annotations

import sys
from typing import Any

import pytest


def test_a_true_claim_passes(laboratory: Any) -> None:
    laboratory.plant("true")
    output = laboratory.verify(exit_code=0)
    record = laboratory.record("true/centre")
    assert (record.outcome, record.reason, record.looks) == ("pass", "", 1)
    assert record.seeds == list(range(8))
    assert "shifted: fail ✓" in output
    assert "1 ran, 0 fresh, 0 did not run" in output


def test_a_planted_lie_fails(laboratory: Any, check: Any, settings: Any) -> None:
    laboratory.plant("lie", check(quick=settings({"centre": 3.0}), controls=[
        {"name": "shifted", "why": "further off", "params": {"centre": 5.0}}
    ]))  # fmt: skip
    output = laboratory.verify(exit_code=1)
    assert laboratory.record("lie/centre").outcome == "fail"
    assert "lie: fail, while its standing is established" in output


def test_a_refuted_claim_that_fails_is_as_expected(laboratory: Any, check: Any, positive: Any) -> None:
    lower = [{"name": "lower", "why": "lower still", "params": {"centre": -1.0}}]
    refuted = positive(check(expect={"at_least": 0.7}, controls=lower), centre=1.0)
    laboratory.plant("refuted", refuted, standing="refuted")
    laboratory.verify(exit_code=0)


def test_a_refuted_claim_that_passes_is_not_as_expected(laboratory: Any, check: Any, positive: Any) -> None:
    laboratory.plant("revived", positive(check()), standing="refuted")
    laboratory.verify(exit_code=1)


def test_a_control_in_which_the_claim_holds_voids_the_check(laboratory: Any, check: Any) -> None:
    toothless = [{"name": "toothless", "why": "it should fail", "params": {"centre": 0.01}}]
    laboratory.plant("void", check(controls=toothless))
    output = laboratory.verify(exit_code=1)
    record = laboratory.record("void/centre")
    assert record.outcome == "void"
    assert "control 'toothless' should come out 'fail' and came out 'pass'" in record.reason
    assert "− toothless: pass at 0.0" in output
    assert "accepted [-0.5, 0.5] ✗" in output


def test_a_void_control_voids_a_failing_check_too(laboratory: Any, check: Any, settings: Any) -> None:
    toothless = [{"name": "toothless", "why": "it should fail", "params": {"centre": 0.0}}]
    laboratory.plant("void", check(quick=settings({"centre": 3.0}), controls=toothless))
    laboratory.verify(exit_code=1)
    assert laboratory.record("void/centre").outcome == "void"


def test_a_check_out_of_regime_is_inconclusive_after_all_its_seeds(laboratory: Any, check: Any, settings: Any) -> None:
    controls = [{"name": "shifted", "why": "off", "params": {"centre": 1.0, "share": 1.0}}]
    laboratory.plant("early", check(quick=settings({"share": 0.5}), controls=controls))
    laboratory.verify(exit_code=1)
    record = laboratory.record("early/centre")
    assert record.outcome == "inconclusive"
    assert "16 of 32 seeds are in regime" in record.reason
    assert record.batches == [8, 8, 16]


def test_a_control_may_expect_to_be_out_of_regime(laboratory: Any, check: Any) -> None:
    controls = [{"name": "early", "why": "never gets there", "params": {"share": 0.5}, "expect": "out-of-regime"}]
    laboratory.plant("true", check(controls=controls))
    laboratory.verify(exit_code=0)
    (control,) = laboratory.record("true/centre").controls
    assert (control.outcome, control.as_expected, len(control.seeds)) == ("out-of-regime", True, 8)


def test_seeds_double_while_inconclusive_and_each_is_measured_once(
    laboratory: Any, check: Any, settings: Any, tmp_path: Any
) -> None:
    log = tmp_path / "log"
    params = {"spread": 1.0, "place": str(log)}
    controls = [{"name": "shifted", "why": "off", "params": {"centre": 9.0, "place": ""}}]
    laboratory.plant("wide", check(quick=settings(params, seeds=3, max_seeds=24), controls=controls,
                                   expect={"equals": 0.0, "within": 1.2}))  # fmt: skip
    laboratory.verify(exit_code=0)
    record = laboratory.record("wide/centre")
    assert record.looks > 1
    assert record.batches == [3, 3, 6, 12][: record.looks]
    assert record.seeds == list(range(sum(record.batches)))
    assert [int(line.split()[1]) for line in log.read_text().splitlines()] == record.batches
    assert len(record.values) == len(record.seeds) == len(record.in_regime)


def test_a_problems_probe_runs_and_has_no_expectation(
    laboratory: Any, check: Any, settings: Any, positive: Any
) -> None:
    laboratory.plant("true")
    further = [{"name": "further", "why": "off", "params": {"centre": 4.0}}]
    probe = positive(check(quick=settings({"centre": 1.0}), controls=further))
    problem = laboratory.root / "claims/open-problems/noise-in-the-dark.yaml"
    import json

    problem.write_text(problem.read_text() + f"checks: [{json.dumps(probe)}]\n")
    laboratory.verify(exit_code=0)
    assert laboratory.record("noise-in-the-dark/centre").outcome == "fail"


BROKEN = {
    "raises": ({"how": "raise"}, "RuntimeError: the ground gave way, at `raise RuntimeError("),
    "mute": ({"how": "mute"}, "Mute: (its text cannot be had: ValueError), at `raise Mute`"),
    "garbles": ({"how": "garble"}, "RuntimeError: first second \\x1b[2J \\ud800 xxx"),
    "hangs": ({"how": "hang"}, "timed out after 1 seconds"),
    "killed": ({"how": "kill"}, "the worker was killed by SIGKILL"),
    "exits": ({"how": "exit"}, "the worker ended with status 7"),
    "hogs": ({"how": "hog"}, "over its limit of 300 MiB"),
    "not-finite": ({"how": "nan"}, "the value of seed 7 is nan, not a finite number"),
    "short": ({"how": "short"}, "returned 7 values for 8 seeds"),
    "wrong": ({"how": "wrong"}, "returned list; a checker returns a lawbook.Measurement"),
}


def test_whatever_a_checker_does_is_an_error_of_its_own_and_the_others_finish(
    laboratory: Any, check: Any, settings: Any
) -> None:
    honest = [{"name": "shifted", "why": "off", "params": {"centre": 1.0, "how": "well"}}]
    for id, (params, _) in BROKEN.items():
        limits = {"timeout": 1} if id == "hangs" else {"memory": 300} if id == "hogs" else {}
        laboratory.plant(id, check(quick=settings(params, **limits), controls=honest))
    laboratory.plant("true")
    output = laboratory.verify("--jobs", "4", exit_code=3)
    for id, (_, reason) in BROKEN.items():
        record = laboratory.record(f"{id}/centre")
        assert record.outcome == "error", id
        assert reason in record.reason
        assert reason in output
    assert laboratory.record("true/centre").outcome == "pass"
    assert "about to fall" in laboratory.record("raises/centre").output
    assert "Traceback" not in output
    assert laboratory.record("not-finite/centre").values[-1] is None


def test_a_control_that_errors_makes_the_check_an_error(laboratory: Any, check: Any) -> None:
    controls = [{"name": "shifted", "why": "off", "params": {"how": "raise"}}]
    laboratory.plant("broken", check(controls=controls))
    laboratory.verify(exit_code=3)
    assert "control 'shifted': checkers/laws/planted.py:" in laboratory.record("broken/centre").reason


def test_once_a_check_has_errored_its_other_measurements_are_not_started(
    laboratory: Any, check: Any, settings: Any, tmp_path: Any
) -> None:
    log = tmp_path / "log"
    controls = [{"name": "shifted", "why": "off", "params": {"how": "well", "place": str(log)}}]
    laboratory.plant("broken", check(quick=settings({"how": "raise"}), controls=controls))
    laboratory.verify("--jobs", "1", exit_code=3)
    assert not log.exists()
    record = laboratory.record("broken/centre")
    assert record.notes == ["control 'shifted' was not run, as another measurement had errored"]


def test_only_the_end_of_a_long_output_is_kept(laboratory: Any, check: Any, settings: Any) -> None:
    laboratory.plant("loud", check(quick=settings({"how": "loud"})))
    laboratory.verify(exit_code=3)
    record = laboratory.record("loud/centre")
    assert len(record.output) <= 4000
    assert "RuntimeError: said too much" in record.reason


def test_what_a_checker_says_cannot_steer_the_terminal_or_flood_the_record(
    laboratory: Any, check: Any, settings: Any
) -> None:
    honest = [{"name": "shifted", "why": "off", "params": {"centre": 1.0, "how": "well"}}]
    laboratory.plant("garbles", check(quick=settings({"how": "garble"}), controls=honest))
    laboratory.plant("remarks", check(quick=settings({"how": "remark"}), controls=honest))
    output = laboratory.verify(exit_code=3)
    assert "\x1b" not in output
    assert len(laboratory.record("garbles/centre").reason) < 2200
    (note,) = laboratory.record("remarks/centre").notes
    assert note.startswith("first second \\x1b[2J \\ud800 xxx")
    assert len(note) < 1200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to an ancestor")
def test_what_a_checker_detached_from_itself_dies_with_it_too(
    laboratory: Any, check: Any, settings: Any, tmp_path: Any
) -> None:
    import psutil

    place = tmp_path / "child"
    laboratory.plant("detaches", check(quick=settings({"how": "detach", "place": str(place)}), controls=[
        {"name": "shifted", "why": "off", "params": {"centre": 1.0, "how": "well", "place": ""}}
    ]))  # fmt: skip
    laboratory.verify("--jobs", "1", exit_code=0)
    assert not psutil.pid_exists(int(place.read_text()))


def test_what_a_checker_started_dies_with_it(laboratory: Any, check: Any, settings: Any, tmp_path: Any) -> None:
    import psutil

    place = tmp_path / "child"
    laboratory.plant("spawns", check(quick=settings({"how": "spawn", "place": str(place)}, timeout=1)))
    laboratory.verify("--jobs", "1", exit_code=3)
    child = int(place.read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_the_death_of_the_fork_server_costs_what_ran_and_no_more(laboratory: Any, check: Any, settings: Any) -> None:
    honest = [{"name": "shifted", "why": "off", "params": {"centre": 1.0, "how": "well"}}]
    laboratory.plant("a-orphan", check(quick=settings({"how": "orphan"}), controls=honest))
    laboratory.plant("b-true")
    laboratory.verify("--jobs", "1", exit_code=3)
    assert "the process that forks the workers died" in laboratory.record("a-orphan/centre").reason
    assert laboratory.record("b-true/centre").outcome == "pass"


def test_params_meet_the_checkers_annotations(laboratory: Any, check: Any, settings: Any) -> None:
    laboratory.plant("true", check(quick=settings({"pair": [1, 2]})))
    laboratory.verify(exit_code=0)
    assert laboratory.record("true/centre").params == {"pair": [1, 2]}


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_numbers_do_not_depend_on_how_many_run_at_once(laboratory: Any, check: Any, jobs: str) -> None:
    for number in range(3):
        laboratory.plant(f"claim-{number}")
    laboratory.verify("--jobs", jobs, exit_code=0)
    values = {tuple(record.values) for record in laboratory.records().values()}
    assert len(values) == 1
