"""Lint asks of each check that it could have failed, and, where nothing is settled, that it could have passed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lawbook.registry.load import lint

Make = Callable[[Mapping[str, Any]], Path]
CLAIM = "claims/laws/noise-averages-out.yaml"
REFUTED = "claims/limits/noise-is-positive.yaml"


def test_a_check_whose_controls_are_all_positive_could_not_fail(make_registry: Make) -> None:
    root = make_registry({CLAIM: ("      - name: shifted\n", "      - name: shifted\n        role: positive\n")})
    (mistake,) = lint(root)
    assert "no control is negative" in str(mistake)
    assert mistake.path == Path(CLAIM)


@pytest.mark.parametrize("standing", ["contested", "refuted", "conjectured"])
def test_what_is_not_established_needs_a_control_that_must_pass(make_registry: Make, standing: str) -> None:
    root = make_registry({CLAIM: ("standing: established", f"standing: {standing}")})
    (mistake,) = lint(root)
    assert f"a check of a claim that is {standing} needs a positive control" in str(mistake)


def test_so_does_a_probe_of_an_open_problem(make_registry: Make, tiny_claim: str) -> None:
    problem = "claims/open-problems/noise-in-the-dark.yaml"
    checks = tiny_claim[tiny_claim.index("checks:") :]
    root = make_registry({problem: ("relations:", f"{checks}relations:")})
    (mistake,) = lint(root)
    assert "probes an open problem" in str(mistake)


@pytest.mark.parametrize(
    ("role", "expect"), [("positive", "fail"), ("positive", "out-of-regime"), ("negative", "pass")]
)
def test_a_control_must_come_out_as_its_role_can(make_registry: Make, role: str, expect: str) -> None:
    root = make_registry(
        {
            CLAIM: (
                "      - name: shifted\n",
                f"      - name: shifted\n        role: {role}\n        expect: {expect}\n",
            )
        }
    )
    told = "\n".join(map(str, lint(root)))
    assert f"a {role} control must come out" in told


@pytest.fixture
def tiny_claim() -> str:
    return (Path(__file__).parents[1] / "tiny_registry" / CLAIM).read_text()
