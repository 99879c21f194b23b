"""What a hostile reader asks, answered from the record alone."""

from __future__ import annotations

from typing import Any

import pytest

from lawbook.evidence.record import ControlResult, Environment, Record, RivalResult
from lawbook.registry.models import Check
from lawbook.verdicts.severity import distance_outside, room, severity

ENVIRONMENT = Environment(lawbook="0", python="3", torch="2", numpy="2", scipy="1", platform="p", device="d", threads=1)


def control(estimate: float | None = 3.0, accept: Any = (0.9, 1.1), **changes: Any) -> ControlResult:
    plain: dict[str, Any] = {
        "name": "c", "expect": "fail", "outcome": "fail", "as_expected": True, "params": {},
        "estimate": estimate, "accept": accept,
    }  # fmt: skip
    return ControlResult(**(plain | changes))


def record(**changes: Any) -> Record:
    plain: dict[str, Any] = {
        "claim": "a", "check": "b", "tier": "quick", "device_kind": "cpu", "outcome": "pass",
        "checker": "checkers.laws.a:b", "params": {}, "estimator": "mean", "confidence": 0.95,
        "accept": (0.9, 1.1), "predicted": 1.0, "estimate": 1.0, "interval": (0.98, 1.02),
        "seeds": list(range(8)), "values": [1.0] * 8, "controls": [control(1.4)],
        "rivals": [RivalResult(name="other", excluded=True, predicts=(2.0, 2.0), away=40.0)],
        "definition": "d", "code": "c", "environment": ENVIRONMENT, "started": "2026-11-26T00:00:00Z",
        "seconds": 1.0,
    }  # fmt: skip
    return Record(**(plain | changes))


def check(**changes: Any) -> Check:
    plain = {
        "name": "b", "checker": "checkers.laws.a:b", "observable": "x", "expect": {"equals": 1.0, "within": 0.1},
        "because": "theory", "varies": ["data"], "quick": {"seeds": 8, "timeout": 9},
        "controls": [{"name": "c", "why": "w", "params": {"a": 1}}],
    }  # fmt: skip
    return Check.model_validate(plain | changes)


def bad(of: Record, **changes: Any) -> str:
    return " ".join(answer.question for answer in severity(of, check(**changes)).bad)


def test_a_severe_check_has_no_bad_answer() -> None:
    assert bad(record()) == ""


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"interval": (0.999, 1.001)}, "How wide"),
        ({"interval": (0.91, 1.09)}, "How wide"),
        ({"interval": (1.03, 1.07), "estimate": 1.05}, "exact prediction"),
        ({"rivals": []}, "Which other answers"),
        ({"rivals": [RivalResult(name="other", excluded=False)]}, "Which other answers"),
        ({"rivals": [RivalResult(name="other", excluded=True, away=1.2)]}, "Which other answers"),
        ({"controls": [control(60.0)]}, "How far outside"),
        ({"controls": [control(1.4), control(5.0, (0.0, None), role="positive", expect="pass")]}, ""),
        ({"seeds": [0, 1, 2], "values": [1.0] * 3}, "How many seeds"),
    ],
)
def test_each_weakness_is_told(changes: dict[str, Any], word: str) -> None:
    assert word in bad(record(**changes))


def test_a_positive_control_deep_inside_is_told() -> None:
    deep = control(50.0, (10.0, None), role="positive", expect="pass", outcome="pass")
    assert "positive" in bad(record(controls=[control(1.4), deep]))


def test_what_varies_must_be_said() -> None:
    assert "What differs" in bad(record(), varies=[])


def test_room_is_measured_in_intervals_and_for_one_side_from_the_end() -> None:
    assert room(record()) == pytest.approx(5.0)
    assert room(record(accept=(None, 1.1))) == pytest.approx(2.5)
    assert room(record(accept=(0.9, None))) == pytest.approx(2.5)
    assert room(record(estimator="every")) == pytest.approx(2.0)
    assert room(record(interval=(1.0, 1.0))) is None
    assert room(record(interval=None)) is None


def test_a_control_is_measured_in_regions_and_inside_is_negative() -> None:
    assert distance_outside(control(1.3)) == pytest.approx(1.0)
    assert distance_outside(control(1.0)) == pytest.approx(-0.5)
    assert distance_outside(control(6.0, (None, 2.0))) == pytest.approx(2.0)
    assert distance_outside(control(None)) is None
    assert distance_outside(control(1.0, (None, None))) is None


def test_what_is_no_experiment_says_so_without_being_weak() -> None:
    answers = severity(record(method="identity", rivals=[]), check(method="identity")).answers
    assert answers[-1].answer == "no, an identity"
    assert not answers[-1].is_bad
