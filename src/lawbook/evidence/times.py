"""When a record was made, as far as one can believe it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lawbook.evidence.record import TIME_FORMAT

# Clocks of honest machines differ by that much.
TOLERANCE = timedelta(minutes=5)


def latest_believable() -> str:
    """The latest time that a record may be from, in the form of records; what is later was misdated."""
    return (datetime.now(UTC) + TOLERANCE).strftime(TIME_FORMAT)


def recency(started: str, latest: str) -> tuple[bool, str]:
    """A key to order records by, the newest last; one from the future is older than any that is not."""
    return started <= latest, started
