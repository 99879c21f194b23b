"""A claim's status from its checks' outcomes, and whether the literature would have expected it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from lawbook.registry.models import Claim, Standing

Status = Literal["error", "void", "fail", "inconclusive", "unverified", "pass"]
WORST_FIRST: tuple[Status, ...] = ("error", "void", "fail", "inconclusive", "unverified", "pass")


def worst(outcomes: Iterable[Status]) -> Status:
    """The worst of the outcomes, or "unverified" where there is none."""
    return min(outcomes, key=WORST_FIRST.index, default="unverified")


def headline(quick: Status | None, full: Status | None, *, full_is_whole: bool) -> Status:
    """The status of the full tier where all its checks have a record, else of the quick one.

    quick, full: the tiers' statuses, None where no check has that tier.
    """
    if full is not None and (full_is_whole or quick is None):
        return full
    return "unverified" if quick is None else quick


def claim_as_expected(claim: Claim, status: Status) -> bool | None:
    """As `as_expected`, for a claim with its known failure, if it has one."""
    return as_expected(claim.standing, status, known_failure=claim.known_failure is not None)


def as_expected(standing: Standing, status: Status, *, known_failure: bool = False) -> bool | None:
    """Whether the status is what the standing foretells; None while nothing is known.

    Established claims are expected to pass, or to fail where that is a known failure, refuted ones to fail,
    contested and conjectured ones to do either.
    """
    if status == "unverified":
        return None
    if known_failure:
        return status == "fail"
    expected = {"established": ("pass",), "refuted": ("fail",)}.get(standing, ("pass", "fail"))
    return status in expected
