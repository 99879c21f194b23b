"""How old a thing is, in words."""

from __future__ import annotations

from datetime import timedelta


def in_words(length: timedelta) -> str:
    """`3 days`, `5 hours`, `2 minutes`: the largest unit of which there is one."""
    seconds = max(0, int(length.total_seconds()))
    for name, unit in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= unit:
            number = seconds // unit
            return f"{number} {name}{'s' if number != 1 else ''}"
    return "less than a minute"
