"""Lengths of time as people write them: `8h`, `90m`, `7d`, `1h30m`."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {"w": 7 * 86400, "d": 86400, "h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+(?:\.\d+)?)([wdhms])")


def parse_duration(text: str) -> timedelta:
    """`1h30m` as 90 minutes; raises ValueError, with the form that is meant, for anything else."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"'{text}' is no length of time; write it as 8h, 90m, 7d or 1h30m")
    try:
        length = timedelta(seconds=sum(float(number) * UNITS[unit] for number, unit in parts))
    except OverflowError:
        raise ValueError(f"'{text}' is longer than any run") from None
    if not length:
        raise ValueError(f"'{text}' is no time at all")
    return length


def in_words(length: timedelta) -> str:
    """`3 days`, `5 hours`, `2 minutes`: the largest unit of which there is one."""
    seconds = max(0, int(length.total_seconds()))
    for name, unit in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= unit:
            number = seconds // unit
            return f"{number} {name}{'s' if number != 1 else ''}"
    return "less than a minute"
