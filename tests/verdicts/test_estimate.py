"""Estimates and their intervals, against SciPy and exact probabilities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from lawbook.verdicts.estimate import estimate, fewest_values

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
samples = st.lists(numbers, min_size=8, max_size=40)


@pytest.mark.parametrize("count", [3, 8, 31])
@pytest.mark.parametrize("error", [0.05, 0.002])
def test_the_interval_of_the_mean_is_students(count: int, error: float) -> None:
    values = np.random.default_rng(count).normal(3.0, 2.0, count)
    found = estimate(values.tolist(), "mean", error)
    assert found is not None
    expected = stats.t.interval(1 - error, count - 1, loc=values.mean(), scale=stats.sem(values))
    assert found.value == pytest.approx(values.mean())
    assert found.interval == pytest.approx(expected)


@pytest.mark.parametrize("count", [6, 9, 16, 40])
def test_the_interval_of_the_median_is_the_narrowest_order_statistics_that_cover(count: int) -> None:
    found = estimate([float(rank) for rank in range(1, count + 1)], "median", 0.05)
    assert found is not None
    rank = int(found.interval[0])
    assert found.interval == (rank, count + 1 - rank)
    assert 2 * stats.binom.cdf(rank - 1, count, 0.5) <= 0.05
    assert 2 * stats.binom.cdf(rank, count, 0.5) > 0.05


@pytest.mark.parametrize(("confidence", "seeds"), [(0.95, 6), (0.99, 8)])
def test_the_fewest_seeds_of_the_median_give_an_interval_at_the_first_look(confidence: float, seeds: int) -> None:
    assert fewest_values("median", 1 - confidence) == seeds
    assert estimate([float(value) for value in range(seeds)], "median", 0.8 * (1 - confidence)) is not None
    assert estimate([float(value) for value in range(seeds - 1)], "median", 1 - confidence) is None


def test_the_mean_takes_three_values() -> None:
    assert estimate([1.0, 2.0], "mean", 0.05) is None
    assert estimate([1.0, 2.0, 3.0], "mean", 0.05) is not None


def test_equal_values_give_a_point() -> None:
    for estimator in ("mean", "median"):
        found = estimate([0.1] * 10, estimator, 0.05)
        assert found is not None
        assert found.interval == (0.1, 0.1)
        assert found.value == 0.1


def test_an_even_count_puts_the_median_in_the_middle() -> None:
    found = estimate([1.0, 2.0, 3.0, 5.0, 8.0, 9.0], "median", 0.05)
    assert found is not None
    assert found.value == 4.0


def test_every_gives_the_range_of_the_values() -> None:
    found = estimate([3.0, 1.0, 2.0], "every", 0.05)
    assert found is not None
    assert found.interval == (1.0, 3.0)


def test_huge_values_do_not_overflow_the_mean() -> None:
    found = estimate([1.5e308, 1.6e308, 1.7e308], "mean", 0.05)
    assert found is not None
    assert found.value == pytest.approx(1.6e308)


@given(samples, st.randoms())
@pytest.mark.parametrize("estimator", ["mean", "median", "every"])
def test_the_order_of_the_seeds_does_not_matter(estimator, values, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = values[:]
    random.shuffle(shuffled)
    before, after = estimate(values, estimator, 0.04), estimate(shuffled, estimator, 0.04)
    assert after.value == pytest.approx(before.value, rel=1e-9, abs=1e-9)
    assert after.interval == pytest.approx(before.interval, rel=1e-9, abs=1e-9)


@given(samples, st.sampled_from([0.25, 2.0, 1024.0, -8.0]), st.floats(-1e3, 1e3))
@pytest.mark.parametrize("estimator", ["mean", "median"])
def test_intervals_follow_a_change_of_unit_and_origin(estimator, values, scale, shift) -> None:  # type: ignore[no-untyped-def]
    assume(max(values) - min(values) > 1e-3)
    before = estimate(values, estimator, 0.04)
    after = estimate([scale * value + shift for value in values], estimator, 0.04)
    expected = sorted(scale * end + shift for end in before.interval)
    size = abs(scale) * max(map(abs, values)) + abs(shift)
    assert list(after.interval) == pytest.approx(expected, abs=1e-9 * size)


@given(samples)
@pytest.mark.parametrize("estimator", ["mean", "median"])
def test_more_confidence_never_shortens_an_interval(estimator, values) -> None:  # type: ignore[no-untyped-def]
    loose, strict = estimate(values, estimator, 0.05), estimate(values, estimator, 0.01)
    assert strict.interval[0] <= loose.interval[0]
    assert loose.interval[1] <= strict.interval[1]
    assert all(map(math.isfinite, strict.interval))
