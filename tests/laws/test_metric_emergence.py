"""Exact match against token accuracy, on a transformer that trains in seconds."""

import pytest

from checkers.laws.metric_emergence import effective_length
from lawbook import Trials

TRIALS = Trials((200_000,))
TINY = {"width": 8, "steps": 48, "context": 16, "batch_size": 8, "held_out": 128}


def test_one_token_counted_often_has_the_exponent_one() -> None:
    measured = effective_length(TRIALS, length=2, answer="repeated", **TINY)
    assert measured.values == pytest.approx((0.5,), abs=0.1)


def test_exact_match_lies_below_token_accuracy() -> None:
    token, exact, _ = effective_length(TRIALS, length=2, **TINY).curves
    assert all(whole <= part + 0.02 for part, whole in zip(token.y, exact.y, strict=True))
