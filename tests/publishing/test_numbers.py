"""Numbers carry the digits that their uncertainty warrants."""

import math

import pytest

from lawbook.publishing.numbers import bounds, duration, estimate, number, region


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1.02345, "1.023"),
        (-3.5, "−3.5"),
        (0.0, "0"),
        (1e-7, "10⁻⁷"),
        (2.5e8, "2.5×10⁸"),
        (123456.0, "123456"),
        (None, "–"),
        (math.inf, "∞"),
        (math.nan, "–"),
    ],
)
def test_a_number_is_short_and_typographically_right(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_an_estimate_has_two_digits_of_its_half_width() -> None:
    assert estimate(1.0234567, (1.0201, 1.0267)) == "1.0235"
    assert bounds((1.0201, 1.0267), 1.0234567) == "[1.0201, 1.0267]"


def test_a_point_interval_does_not_ask_for_infinitely_many_digits() -> None:
    assert estimate(2.0, (2.0, 2.0)) == "2"


@pytest.mark.parametrize(
    ("accept", "shown"),
    [
        ((0.97, 1.15), "[0.97, 1.15]"),
        ((None, 0.05), "≤ 0.05"),
        ((2.0, math.inf), "≥ 2"),
        ((None, None), "any value"),
    ],
)
def test_a_region_reads_as_mathematics(accept: tuple[float | None, float | None], shown: str) -> None:
    assert region(accept) == shown


def test_durations_use_the_unit_that_suits_them() -> None:
    assert [duration(s) for s in (0.02, 3.14, 45, 600, 9000)] == ["20 ms", "3.1 s", "45 s", "10 min", "2.5 h"]
