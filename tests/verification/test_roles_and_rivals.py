"""A verdict says what it excludes: controls by their role, rivals by what they predict or measure."""

from __future__ import annotations

from typing import Any

import pytest

from lawbook.evidence.history import read_history

NEGATIVE = {"name": "shifted", "why": "ten standard deviations away", "params": {"centre": 1.0}}
POSITIVE = {"name": "wider", "role": "positive", "why": "the centre stays", "params": {"spread": 0.12}}


def test_a_positive_control_that_passes_leaves_the_verdict_alone(laboratory: Any, check: Any) -> None:
    laboratory.plant("one", check(controls=[NEGATIVE, POSITIVE]), standing="contested")
    laboratory.verify(exit_code=0)
    record = laboratory.record("one/centre")
    assert record.outcome == "pass"
    assert [(control.role, control.outcome) for control in record.controls] == [
        ("negative", "fail"),
        ("positive", "pass"),
    ]


def test_a_positive_control_that_does_not_pass_voids_the_check_and_says_so(laboratory: Any, check: Any) -> None:
    mute = {**POSITIVE, "params": {"centre": 3.0}}
    laboratory.plant("one", check(controls=[NEGATIVE, mute]))
    laboratory.verify(exit_code=1)
    record = laboratory.record("one/centre")
    assert record.outcome == "void"
    assert "control 'wider' should come out 'pass' and came out 'fail', at 3" in record.reason
    assert "could not have said yes" in record.reason


def test_each_arm_is_judged_by_the_formula_at_its_own_parameters(laboratory: Any, check: Any) -> None:
    moved = {**POSITIVE, "name": "elsewhere", "params": {"centre": 4.0}}
    named = {**NEGATIVE, "judge_with": {"centre": 0.0}}
    laboratory.plant("one", check(expect={"equals": "2 * centre - centre", "within": 0.5}, controls=[named, moved]))
    laboratory.verify(exit_code=0)
    record = laboratory.record("one/centre")
    assert record.expect == "2 * centre - centre ± 0.5"
    assert record.accept == (-0.5, 0.5)
    assert [control.accept for control in record.controls] == [(-0.5, 0.5), (3.5, 4.5)]


def test_a_rival_that_predicts_is_excluded_by_a_pass_in_standard_errors(laboratory: Any, check: Any) -> None:
    rival = {"name": "one-apart", "predicts": "centre + 1", "why": "says who"}
    laboratory.plant("one", check(rivals=[rival]))
    output = laboratory.verify(exit_code=0)
    (found,) = laboratory.record("one/centre").rivals
    assert (found.name, found.excluded, found.predicts) == ("one-apart", True, (1.0, 1.0))
    assert 10 < found.away < 100
    assert "one-apart: excluded by" in output


def test_a_rival_that_is_asked_must_fail_or_the_check_does_not_tell_the_law_from_it(
    laboratory: Any, check: Any
) -> None:
    alike = {"name": "alike", "params": {"spread": 0.11}, "why": "the same numbers"}
    other = {"name": "other", "params": {"centre": 2.0}, "why": "other numbers"}
    laboratory.plant("one", check(rivals=[other]))
    laboratory.plant("two", check(rivals=[other, alike]))
    laboratory.verify(exit_code=1)
    told, untold = laboratory.record("one/centre"), laboratory.record("two/centre")
    assert (told.outcome, told.rivals[0].outcome, told.rivals[0].excluded) == ("pass", "fail", True)
    assert (untold.outcome, untold.reason) == ("inconclusive", "does not tell the law from 'alike'")


def test_a_rival_is_not_asked_where_the_check_does_not_pass(laboratory: Any, check: Any, settings: Any) -> None:
    broken = {"name": "broken", "params": {"how": "raise"}, "why": "never asked"}
    laboratory.plant("one", check(quick=settings({"centre": 5.0}), rivals=[broken]))
    laboratory.verify(exit_code=1)
    record = laboratory.record("one/centre")
    assert (record.outcome, record.rivals) == ("fail", [])


