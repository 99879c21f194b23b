"""Nights pooled, and where they drift."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from statistics import fmean, stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawbook.evidence.drift import drifts, largest_excursion
from lawbook.evidence.history import HistoryLine
from lawbook.evidence.pooling import independent_runs, pool, student_quantile


def night(number: int, values: Sequence[float], **changes: object) -> HistoryLine:
    plain = {
        "started": f"2026-{1 + number // 28:02}-{1 + number % 28:02}T02:00:00Z",
        "claim": "a-claim",
        "check": "centre",
        "tier": "quick",
        "device": "cpu",
        "outcome": "pass",
        "estimate": fmean(values),
        "error": stdev(values) / math.sqrt(len(values)),
        "seeds": len(values),
        "seed_base": number,
        "law": "one",
    }
    return HistoryLine.model_validate({**plain, **changes})


def draws(seed: int, nights: int, seeds: int = 8, between: float = 0.0) -> list[list[float]]:
    source = random.Random(seed)
    return [
        [shift + source.gauss(0, 1) for _ in range(seeds)]
        for shift in (source.gauss(0, between) if between else 0.0 for _ in range(nights))
    ]


NIGHTS = st.lists(
    st.lists(st.floats(-100, 100).map(lambda value: round(value, 3)), min_size=2, max_size=9).filter(
        lambda values: len(set(values)) > 1
    ),
    min_size=2,
    max_size=8,
)


@settings(deadline=None)
@given(nights=NIGHTS)
def test_the_pooled_mean_is_the_mean_of_all_seeds(nights: list[list[float]]) -> None:
    pooled = pool([night(number, values) for number, values in enumerate(nights)], "cpu", 0.95)
    assert pooled is not None
    everything = [value for values in nights for value in values]
    assert pooled.estimate == pytest.approx(fmean(everything), abs=1e-9)
    assert (pooled.seeds, pooled.runs) == (len(everything), len(nights))
    assert pooled.scale >= 1
    assert pooled.interval[0] <= pooled.estimate <= pooled.interval[1]


@settings(deadline=None)
@given(nights=NIGHTS, data=st.data(), shift=st.floats(-50, 50), factor=st.floats(0.1, 10))
def test_order_does_not_matter_and_units_do_not(
    nights: list[list[float]], data: st.DataObject, shift: float, factor: float
) -> None:
    lines = [night(number, values) for number, values in enumerate(nights)]
    pooled = pool(lines, "cpu", 0.95)
    shuffled = pool(data.draw(st.permutations(lines)), "cpu", 0.95)
    moved = pool(
        [night(number, [shift + factor * value for value in values]) for number, values in enumerate(nights)],
        "cpu",
        0.95,
    )
    assert pooled is not None
    assert shuffled is not None
    assert moved is not None
    assert shuffled.interval == pytest.approx(pooled.interval)
    assert moved.interval == pytest.approx([shift + factor * end for end in pooled.interval], rel=1e-6, abs=1e-6)
    assert moved.scale == pytest.approx(pooled.scale, rel=1e-6)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    hits = scattered = 0
    for seed in range(1000):
        lines = [night(number, values) for number, values in enumerate(draws(seed, 5))]
        pooled = pool(lines, "cpu", 0.95)
        assert pooled is not None
        hits += pooled.interval[0] <= 0 <= pooled.interval[1]
        scattered += pooled.is_scattered
    # The scale factor only widens; of 1000, three standard errors are about 20.
    assert 930 <= hits <= 990
    assert scattered <= 25


def test_nights_that_scatter_more_than_their_intervals_allow_widen_it_and_are_told() -> None:
    told = hits = 0
    for seed in range(200):
        lines = [night(number, values) for number, values in enumerate(draws(seed, 12, between=1.5))]
        pooled = pool(lines, "cpu", 0.95)
        assert pooled is not None
        told += pooled.is_scattered
        hits += pooled.interval[0] <= 0 <= pooled.interval[1]
        assert pooled.scale > 1
    assert told == 200
    assert hits >= 175


def test_only_nights_of_the_newest_law_on_one_device_count_and_each_base_once() -> None:
    lines = [
        night(0, [1.0, 2.0], law="old"),
        night(1, [1.0, 2.0]),
        night(2, [1.0, 2.0], device="h100"),
        night(3, [1.0, 2.0], outcome="error"),
        night(6, [1.0, 2.0], outcome="void"),
        night(4, [3.0, 4.0], seed_base=1),
        night(5, [1.0, 2.0]),
    ]
    assert [line.started[8:10] for line in independent_runs(lines, "cpu")] == ["05", "06"]
    assert independent_runs([night(0, [1.0, 2.0], law="")], "cpu") == []


def test_estimators_without_a_standard_error_are_not_pooled() -> None:
    assert pool([night(0, [1.0, 2.0], error=None), night(1, [1.0, 2.0], error=None)], "cpu", 0.95) is None
    assert pool([night(0, [1.0, 2.0])], "cpu", 0.95) is None


def test_values_without_spread_pool_to_a_point_or_to_what_lies_between_the_nights() -> None:
    same = pool([night(number, [1.5, 1.5, 1.5]) for number in range(3)], "cpu", 0.95)
    assert same is not None
    assert (same.interval, same.scale, same.is_scattered) == ((1.5, 1.5), 1.0, False)
    apart = pool([night(number, [float(number)] * 3) for number in range(3)], "cpu", 0.95)
    assert apart is not None
    assert apart.is_scattered
    assert apart.interval[0] < 0.5


@settings(deadline=None)
@given(value=st.floats(-1e6, 1e6), seeds=st.integers(2, 20), nights=st.integers(2, 9))
def test_nights_without_any_spread_never_disagree_by_rounding(value: float, seeds: int, nights: int) -> None:
    pooled = pool([night(number, [value] * seeds, error=0.0) for number in range(nights)], "cpu", 0.95)
    assert pooled is not None
    assert (pooled.interval, pooled.is_scattered) == ((pooled.estimate, pooled.estimate), False)


@settings(deadline=None)
@given(
    estimates=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=2, max_size=4),
    error=st.floats(0, 1e308),
    confidence=st.floats(0.5, 1, exclude_min=True, exclude_max=True),
)
def test_whatever_numbers_stand_in_the_history_a_pool_is_finite_or_none(
    estimates: list[float], error: float, confidence: float
) -> None:
    lines = [night(number, [0.0, 1.0], estimate=one, error=error) for number, one in enumerate(estimates)]
    pooled = pool(lines, "cpu", confidence)
    assert pooled is None or all(map(math.isfinite, (pooled.estimate, pooled.standard_error, *pooled.interval)))


@settings(max_examples=60, deadline=None)
@given(probability=st.floats(0.6, 0.9999), freedom=st.integers(1, 3000))
def test_students_quantile_is_that_of_a_library(probability: float, freedom: int) -> None:
    from scipy.stats import t

    assert student_quantile(probability, freedom) == pytest.approx(t.ppf(probability, freedom), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(ratio=st.floats(1.0, 6.0), above=st.integers(1, 40), below=st.integers(10, 400))
def test_the_chance_of_a_ratio_is_near_that_of_a_library(ratio: float, above: int, below: int) -> None:
    from scipy.stats import f

    from lawbook.evidence.pooling import _chance_of_ratio

    assert _chance_of_ratio(ratio, above, below) == pytest.approx(f.sf(ratio, above, below), abs=0.012)


def series(seed: int, nights: int, step: float) -> list[HistoryLine]:
    source = random.Random(seed)
    return [
        night(number, [0.0, 1.0], estimate=source.gauss(step if number >= nights // 2 else 0.0, 1.0))
        for number in range(nights)
    ]


def test_a_drift_is_found_where_it_began() -> None:
    found = drifts({"moved": series(1, 60, 3.0), "still": series(2, 60, 0.0)}, {"moved": "cpu", "still": "cpu"})
    assert set(found) == {"moved"}
    assert found["moved"].since in {"2026-02-02", "2026-02-03", "2026-02-04"}
    assert found["moved"].after - found["moved"].before == pytest.approx(3.0, abs=0.6)


def test_a_book_without_drift_hardly_ever_has_one_told() -> None:
    books = 100
    told = sum(
        bool(
            drifts(
                {str(n): series(1000 * book + n, 30, 0.0) for n in range(10)},
                {str(n): "cpu" for n in range(10)},
            )
        )
        for book in range(books)
    )
    assert told <= 5


def test_a_series_that_never_varies_has_not_drifted() -> None:
    assert largest_excursion([1.0] * 20)[0] == 0.0
    assert drifts({"short": series(1, 5, 9.0)}, {"short": "cpu"}) == {}
