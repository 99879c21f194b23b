"""A check may answer a hostile reader's questions: by fixed keys, in prose that lint reads like any other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from lawbook.registry.answers import QUESTIONS, Answers, Question
from lawbook.registry.load import lint, load_registry

Make = Callable[[Mapping[str, Any]], Path]
CLAIM = "claims/laws/noise-averages-out.yaml"
LINE = 29


def answered(text: str) -> dict[str, Any]:
    """The claim with `answers` to its check at line 29."""
    return {CLAIM: ("    confidence: 0.95\n", f"    answers: {text}\n    confidence: 0.95\n")}


def test_a_check_may_answer_and_need_not(make_registry: Make) -> None:
    root = make_registry(answered("{rivals: none is published, width: theory allows that much}"))
    assert lint(root) == []
    check = load_registry(root).entries["noise-averages-out"].checks[0]
    assert check.answers is not None
    assert check.answers.given == ("width", "rivals")
    assert load_registry(root).entries["noise-is-positive"].checks[0].answers is None


@pytest.mark.parametrize(
    ("written", "column", "what", "meant"),
    [
        ("{rival: none is published}", 15, "unknown key 'rival'", "did you mean 'rivals'?"),
        ("{seeds: 8}", 22, "must be text, not the number 8", "put it in quotes"),
        ("{seeds: ''}", 22, "is blank", "write it"),
        ("none is published", 14, "must be a mapping", "badly answered"),
        ("{width: 'of order $\\frac{1$'}", 40, "in width", ""),
        ("{width: '[theory](nowhere.md)'}", 32, "in width: no claim or open problem has the id 'nowhere'", ""),
    ],
)
def test_lint_says_what_is_wrong_with_an_answer_and_where(
    make_registry: Make, written: str, column: int, what: str, meant: str
) -> None:
    (mistake,) = lint(make_registry(answered(written)))
    assert (mistake.path, mistake.line) == (Path(CLAIM), LINE)
    assert what in mistake.what
    assert meant in mistake.meant
    assert mistake.column == column


def test_a_comment_that_cuts_an_answer_is_told(make_registry: Make) -> None:
    root = make_registry(answered("\n      seeds: each of them is run # times four"))
    (mistake,) = lint(root)
    assert mistake.line == LINE + 1


def test_every_question_has_a_key_and_says_what_is_asked() -> None:
    assert tuple(Answers.model_fields) == QUESTIONS == get_args(Question)
    assert all(field.description for field in Answers.model_fields.values())