def test_a_rival_that_errors_makes_the_check_an_error(laboratory: Any, check: Any) -> None:
    broken = {"name": "broken", "params": {"how": "raise"}, "why": "asked"}
    laboratory.plant("one", check(rivals=[broken]))
    laboratory.verify(exit_code=3)
    assert "rival 'broken': checkers/laws/planted.py:" in laboratory.record("one/centre").reason


@pytest.mark.parametrize("method", ["calculation", "identity"])
def test_what_is_no_experiment_says_so_beside_the_outcome(laboratory: Any, check: Any, method: str) -> None:
    laboratory.plant("one", check(method=method))
    assert f"pass ({method})" in laboratory.verify(exit_code=0)
    assert laboratory.record("one/centre").method == method


def test_a_moved_region_is_told_by_every_later_run(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify(exit_code=0)
    laboratory.edit("claims/laws/one.yaml", '"within": 0.5', '"within": 0.7')
    told = "one/centre: region moved after 1 run: [-0.5, 0.5] → [-0.7, 0.7]"
    first, second = laboratory.verify(exit_code=0), laboratory.verify(exit_code=0)
    assert told in first
    assert told in second
    assert "not judged since" not in first + second
    assert "region moved after 1 run" in laboratory.run("show", "one").output


def test_two_bases_share_no_seed(laboratory: Any) -> None:
    laboratory.plant("one")
    nights = []
    for base in ("20261124", "20261125"):
        laboratory.verify("--seed-base", base, exit_code=0)
        nights.append(set(laboratory.record("one/centre").seeds))
    assert not nights[0] & nights[1]


def test_a_line_of_history_is_short_and_holds_what_pooling_and_moved_regions_need(laboratory: Any) -> None:
    laboratory.plant("a-claim-whose-name-is-as-long-as-any-in-the-book")
    laboratory.verify("--seed-base", "20261124", exit_code=0)
    (file,) = (laboratory.root / ".lawbook/evidence/history").iterdir()
    assert len(file.read_bytes()) < 400
    ((line,), _) = read_history(laboratory.root / ".lawbook/evidence")
    for held in (line.accept, line.error, line.seeds, line.seed_base, line.measures, line.law, line.interval):
        assert held


def test_a_known_failure_is_as_expected_while_it_fails_and_told_when_it_stops(
    laboratory: Any, check: Any, settings: Any
) -> None:
    laboratory.plant("one", check(quick=settings({"centre": 5.0})))
    path = "claims/laws/one.yaml"
    laboratory.edit(path, '"limits"', '"known_failure": {"reason": "here", "since": "2026-11-26"}, "limits"')
    laboratory.verify(exit_code=0)
    laboratory.edit(path, '"centre": 5.0', '"centre": 0.0')
    assert "known to fail" in laboratory.verify(exit_code=1)


def test_review_asks_what_a_record_answers_and_fresh_seeds_are_not_recorded(laboratory: Any, check: Any) -> None:
    laboratory.plant("one", check(varies=["data"]))
    laboratory.verify(exit_code=0)
    before = laboratory.record("one/centre")
    result = laboratory.run("review", "one", "--fresh", "2")
    assert result.exit_code == 0, result.output
    assert "! Which other answers are excluded? none is named" in result.output
    assert "2 of 2: pass" in result.output
    assert "2 of 2 (check, block) pairs keep their outcome, 100.0 %" in result.output
    assert laboratory.record("one/centre") == before


def test_a_rival_that_was_asked_is_reproduced_with_the_rest(laboratory: Any, check: Any) -> None:
    laboratory.plant("one", check(rivals=[{"name": "other", "params": {"centre": 2.0}, "why": "other numbers"}]))
    laboratory.verify(exit_code=0)
    result = laboratory.run("reproduce", "one")
    assert result.exit_code == 0, result.output
    assert "one/centre · other: 8 values" in result.output
