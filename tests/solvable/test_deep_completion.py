"""Deep factors from a small start fill in a matrix of low rank."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest
import torch

from checkers.solvable.deep_completion import completion_ratio
from lawbook import Trials

TRIALS = Trials(tuple(range(100_000, 100_006)))
SMALL: dict[str, Any] = {"size": 12, "rank": 1, "observed": 0.4, "steps": 4000, "start": 1e-3}


def test_three_factors_do_better_than_the_least_nuclear_norm() -> None:
    found = completion_ratio(TRIALS, **SMALL)
    assert median(found.values) < 0.3
    assert all(found.in_regime or ())


def test_they_do_not_from_a_large_start() -> None:
    assert min(completion_ratio(TRIALS, **{**SMALL, "start": 1.0}).values) > 1


def test_a_matrix_that_is_not_of_low_rank_is_not_found() -> None:
    assert median(completion_ratio(TRIALS, **{**SMALL, "rank": 8}).values) > 0.8


def test_a_run_that_has_not_fitted_what_it_sees_is_out_of_regime() -> None:
    assert not any(completion_ratio(TRIALS, **{**SMALL, "steps": 10}).in_regime or (True,))


def test_where_enough_is_seen_the_least_nuclear_norm_is_the_matrix() -> None:
    found = completion_ratio(TRIALS, **{**SMALL, "observed": 0.9, "steps": 10})
    (said,) = found.notes
    assert float(said.rsplit(" ", 1)[1]) == pytest.approx(0.0, abs=0.01)
    assert torch.isfinite(torch.tensor(found.values)).all()
