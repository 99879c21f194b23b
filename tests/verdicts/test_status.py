"""A claim's status, and whether it was to be expected."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from lawbook.verdicts.status import WORST_FIRST, as_expected, headline, worst


def test_outcomes_are_ordered_from_error_to_pass() -> None:
    assert WORST_FIRST == ("error", "void", "fail", "inconclusive", "unverified", "pass")


@pytest.mark.parametrize(("worse", "better"), list(pairwise(WORST_FIRST)))
def test_the_worst_check_decides(worse: Any, better: Any) -> None:
    assert worst([better, worse, better]) == worse


def test_a_claim_without_checks_is_unverified() -> None:
    assert worst([]) == "unverified"


def test_one_check_without_a_record_keeps_a_claim_from_passing() -> None:
    assert worst(["pass", "unverified"]) == "unverified"


def test_the_full_tier_makes_the_headline_where_it_has_a_record() -> None:
    assert headline("pass", "fail", full_is_whole=True) == "fail"
    assert headline("pass", "unverified", full_is_whole=False) == "pass"
    assert headline("pass", None, full_is_whole=False) == "pass"
    assert headline(None, "unverified", full_is_whole=False) == "unverified"
    assert headline(None, None, full_is_whole=False) == "unverified"


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        ("established", {"pass"}),
        ("refuted", {"fail"}),
        ("contested", {"pass", "fail"}),
        ("conjectured", {"pass", "fail"}),
    ],
)
def test_each_standing_expects_its_outcomes(standing: Any, expected: set[str]) -> None:
    for status in WORST_FIRST:
        known = None if status == "unverified" else status in expected
        assert as_expected(standing, status) is known
