"""Options that are lengths of time."""

from __future__ import annotations

from datetime import timedelta

import click

from lawbook.verification.durations import parse_duration


def duration(context: click.Context, parameter: click.Parameter, value: str | None) -> timedelta | None:
    """The callback of such an option: what was written, as a length of time."""
    try:
        return None if value is None else parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None
