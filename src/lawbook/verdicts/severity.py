"""What a hostile reader asks of a recorded check, as far as its record can answer.

A pass says little where the region is many intervals wide, where no other answer was excluded, or where the
controls fall so far outside that anything would have told them apart. None of this changes a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lawbook.evidence.record import ControlResult, End, Record
from lawbook.registry.models import Check

# In widths of the confidence interval: beyond LOOSE the seeds were not needed, below TIGHT they hardly decide.
LOOSE, TIGHT = 10.0, 1.5
# In widths of the region: a control beyond it fails for any reason one likes.
FAR_CONTROL = 20.0
DEEP_POSITIVE = 2.0
CLOSE_RIVAL = 3.0
FEW_SEEDS = 6


@dataclass(frozen=True)
class Answer:
    """A question, its answer, and whether a reader should stop there."""

    question: str
    answer: str
    is_bad: bool = False


@dataclass(frozen=True)
class Severity:
    """The answers of one check at one tier; width: of the region or room in it, in widths of the interval."""

    answers: tuple[Answer, ...]
    width: float | None

    @property
    def bad(self) -> tuple[Answer, ...]:
        """The answers at which a reader should stop."""
        return tuple(answer for answer in self.answers if answer.is_bad)


def severity(record: Record, check: Check) -> Severity:
    """What the record of a check answers to a hostile reader."""
    width = room(record)
    answers = [
        *_seeds(record, check),
        *_width(record, width),
        *_prediction(record),
        *_rivals(record),
        *_controls(record),
        *_method(record),
    ]
    return Severity(tuple(answers), width)


def room(record: Record) -> float | None:
    """How wide the region is in widths of the confidence interval.

    One-sided regions: how far the estimate lies from the end, in the same widths; `every`: how far the nearest
    value lies from the nearer end, in ranges of the values. None where either has no width.
    """
    low, high = record.accept
    interval = record.interval
    if interval is None or interval[0] is None or interval[1] is None or record.estimate is None:
        return None
    spread = interval[1] - interval[0]
    if spread <= 0:
        return None
    if record.estimator == "every":
        return _nearest_end((interval[0], interval[1]), (low, high)) / spread
    if low is not None and high is not None:
        return (high - low) / spread
    return _nearest_end((record.estimate, record.estimate), (low, high)) / spread


def distance_outside(control: ControlResult) -> float | None:
    """How far a control's estimate lies outside the region it was judged by, in widths of that region.

    Of a one-sided region in sizes of its end. Negative inside; None where nothing can be said.
    """
    low, high = control.accept
    ends = [end for end in (low, high) if end is not None]
    if control.estimate is None or not ends:
        return None
    scale = ends[1] - ends[0] if len(ends) > 1 else abs(ends[0])
    if scale <= 0:
        return None
    return -_nearest_end((control.estimate, control.estimate), (low, high)) / scale


def _nearest_end(inner: tuple[float, float], outer: tuple[End, End]) -> float:
    """The room between an interval and the nearer end of a region; negative where it sticks out."""
    low, high = outer
    below = math.inf if low is None else inner[0] - low
    above = math.inf if high is None else high - inner[1]
    return min(below, above)


def _seeds(record: Record, check: Check) -> Iterator[Answer]:
    count = len(record.seeds)
    yield Answer("How many seeds?", str(count), count < FEW_SEEDS)
    varies = ", ".join(check.varies)
    yield Answer("What differs between them?", varies or "not said", not varies)


def _width(record: Record, width: float | None) -> Iterator[Answer]:
    question = "How wide is the region, in intervals?"
    if width is None:
        yield Answer(question, "the interval has no width")
    elif record.estimator == "every" or None in record.accept:
        yield Answer("How far is the end, in intervals?", f"{width:.3g}", width > LOOSE or width < TIGHT / 2)
    else:
        yield Answer(question, f"{width:.3g}", width > LOOSE or width < TIGHT)


def _prediction(record: Record) -> Iterator[Answer]:
    if record.predicted is None or record.interval is None or record.estimator == "every":
        return
    low, high = record.interval
    excluded = (low is not None and record.predicted < low) or (high is not None and record.predicted > high)
    said = f"{record.predicted:.6g}: {'no' if excluded else 'yes'}"
    yield Answer("Does the interval hold the exact prediction?", said, excluded and record.outcome == "pass")


def _rivals(record: Record) -> Iterator[Answer]:
    if not record.rivals:
        yield Answer("Which other answers are excluded?", "none is named", record.method == "experiment")
        return
    told = [
        f"{rival.name}{'' if rival.excluded else ' (not excluded)'}"
        + ("" if rival.away is None else f" by {rival.away:.3g} standard errors")
        for rival in record.rivals
    ]
    weak = any(not rival.excluded or (rival.away is not None and rival.away < CLOSE_RIVAL) for rival in record.rivals)
    yield Answer("Which other answers are excluded?", "; ".join(told), weak)


def _controls(record: Record) -> Iterator[Answer]:
    negative = [control for control in record.controls if control.role == "negative"]
    positive = [control for control in record.controls if control.role == "positive"]
    judged = [(control, distance_outside(control)) for control in negative if control.expect == "fail"]
    far = [distance for _, distance in judged if distance is not None]
    yield Answer(
        "How far outside do the controls fall, in regions?",
        _told(judged) or "they are out of regime",
        bool(far) and min(far) > FAR_CONTROL,
    )
    if positive:
        inside = [(control, distance_outside(control)) for control in positive]
        deep = any(distance is not None and distance < -DEEP_POSITIVE for _, distance in inside)
        yield Answer("How far inside do the positive controls lie?", _told(inside), deep)


def _told(judged: Sequence[tuple[ControlResult, float | None]]) -> str:
    return "; ".join(
        f"{control.name} {'unknown' if distance is None else format(distance, '.3g')}" for control, distance in judged
    )


def _method(record: Record) -> Iterator[Answer]:
    if record.method != "experiment":
        yield Answer("Is it an experiment?", f"no, a{'n' * (record.method == 'identity')} {record.method}")
