"""When a check looks, and what each look may spend."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawbook.verdicts.spending import error_at_look, look_sizes


def test_seeds_double_up_to_four_times_by_default() -> None:
    assert look_sizes(8, 32, "mean") == (8, 16, 32)


def test_the_last_look_stops_at_the_limit() -> None:
    assert look_sizes(8, 20, "median") == (8, 16, 20)


def test_there_is_one_look_where_the_limit_is_the_start() -> None:
    assert look_sizes(8, 8, "mean") == (8,)


def test_every_seed_on_its_own_takes_one_look() -> None:
    assert look_sizes(8, 32, "every") == (8,)


def test_three_looks_spend_80_16_and_4_percent_of_the_error() -> None:
    spent = [error_at_look(0.95, look, 3) for look in range(3)]
    assert spent == pytest.approx([0.05 * 0.80, 0.05 * 0.16, 0.05 * 0.04])


def test_a_single_look_spends_all_of_the_error() -> None:
    assert error_at_look(0.99, 0, 1) == pytest.approx(0.01)


@given(confidence=st.floats(0.51, 0.9999), looks=st.integers(1, 12))
def test_the_looks_together_spend_exactly_the_error(confidence: float, looks: int) -> None:
    assert sum(error_at_look(confidence, look, looks) for look in range(looks)) == pytest.approx(1 - confidence)


@given(seeds=st.integers(1, 100), factor=st.integers(1, 20))
def test_looks_grow_and_end_at_the_limit(seeds: int, factor: int) -> None:
    sizes = look_sizes(seeds, factor * seeds, "mean")
    assert sizes[0] == seeds
    assert sizes[-1] == factor * seeds
    assert list(sizes) == sorted(set(sizes))
