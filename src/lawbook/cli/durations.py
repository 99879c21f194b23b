"""Lengths of time as people write them on a command line."""

from __future__ import annotations

import re

import click

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST = 1000 * 365 * 86400
FORM = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def read_duration(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    """Seconds from `90s`, `15m`, `8h`, `7d` or `1h30m`: the callback of an option."""
    if value is None:
        return None
    parts = FORM.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        said = f"'{value}' is no length of time; write it as 90s, 15m, 8h, 7d or 1h30m"
        raise click.BadParameter(said, context, parameter)
    seconds = sum(float(number) * SECONDS[unit] for number, unit in parts)
    if seconds <= 0:
        raise click.BadParameter("a length of time is more than nothing", context, parameter)
    if seconds > LONGEST:
        raise click.BadParameter("a length of time is less than a thousand years", context, parameter)
    return seconds
