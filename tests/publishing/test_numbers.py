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
        (-1e-7, "−10⁻⁷"),
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


@pytest.mark.parametrize(
    ("value", "interval", "shown"),
    [
        (0.99951, (0.9687, 1.0303), "1.000 [0.969, 1.030]"),
        (18.0, (14.6658, 21.2483), "18.0 [14.7, 21.2]"),
        (-0.0001, (-0.04, 0.0398), "0.000 [−0.040, 0.040]"),
        (2.5e-7, (2e-7, 3e-7), "2.5×10⁻⁷ [2×10⁻⁷, 3×10⁻⁷]"),
        (4.0e9, (3.9e9, 4.1e9), "4×10⁹ [3.9×10⁹, 4.1×10⁹]"),
        (0.5, (None, 1.0), "0.5 [–, 1]"),
    ],
)
def test_an_estimate_and_its_interval_have_the_same_decimals(
    value: float, interval: tuple[float | None, float | None], shown: str
) -> None:
    assert f"{estimate(value, interval)} {bounds(interval, value)}" == shown


def test_a_point_interval_does_not_ask_for_infinitely_many_digits() -> None:
    assert estimate(2.0, (2.0, 2.0)) == "2"


@pytest.mark.parametrize(
    ("accept", "shown"),
    [
        ((0.97, 1.15), "[0.97, 1.15]"),
        ((None, 0.05), "≤ 0.05"),
        ((2.0, math.inf), "≥ 2"),
        ((1 - 1e-9, 1 + 1e-9), "1 ± 10⁻⁹"),
        ((None, None), "any value"),
    ],
)
def test_a_region_reads_as_mathematics(accept: tuple[float | None, float | None], shown: str) -> None:
    assert region(accept) == shown


def test_durations_use_the_unit_that_suits_them() -> None:
    assert [duration(s) for s in (0.02, 3.14, 45, 600, 9000)] == ["20 ms", "3.1 s", "45 s", "10 min", "2.5 h"]
