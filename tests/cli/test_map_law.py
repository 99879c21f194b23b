"""`lawbook map` measures what is missing, records each cell at once, and goes on where it was cut off."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lawbook.cli import main

Make = Callable[[Mapping[str, Any]], Path]
CLAIM = "claims/laws/noise-averages-out.yaml"
MAP = """maps:
  - name: centre-and-spread
    check: centre
    over: {centre: [0.0, 1.0], spread: [0.01, 0.02]}
    holds: 0.5 - centre
    why: where it shows
"""
CELLS = ".lawbook/evidence/noise-averages-out/maps/centre-and-spread.quick.cpu.jsonl"


@pytest.fixture
def root(make_registry: Make) -> Path:
    whole = (Path(__file__).parents[1] / "tiny_registry" / CLAIM).read_text()
    return make_registry({CLAIM: whole + MAP})


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["map", *arguments, "--jobs", "1", "--root", str(root)])


def test_every_cell_is_measured_and_judged_where_it_stands(root: Path) -> None:
    done = run(root, "noise-averages-out")
    assert done.exit_code == 0, done.output
    assert "4 cells: 4 to measure, 0 fresh" in done.output
    assert "noise-averages-out/centre-and-spread: 2 pass, 2 fail" in done.output
    lines = [json.loads(line) for line in (root / CELLS).read_text().splitlines()]
    assert {(line["at"]["centre"], line["outcome"]) for line in lines} == {(0.0, "pass"), (1.0, "fail")}


def test_only_what_is_missing_or_stale_runs_again(root: Path) -> None:
    run(root, "noise-averages-out")
    lines = (root / CELLS).read_text().splitlines(keepends=True)
    (root / CELLS).write_text("".join(lines[1:]))
    assert "1 to measure, 3 fresh" in run(root, "noise-averages-out/centre-and-spread").output
    checker = root / "checkers/laws/example.py"
    checker.write_text(checker.read_text().replace("gauss(centre, spread)", "gauss(centre, 1.0 * spread)"))
    assert "4 to measure, 0 fresh" in run(root, "noise-averages-out").output


def test_a_spent_budget_says_what_was_not_reached(root: Path) -> None:
    done = run(root, "noise-averages-out", "--budget", "0.000001s")
    assert done.exit_code == 0
    assert "cells were not reached; run again" in done.output


def test_a_checker_that_errs_ends_in_three_and_its_cell_is_measured_again(root: Path) -> None:
    checker = root / "checkers/laws/example.py"
    whole = checker.read_text()
    checker.write_text(whole.replace("    values =", "    assert spread < 0.015, 'too wide'\n    values ="))
    done = run(root, "noise-averages-out")
    assert done.exit_code == 3
    assert "too wide" in done.output
    assert "2 error" in done.output
    checker.write_text(whole)
    assert run(root, "noise-averages-out").exit_code == 0


@pytest.mark.parametrize("reached", ["true", "false"])
def test_a_cell_that_diverges_is_recorded_like_any_other(root: Path, reached: str) -> None:
    checker = root / "checkers/laws/example.py"
    spoilt = "    values[:2] = [float('inf'), float('-inf')]\n    return Measurement("
    whole = checker.read_text().replace("    return Measurement(", spoilt)
    checker.write_text(whole.replace("reached: bool = True", f"reached: bool = {reached.title()}"))
    done = run(root, "noise-averages-out")
    assert done.exit_code == 3, done.output
    assert "4 error" in done.output
    lines = [json.loads(line) for line in (root / CELLS).read_text().splitlines()]
    assert len(lines) == 4
    assert not any(line.get("estimate") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("noise-averages-in",), "did you mean 'noise-averages-out'?"),
        (("noise-averages-out/centre",), "has no map 'centre'"),
        (("noise-is-positive",), "noise-is-positive has no map"),
        (("noise-averages-out", "--budget", "soon"), "'soon' is no length of time; write it as 90s"),
    ],
)
def test_what_cannot_be_drawn_is_told(root: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run(root, *arguments)
    assert done.exit_code == 2
    assert said in done.output
