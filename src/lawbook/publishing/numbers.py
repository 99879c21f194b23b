"""Numbers as a reader wants them: as many digits as the uncertainty warrants, true minus signs, powers of ten."""

from __future__ import annotations

import math

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def superscript(value: int) -> str:
    """An integer in Unicode superscripts."""
    return str(value).translate(_SUPERSCRIPT)


def number(value: float | None, digits: int = 4) -> str:
    """A number with that many significant digits; infinities as ∞, none as a dash."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if -4 <= exponent < 6:
        decimals = max(0, digits - 1 - exponent)
        text = f"{value:.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        power = superscript(int(power))
        text = f"10{power}" if mantissa == "1" else f"{mantissa}×10{power}"
    return text.replace("-", "−")


def estimate(value: float | None, interval: tuple[float | None, float | None] | None) -> str:
    """A number with as many digits as its interval warrants (two of the half-width), at least three."""
    return number(value, _digits(value, interval))


def bounds(interval: tuple[float | None, float | None] | None, value: float | None = None) -> str:
    """An interval as `[low, high]` with the digits that its width warrants."""
    if interval is None:
        return "–"
    digits = _digits(value if value is not None else interval[0], interval)
    return f"[{number(interval[0], digits)}, {number(interval[1], digits)}]"


def region(accept: tuple[float | None, float | None]) -> str:
    """An acceptance region in words of mathematics: `[a, b]`, `≤ b` or `≥ a`; an open end is None or infinite."""
    low, high = (None if end is None or math.isinf(end) else end for end in accept)
    if low is None:
        return "any value" if high is None else f"≤ {number(high, 6)}"
    return f"≥ {number(low, 6)}" if high is None else f"[{number(low, 6)}, {number(high, 6)}]"


def duration(seconds: float) -> str:
    """A duration in the unit that suits it."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{number(seconds, 2 if seconds < 10 else 3)} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{number(seconds / 3600, 2)} h"


def _digits(value: float | None, interval: tuple[float | None, float | None] | None) -> int:
    if value is None or interval is None or None in interval or not value or not math.isfinite(value):
        return 4
    assert interval[0] is not None
    assert interval[1] is not None
    half_width = (interval[1] - interval[0]) / 2
    if half_width <= 0 or not math.isfinite(half_width):
        return 4
    wanted = math.floor(math.log10(abs(value))) - math.floor(math.log10(half_width)) + 2
    return max(3, min(8, wanted))
