"""Intervals in words."""

from __future__ import annotations

import math

from lawbook.registry.expectation import Interval


def describe(interval: Interval) -> str:
    """An interval in text; an infinite end as an inequality."""
    low, high = interval
    if math.isinf(low) and math.isinf(high):
        return "all numbers"
    if math.isinf(low):
        return f"at most {high:.6g}"
    return f"at least {low:.6g}" if math.isinf(high) else f"[{low:.6g}, {high:.6g}]"
