"""Recorded numbers come out again, or it is said that they do not."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lawbook.verification.reproduction import largest_difference


def test_a_record_is_reproduced_look_by_look(laboratory: Any, check: Any, settings: Any, tmp_path: Any) -> None:
    log = tmp_path / "log"
    controls = [{"name": "shifted", "why": "off", "params": {"centre": 9.0, "place": ""}}]
    wide = settings({"spread": 1.0, "place": str(log)}, seeds=3, max_seeds=24)
    laboratory.plant("wide", check(quick=wide, controls=controls, expect={"equals": 0.0, "within": 1.2}))
    laboratory.verify(exit_code=0)
    batches = laboratory.record("wide/centre").batches
    assert len(batches) > 1
    log.unlink()
    result = laboratory.run("reproduce", "wide/centre", "--jobs", "1")
    assert result.exit_code == 0, result.output
    assert "same       wide/centre: " in result.output
    assert "same       wide/centre · shifted: " in result.output
    assert [int(line.split()[1]) for line in log.read_text().splitlines()] == batches


def test_numbers_that_differ_are_told_and_fail(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify(exit_code=0)
    laboratory.edit("checkers/laws/planted.py", "gauss(centre, spread)", "gauss(centre, spread) + 0.01")
    result = laboratory.run("reproduce", "one")
    assert result.exit_code == 1
    assert "DIFFERENT  one/centre" in result.output
    assert "one/centre is stale: the code that it runs has changed" in result.output
    assert laboratory.run("reproduce", "one", "--tolerance", "10").exit_code == 0


def test_a_checker_that_falls_meanwhile_is_told(laboratory: Any) -> None:
    laboratory.plant("one")
    laboratory.verify(exit_code=0)
    laboratory.edit("checkers/laws/planted.py", 'if how == "raise"', "if True")
    result = laboratory.run("reproduce", "one")
    assert result.exit_code == 3
    assert "the ground gave way" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody",), "has the id 'nobody'"),
        (("one/nothing",), "'one' has no check 'nothing'"),
        (("one",), "nothing is recorded of 'one' at the quick tier"),
    ],
)
def test_what_cannot_be_reproduced_is_bad_usage(laboratory: Any, arguments: tuple[str, ...], said: str) -> None:
    laboratory.plant("one")
    result = laboratory.run("reproduce", *arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_differences_are_relative_to_the_largest_recorded_value() -> None:
    assert largest_difference([1.0, -4.0], [1.0, -4.0]) == 0.0
    assert largest_difference([1.0, -4.0], [1.2, -4.0]) == pytest.approx(0.05)
    assert largest_difference([0.0, 0.0], [0.0, 0.5]) == 0.5
    assert largest_difference([None, 1.0], [math.nan, 1.0]) == 0.0
    assert largest_difference([1.0, 1.0], [math.nan, 1.0]) == math.inf
