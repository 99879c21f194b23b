"""Bounds on a mean, against root finding and against coins."""

import math

import pytest
import torch
from scipy.optimize import brentq
from scipy.stats import binom

from checkers.theory.pac_bayes import error_bound, largest_mean


def divergence(seen: float, mean: float) -> float:
    terms = [(seen, mean), (1 - seen, 1 - mean)]
    return sum(q * math.log(q / p) for q, p in terms if q > 0)


@pytest.mark.parametrize("seen", [0.0, 0.03, 0.5, 0.9])
@pytest.mark.parametrize("budget", [0.01, 0.3, 2.0])
def test_the_largest_mean_is_where_the_divergence_spends_the_budget(seen: float, budget: float) -> None:
    found = largest_mean(torch.tensor([seen]), budget).item()
    assert found == pytest.approx(brentq(lambda p: divergence(seen, p) - budget, seen + 1e-12, 1 - 1e-12), rel=1e-6)


def test_nothing_wrong_among_n_leaves_what_a_coin_may_hide() -> None:
    # With no error among n, (1 - p)^n = δ: the one case in which Chernoff's bound is exact.
    found = largest_mean(torch.zeros(1), math.log(20) / 50).item()
    assert binom.pmf(0, 50, found) == pytest.approx(1 / 20)


def test_a_budget_of_nothing_leaves_what_was_seen_and_an_endless_one_everything() -> None:
    seen = torch.tensor([0.0, 0.2, 1.0], dtype=torch.float64)
    assert largest_mean(seen, 0.0).tolist() == pytest.approx(seen.tolist(), abs=1e-6)
    assert largest_mean(seen, 1e9).tolist() == pytest.approx([1, 1, 1])


def test_the_bound_on_the_error_rises_with_divergence_and_falls_with_examples() -> None:
    seen, none = torch.tensor([0.1], dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    settings = {"draws": 16, "choices": 5, "failure": 0.05}
    few, many, far = (
        error_bound(seen, away, examples=examples, **settings).item()  # type: ignore[arg-type]
        for examples, away in ((100, none), (10_000, none), (100, none + 20))
    )
    assert 0.1 < many < few < far < 1


def test_the_bound_is_two_bounds_each_at_half_of_the_failure() -> None:
    seen = torch.tensor([0.1], dtype=torch.float64)
    mean = brentq(lambda p: divergence(0.1, p) - math.log(2 * 5 / 0.05) / 1600, 0.1, 0.9)
    allowed = (7 + math.log(2 * 10 * 5 / 0.025)) / 100
    expected = brentq(lambda p: divergence(mean, p) - allowed, mean, 0.999)
    settings = {"examples": 100, "draws": 16, "choices": 5, "failure": 0.05}
    found = error_bound(seen, torch.tensor([7.0]), **settings).item()  # type: ignore[arg-type]
    assert found == pytest.approx(expected, rel=1e-6)
