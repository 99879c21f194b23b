"""The rivals that a claim file names today, judged on a record's numbers.

A rival with `predicts` runs nothing, so that one named after the measurement is told from the law all the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from lawbook.evidence.record import Record, RivalResult
from lawbook.registry.expectation import Interval
from lawbook.registry.models import Check
from lawbook.verdicts.judgement import Finding, excludes, separation


def rivals_today(record: Record, check: Check, predictions: Mapping[str, Interval]) -> tuple[RivalResult, ...]:
    """The rivals of a record, each by what it predicts today, then those that the check has come to name since.

    predictions: what rivals predict at the record's tier, by name. A rival that the checker must be asked for is
    there once it was asked.
    """
    recorded = {rival.name for rival in record.rivals}
    since = [rival.name for rival in check.rivals if rival.name not in recorded and rival.name in predictions]
    judged = [
        _judged(record, rival.name, predictions[rival.name]) if rival.name in predictions else rival
        for rival in record.rivals
    ]
    return (*judged, *(_judged(record, name, predictions[name]) for name in since))


def _judged(record: Record, name: str, predicted: Interval) -> RivalResult:
    main = Finding("pass", record.estimate, _interval(record), standard_error=record.standard_error)
    low, high = (end if math.isfinite(end) else None for end in predicted)
    return RivalResult(
        name=name, excluded=excludes(main, predicted), predicts=(low, high), away=separation(main, predicted)
    )


def _interval(record: Record) -> Interval | None:
    if record.interval is None:
        return None
    low, high = record.interval
    return (-math.inf if low is None else low, math.inf if high is None else high)
