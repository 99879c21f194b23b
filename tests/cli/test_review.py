"""`lawbook review`: which questions are answered badly, which of these a claim explains, and which are open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from lawbook.cli import main

AVERAGES, POSITIVE = "noise-averages-out/centre", "noise-is-positive/above-half"


def run(root: Path, *arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "--root", str(root)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def verified(tiny_registry: Path) -> Path:
    run(tiny_registry, "verify", "--device", "cpu")
    return tiny_registry


def explain(root: Path, **answers: str) -> None:
    claim = root / "claims/laws/noise-averages-out.yaml"
    said = "".join(f"      {key}: {sentence}\n" for key, sentence in answers.items())
    text = claim.read_text(encoding="utf-8")
    claim.write_text(
        text.replace("    confidence: 0.95\n", f"    answers:\n{said}    confidence: 0.95\n"), encoding="utf-8"
    )


def order(output: str) -> list[str]:
    return [line.partition(":")[0] for line in output.splitlines() if line.startswith("noise-")]


def test_what_is_answered_badly_is_open_until_the_claim_explains_it(verified: Path) -> None:
    before = run(verified, "review", "noise-averages-out")
    assert "centre: pass, 2 bad answers" in before
    assert "! What differs between them? not said" in before
    explain(verified, varies="the draws are of the standard library")
    after = run(verified, "review", "noise-averages-out")
    assert "centre: pass, 1 open bad answer, 1 explained" in after
    assert "~ What differs between them? not said\n      the draws are of the standard library\n" in after


def test_most_open_bad_answers_come_first_then_most_explained(verified: Path) -> None:
    assert order(run(verified, "review")) == [AVERAGES, POSITIVE]
    explain(verified, varies="the draws are of the standard library", rivals="none is published")
    told = run(verified, "review")
    assert order(told) == [POSITIVE, AVERAGES]
    assert "2 checks: 0 without a bad answer, 1 whose bad answers are all explained, 1 with an open one" in told


def test_an_answer_that_nobody_needs_is_told(verified: Path) -> None:
    explain(verified, seeds="they are many")
    assert "? 'answers' explains 'seeds', which is not answered badly" in run(verified, "review", "noise-averages-out")
    (found,) = json.loads(run(verified, "review", "noise-averages-out", "--json"))
    assert found["needless"] == ["seeds"]


def test_an_answer_makes_no_evidence_stale(verified: Path) -> None:
    explain(verified, seeds="they are many", rivals="none is published")
    assert "stale" not in run(verified, "list")
    assert "2 fresh" in run(verified, "verify", "--device", "cpu")


def test_programs_read_questions_by_their_keys(verified: Path) -> None:
    explain(verified, varies="the draws are of the standard library")
    (found,) = json.loads(run(verified, "review", "noise-averages-out", "--json"))
    (varies,) = [answer for answer in found["answers"] if answer["key"] == "varies"]
    assert varies["bad"]
    assert varies["explanation"] == "the draws are of the standard library"
