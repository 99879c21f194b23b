"""A run with a budget: what needs measuring most comes first, and what was not reached is told with its age."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lawbook.evidence.record import TIME_FORMAT, Record
from lawbook.evidence.store import Evidence, Key
from lawbook.verification.ages import in_words
from lawbook.verification.plan import PlannedCheck

NEVER, STALE, FRESH = range(3)
UNSETTLED, NEAR, FAR = range(3)


@dataclass(frozen=True)
class Need:
    """Why a check is to be measured. record: what is known of it, if anything. stale: why that no longer counts.

    seconds: how long it took; 0 where unknown.
    """

    planned: PlannedCheck
    record: Record | None
    stale: tuple[str, ...]

    @property
    def seconds(self) -> float:
        return self.record.seconds if self.record else 0.0

    def age(self, now: datetime) -> str:
        """How old its evidence is, in words."""
        if self.record is None:
            return "never measured"
        since = in_words(now - _time(self.record))
        return f"measured {since} ago" + (f", stale: {'; '.join(self.stale)}" if self.stale else "")


def needs(
    checks: Iterable[PlannedCheck],
    device: str,
    evidence: Evidence,
    why_stale: Callable[[Record, PlannedCheck], tuple[str, ...]],
) -> list[Need]:
    """What is known of every check on a device."""
    found = []
    for planned in checks:
        stored = evidence.records.get(Key(planned.entry.id, planned.check.name, planned.tier, device))
        record = stored.record if stored else None
        found.append(Need(planned, record, why_stale(record, planned) if record else ()))
    return found


def most_needed_first(found: Sequence[Need], now: datetime) -> list[Need]:
    """Never measured, then stale, then oldest by the day, then least certain; within that the longest first.

    The longest first, as that keeps all slots busy to the end.
    """
    return sorted(found, key=lambda need: (*_urgency(need, now), -need.seconds, need.planned.name))


def expected_seconds(found: Iterable[Need]) -> Mapping[str, float]:
    """How long each check took when it was last measured, by its name."""
    return {need.planned.name: need.seconds for need in found}


def now_utc() -> datetime:
    """The time of the clock on the wall."""
    return datetime.now(UTC)


def _urgency(need: Need, now: datetime) -> tuple[int, int, int]:
    record = need.record
    if record is None:
        return NEVER, 0, 0
    kind = STALE if need.stale or record.outcome == "error" else FRESH
    return kind, -(now - _time(record)).days, _certainty(record)


def _certainty(record: Record) -> int:
    """How far a verdict is from turning over: unsettled, near an end of its region, or well inside or outside."""
    if record.outcome not in ("pass", "fail"):
        return UNSETTLED
    if record.estimate is None or record.interval is None:
        return FAR
    reaches = [abs(end - record.estimate) for end in record.interval if end is not None]
    ends = [abs(end - record.estimate) for end in record.accept if end is not None]
    # Twice the reach of the interval: another night's estimate lands there now and then.
    return NEAR if reaches and ends and min(ends) < 2 * max(reaches) else FAR


def _time(record: Record) -> datetime:
    return datetime.strptime(record.started, TIME_FORMAT).replace(tzinfo=UTC)
