"""Axes: from numbers to places on the page, and the ticks worth drawing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lawbook.publishing.numbers import number, superscript

LARGEST = 1e100


@dataclass(frozen=True)
class Scale:
    """A linear or logarithmic map of [low, high] to [start, end] on the page."""

    low: float
    high: float
    start: float
    end: float
    kind: Literal["linear", "log"] = "linear"

    def __call__(self, value: float) -> float:
        """The place of a value; outside the domain it extends, limited to a page's width beyond either end."""
        low, width = self._domain
        share = min(max((self._flat(value) - low) / width, -1.0), 2.0)
        return self.start + share * (self.end - self.start)

    @cached_property
    def _domain(self) -> tuple[float, float]:
        """Where it begins and how wide it is, in logarithms on a logarithmic axis."""
        low = self._flat(self.low)
        return low, self._flat(self.high) - low

    def holds(self, value: float | None) -> bool:
        """Whether a value can be drawn inside the domain."""
        return value is not None and math.isfinite(value) and self.low <= value <= self.high

    def ticks(self, count: int = 5) -> list[tuple[float, str]]:
        """About `count` labelled ticks inside the domain."""
        if self.kind == "log":
            return log_ticks(self.low, self.high, count)
        return linear_ticks(self.low, self.high, count)

    def minor_ticks(self) -> list[float]:
        """On a log axis of few decades, the unlabelled 2 … 9 between powers of ten."""
        if self.kind == "linear" or math.log10(self.high / self.low) > 4.5:
            return []
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        places = [digit * 10.0**decade for decade in decades for digit in range(2, 10)]
        return [place for place in places if self.low <= place <= self.high]

    def _flat(self, value: float) -> float:
        return math.log10(max(value, 1e-300)) if self.kind == "log" else value


def linear_ticks(low: float, high: float, count: int = 5) -> list[tuple[float, str]]:
    """Multiples of 1, 2 or 5 times a power of ten, with labels of equal precision."""
    rough = (high - low) / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    large = max(abs(low), abs(high)) >= 1e5 or decimals > 4
    places = [index * step for index in range(first, last + 1)]
    if not large:
        return [(place, f"{place + 0.0:.{decimals}f}".replace("-", "−")) for place in places]
    labels = [number(place, 3) for place in places]
    if len(set(labels)) < len(labels):
        # A sliver far from nought: the middle tick in full, the others by how far they lie from it.
        middle = places[len(places) // 2]
        labels = [_offset(place - middle, step) or number(middle, 6) for place in places]
    return list(zip(places, labels, strict=True))


def log_ticks(low: float, high: float, count: int = 5) -> list[tuple[float, str]]:
    """Powers of ten, thinned to about `count`; within less than two decades also their multiples."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    decades = list(range(first, last + 1))
    if len(decades) >= 3:
        stride = max(1, math.ceil(len(decades) / (count + 1)))
        return [(10.0**decade, _power(decade)) for decade in decades if (decade - first) % stride == 0]
    for digits in ((1, 3), (1, 2, 5), range(1, 10)):
        places = [d * 10.0**e for e in range(first - 1, last + 2) for d in digits]
        inside = [place for place in places if low * 0.999 <= place <= high * 1.001]
        if len(inside) >= 3:
            return [(place, number(place, 3)) for place in inside[:: max(1, len(inside) // (count + 1))]]
    return [pair for pair in linear_ticks(low, high, count) if pair[0] > 0]


def span(values: Iterable[float | None], log: bool) -> tuple[float, float] | None:
    """The least interval that holds every drawable value; None where there is none.

    Ends are kept within what arithmetic on axes can bear; a value beyond them is drawn at the edge.
    """
    drawable = [v for v in values if v is not None and math.isfinite(v) and (v > 0 or not log)]
    least = 1 / LARGEST if log else -LARGEST
    ends = (min(drawable), max(drawable)) if drawable else None
    return None if ends is None else (min(max(ends[0], least), LARGEST), min(max(ends[1], least), LARGEST))


def padded(interval: tuple[float, float], log: bool, share: float = 0.05) -> tuple[float, float]:
    """An interval with some air at both ends, and never of zero width."""
    low, high = interval
    if log:
        ratio = high / low if high > low * 1.0001 else 10.0
        return low / ratio**share, high * ratio**share
    width = high - low
    if width <= 1e-12 * max(abs(low), abs(high), 1e-300):
        width = max(abs(low) * 0.2, 1e-12) / max(share, 0.05)
    return low - width * share, high + width * share


def _offset(distance: float, step: float) -> str:
    """A distance with its sign, to the step that it is a multiple of; nothing for none."""
    whole = round(distance / step) * step
    return f"{'+' if whole > 0 else ''}{number(whole, 2)}" if whole else ""


def _power(decade: int) -> str:
    return {0: "1", 1: "10"}.get(decade, f"10{superscript(decade)}")
