"""Numbers as a reader wants them: as many digits as the uncertainty warrants, true minus signs, powers of ten."""

from __future__ import annotations

import math

Interval = tuple[float | None, float | None]
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
        text = f"{mantissa.rstrip('1')}10{power}" if mantissa in ("1", "-1") else f"{mantissa}×10{power}"
    return text.replace("-", "−")


def estimate(value: float | None, interval: Interval | None) -> str:
    """A number to two digits of its interval's half-width, with the decimals that the interval is shown with."""
    return _shown(value, interval, value)


def bounds(interval: Interval | None, value: float | None = None) -> str:
    """An interval as `[low, high]`, both ends with as many decimals as the estimate inside."""
    if interval is None:
        return "–"
    value = value if value is not None else interval[0]
    return f"[{_shown(interval[0], interval, value)}, {_shown(interval[1], interval, value)}]"


def region(accept: tuple[float | None, float | None]) -> str:
    """An acceptance region in words of mathematics; an open end is None or infinite.

    `[a, b]`, `≤ b` or `≥ a`, and `a ± b` where the ends would read the same.
    """
    low, high = (None if end is None or math.isinf(end) else end for end in accept)
    if low is None:
        return "any value" if high is None else f"≤ {number(high, 6)}"
    if high is None:
        return f"≥ {number(low, 6)}"
    if low < high and number(low, 6) == number(high, 6):
        return f"{number((low + high) / 2, 6)} ± {number((high - low) / 2, 2)}"
    return f"[{number(low, 6)}, {number(high, 6)}]"


def duration(seconds: float) -> str:
    """A duration in the unit that suits it."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{number(seconds, 2 if seconds < 10 else 3)} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{number(seconds / 3600, 2)} h"


def _shown(number_of: float | None, interval: Interval | None, value: float | None) -> str:
    decimals = _decimals(interval, value)
    if decimals is None or number_of is None or not math.isfinite(number_of):
        return number(number_of, _digits(value, interval))
    # Adding nought makes a rounded −0 a 0.
    return f"{round(number_of, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def _decimals(interval: Interval | None, value: float | None) -> int | None:
    """Decimals that show two digits of the half-width; None where a fixed point would be unreadable."""
    half_width = _half_width(interval)
    if half_width is None or value is None:
        return None
    assert interval is not None
    largest = max(abs(end) for end in (*interval, value) if end is not None)
    decimals = max(0, 1 - math.floor(math.log10(half_width)))
    return decimals if 1e-4 <= largest < 1e6 and decimals <= 9 else None


def _half_width(interval: Interval | None) -> float | None:
    """Half the width of an interval that has one."""
    if interval is None or interval[0] is None or interval[1] is None:
        return None
    half_width = (interval[1] - interval[0]) / 2
    return half_width if half_width > 0 and math.isfinite(half_width) else None


def _digits(value: float | None, interval: Interval | None) -> int:
    half_width = _half_width(interval)
    if half_width is None or not value or not math.isfinite(value):
        return 4
    wanted = math.floor(math.log10(abs(value))) - math.floor(math.log10(half_width)) + 2
    return max(3, min(8, wanted))
