"""Which checks a run has before it."""

from __future__ import annotations

from typing import Any

from tests.verification.conftest import planted_check


def test_a_single_check_can_be_asked_for_by_its_name(laboratory: Any) -> None:
    laboratory.plant("one", planted_check("first"), planted_check("second"))
    laboratory.plant("two")
    said = laboratory.verify("one/second", "two", exit_code=0)
    assert sorted(laboratory.records()) == ["one/second", "two/centre"]
    assert "2 ran" in said
    laboratory.verify("one/first", "one", exit_code=0)
    assert sorted(laboratory.records()) == ["one/first", "one/second", "two/centre"]


def test_a_check_that_a_claim_lacks_is_refused_with_the_one_that_was_meant(laboratory: Any) -> None:
    laboratory.plant("one")
    assert "'one' has no check 'center'; did you mean 'centre'?" in laboratory.verify("one/center", exit_code=2)
    assert "no claim or open problem has the id 'on'" in laboratory.verify("on/centre", exit_code=2)
