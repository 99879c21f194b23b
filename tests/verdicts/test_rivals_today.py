"""A rival that runs nothing is told from the law by a record made before anyone named it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from lawbook.evidence.record import Environment, Record, RivalResult
from lawbook.registry.models import Check
from lawbook.verdicts.rivals_today import rivals_today

ENVIRONMENT = Environment(lawbook="0", python="3", torch="2", numpy="2", scipy="1", platform="p", device="d", threads=1)


def record(**changes: Any) -> Record:
    plain: dict[str, Any] = {
        "claim": "a", "check": "b", "tier": "quick", "device_kind": "cpu", "outcome": "pass",
        "checker": "checkers.laws.a:b", "params": {}, "estimator": "mean", "confidence": 0.95,
        "accept": (0.9, 1.1), "estimate": 1.0, "interval": (0.96, 1.04), "standard_error": 0.02,
        "definition": "d", "code": "c", "environment": ENVIRONMENT, "started": "2026-11-26T00:00:00Z",
        "seconds": 1.0,
    }  # fmt: skip
    return Record(**(plain | changes))


def check(*rivals: dict[str, Any]) -> Check:
    return Check.model_validate(
        {
            "name": "b", "checker": "checkers.laws.a:b", "observable": "x", "expect": {"equals": 1.0, "within": 0.1},
            "because": "theory", "quick": {"seeds": 8, "timeout": 9}, "rivals": list(rivals),
            "controls": [{"name": "c", "why": "w", "params": {"a": 1}}],
        }
    )  # fmt: skip


LATE = {"name": "late", "predicts": 1.5, "why": "w"}


def test_a_rival_named_since_is_judged_on_the_recorded_interval_and_standard_error() -> None:
    (found,) = rivals_today(record(), check(LATE), {"late": (1.5, 1.5)})
    assert (found.name, found.excluded, found.predicts) == ("late", True, (1.5, 1.5))
    assert found.away == pytest.approx(25)


@pytest.mark.parametrize(("predicted", "excluded"), [((1.04, math.inf), False), ((1.05, math.inf), True)])
def test_one_that_predicts_a_region_is_excluded_where_the_interval_leaves_it_out(
    predicted: tuple[float, float], excluded: bool
) -> None:
    (found,) = rivals_today(record(), check(LATE), {"late": predicted})
    assert found.excluded == excluded
    assert found.predicts == (predicted[0], None)


def test_one_whose_prediction_was_mended_is_judged_by_what_it_predicts_today() -> None:
    old = RivalResult(name="late", excluded=True, predicts=(9.0, 9.0), away=400.0)
    (found,) = rivals_today(record(rivals=[old]), check(LATE), {"late": (1.0, 1.0)})
    assert (found.excluded, found.predicts) == (False, (1.0, 1.0))


def test_one_that_the_checker_must_be_asked_for_is_there_once_it_was_asked() -> None:
    asked = {"name": "asked", "params": {"a": 2}, "why": "w"}
    assert rivals_today(record(), check(asked), {}) == ()
    answered = RivalResult(name="asked", excluded=True, outcome="fail", estimate=2.0)
    assert rivals_today(record(rivals=[answered]), check(asked), {}) == (answered,)


def test_without_an_interval_nothing_is_excluded() -> None:
    (found,) = rivals_today(record(estimate=None, interval=None), check(LATE), {"late": (1.5, 1.5)})
    assert (found.excluded, found.away) == (False, None)
