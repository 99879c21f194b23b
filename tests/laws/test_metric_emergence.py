"""Exact match against token accuracy: marks drawn by hand, and a transformer that trains in seconds."""

import pytest
import torch

from checkers.laws.metric_emergence import effective_length, independent_tokens, scattered, shares_right
from lawbook import Trials

TRIALS = Trials((200_000,))
TINY = {"width": 8, "steps": 48, "context": 16, "batch_size": 8, "held_out": 256}


def test_independent_errors_leave_as_many_tokens_as_the_answer_has() -> None:
    source = torch.Generator().manual_seed(1)
    right = torch.rand(1, 2000, 40, generator=source) < 0.6
    assert independent_tokens(*shares_right(right, 4)).item() == pytest.approx(4, abs=0.1)


def test_more_right_answers_than_chance_at_every_accuracy_do_not_pass_for_independent() -> None:
    token = torch.tensor([0.3, 0.4, 0.5], dtype=torch.float64)
    assert (independent_tokens(token, 3 * token**4) < 0.9 * 4).all()


def test_errors_that_come_together_leave_fewer_tokens() -> None:
    source = torch.Generator().manual_seed(2)
    easy = torch.rand(1, 2000, 1, generator=source) < 0.5
    right = torch.rand(1, 2000, 40, generator=source) < torch.where(easy, 0.9, 0.3)
    assert independent_tokens(*shares_right(right, 4)).item() < 2.5


def test_scattered_answers_are_independent_and_scattered_pairs_half_as_many() -> None:
    source = torch.Generator().manual_seed(3)
    easy = torch.rand(2, 2000, 1, generator=source) < 0.5
    right = torch.rand(2, 2000, 40, generator=source) < torch.where(easy, 0.9, 0.3)
    alone, pairs = (scattered(right, [7, 8], times=times) for times in (1, 2))
    assert alone.sum((1, 2)).tolist() == right.sum((1, 2)).tolist()
    assert independent_tokens(*shares_right(alone, 4)).tolist() == pytest.approx([4, 4], abs=0.1)
    assert all(2 < tokens < 3 for tokens in independent_tokens(*shares_right(pairs, 4)).tolist())


def test_a_trained_models_scattered_answers_are_independent() -> None:
    measured = effective_length(TRIALS, length=2, answer="scattered", **TINY)
    assert measured.in_regime == (True,)
    assert measured.values == pytest.approx((2.0,), abs=0.1)


def test_exact_match_lies_below_token_accuracy_and_few_matches_are_out_of_regime() -> None:
    measured = effective_length(TRIALS, length=8, **TINY)
    token, exact, _ = measured.panels[0].lines
    assert all(whole <= part for part, whole in zip(token.y, exact.y, strict=True))
    assert measured.in_regime == (False,)
