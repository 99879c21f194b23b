"""Rows of numbers in few signs: the digits that can be told apart, and of neighbours their differences.

A row is told as it is, or, where its first item is a list, as whole numbers after that list, `[order, exponent]` or
`[order, exponent, digits]`. Of these numbers, differences of neighbours are told (order 1), differences of
differences (order 2), or they themselves (order 0); before the first stands nought, and null is passed over. With two
numbers in the list, a whole number `n` says n·10^exponent. With three it says which place the number has among those
of so many digits, for a row over many decades: nought is 0, and n > 0 says m·10^(exponent + k), where n - 1 is
k·9·10^(digits - 1) + m - 10^(digits - 1) with 0 ≤ m - 10^(digits - 1) < 9·10^(digits - 1); n < 0 its negative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import sub
from typing import Any

Number = float | int | None
EXACT = 2**53  # below it every whole number is a float of its own
# Of a number, and of the range of its row where all of it lies far from nought.
DIGITS = 5
MOST_DIGITS = 15
# Fewer numbers are as short as they are, and so many are asked which form is shorter.
FEWEST_PACKED = 6
ASKED = 48
ORDERS = (0, 1, 2)
# Sums of differences of differences must be exact.
LARGEST_WHOLE = EXACT // 4
LARGEST_PACKED = 1e308  # what is rounded up from above it may be infinite


def packed_row(row: Sequence[Number]) -> list[Any]:
    """The row as a file tells it; what is not finite is null."""
    known = [value for value in row if value is not None and math.isfinite(value)]
    digits = most = _digits(known)
    largest = max(map(abs, known), default=0.0)
    if len(known) >= FEWEST_PACKED and 0 < largest < LARGEST_PACKED:
        if largest >= 10**digits and any(float(value).is_integer() and abs(value) >= 10**digits for value in known):
            # Whole numbers are kept whole, the others in their digits among more of them.
            known, most = [short_number(value, digits) or 0 for value in known], len(str(int(largest)))
        if most <= MOST_DIGITS and (packed := _packed(known, most)):
            scale, numbers = packed
            if len(known) == len(row):
                return [scale, *numbers]
            told = iter(numbers)
            return [scale, *(None if value is None or not math.isfinite(value) else next(told) for value in row)]
    return [short_number(value, digits) for value in row]


def short_number(value: Number, digits: int = MOST_DIGITS) -> Number:
    """A whole number without a point (half of a curve's points lie on a grid), any other in so many digits."""
    if value is None or isinstance(value, int):
        return value
    if not math.isfinite(value):
        return None
    if value.is_integer() and abs(value) < EXACT:
        return int(value)
    short = float(f"{value:.{digits}g}")
    return value if math.isinf(short) else int(short) if short.is_integer() and abs(short) < EXACT else short


def _digits(known: Sequence[float]) -> int:
    """How many digits a row of numbers needs, that neighbours in it stay apart."""
    largest = max(map(abs, known), default=0.0)
    width = max(known, default=0.0) - min(known, default=0.0)
    if not 0 < width < largest:
        return DIGITS
    return min(DIGITS + round(math.log10(largest / width)), MOST_DIGITS)


def _packed(known: Sequence[float], digits: int) -> tuple[tuple[int, ...], list[int]] | None:
    """The shortest packed form, as its list and its numbers; None where none has whole numbers small enough."""
    told = (f"%.{digits - 1}e " * len(known)) % tuple(known)  # at once, in a third of the time
    parts = list(map(int, told.replace(".", "").replace("e", " ").split()))
    wholes, decades = parts[0::2], parts[1::2]  # so many digits of each number, with its sign; the decade of the first
    least = min([decade for whole, decade in zip(wholes, decades, strict=True) if whole])
    if spare := _noughts(math.gcd(*wholes)):
        digits -= spare
        wholes = [whole // 10**spare for whole in wholes]
    scale: tuple[int, ...] = (least - digits + 1, digits)
    start = max(0, (len(wholes) - ASKED) // 2)
    asked = slice(start, start + ASKED)
    span = max(decades) - least
    length, order, numbers = math.inf, 0, None
    if span <= MOST_DIGITS:
        fixed = _fixed(wholes, decades, least)
        if max(map(abs, fixed)) <= LARGEST_WHOLE:
            spare = _noughts(math.gcd(*fixed))
            numbers = [number // 10**spare for number in fixed] if spare else fixed
            length, order = _shortest(numbers[asked])
            scale = (least - digits + 1 + spare,)
    if 9 * 10 ** (digits - 1) * (span + 1) <= LARGEST_WHOLE:
        other = _shortest(_places(wholes[asked], decades[asked], least, digits))
        if other[0] < length:
            numbers, order, scale = _places(wholes, decades, least, digits), other[1], (least - digits + 1, digits)
    if numbers is None:
        return None
    for _ in range(order):
        numbers = _differences(numbers)
    return (order, *scale), numbers


def _shortest(numbers: Sequence[int]) -> tuple[int, int]:
    """The length of the differences that are shortest, but for the first few, and their order."""
    lengths = []
    for order in ORDERS:
        lengths.append((len(str(numbers[order:])), order))
        numbers = _differences(numbers)
    return min(lengths)


def _fixed(wholes: Sequence[int], decades: Sequence[int], least: int) -> list[int]:
    """Whole numbers of one unit."""
    powers = {decade: 10 ** max(decade - least, 0) for decade in set(decades)}
    return [whole * powers[decade] for whole, decade in zip(wholes, decades, strict=True)]


def _places(wholes: Sequence[int], decades: Sequence[int], least: int, digits: int) -> list[int]:
    """The place of each among the numbers of so many digits from the decade `least` on."""
    first = 10 ** (digits - 1)
    before = {decade: 9 * first * (decade - least) - first + 1 for decade in set(decades)}
    return [
        (before[decade] + whole if whole > 0 else whole - before[decade]) if whole else 0
        for whole, decade in zip(wholes, decades, strict=True)
    ]


def _differences(numbers: Sequence[int]) -> list[int]:
    return [*numbers[:1], *map(sub, numbers[1:], numbers)]


def _noughts(number: int) -> int:
    """How many noughts a number ends in."""
    told = str(number)
    return len(told) - len(told.rstrip("0")) if number else 0
