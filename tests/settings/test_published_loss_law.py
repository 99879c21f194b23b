"""Draws of a published fit within its errors."""

import pytest

from checkers.settings.published_loss_law import PublishedLossLaw
from lawbook import Trials

PUBLISHED = PublishedLossLaw(482.01, 2085.43, 0.3478, 0.3658)


def test_draws_keep_both_terms_of_the_loss_at_the_middle_of_the_runs() -> None:
    draws = PUBLISHED.draws(Trials(tuple(range(100_000, 100_200))))
    assert draws.size_exponent.std().item() == pytest.approx(0.02, rel=0.15)
    size_term = draws.size_factor * 1e9**-draws.size_exponent
    assert size_term.tolist() == pytest.approx([482.01 * 1e9**-0.3478] * 200)
