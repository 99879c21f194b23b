"""What a hostile reader asks of a recorded check, as far as its record can answer.

A pass says little where the region is many intervals wide, where no other answer was excluded, or where the
controls fall so far outside that anything would have told them apart. A claim file may explain what is answered
badly; none of this changes a verdict.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lawbook.evidence.past import RegionPast
from lawbook.evidence.record import ControlResult, End, Record
from lawbook.registry.answers import Answers, Question
from lawbook.registry.expectation import Interval
from lawbook.registry.models import Check
from lawbook.verdicts.rivals_today import rivals_today

if TYPE_CHECKING:
    from lawbook.book import CheckState

# In widths of the confidence interval: beyond LOOSE the seeds were not needed, below TIGHT they hardly decide.
LOOSE, TIGHT = 10.0, 1.5
# In widths of the region: a control beyond it fails for any reason one likes.
FAR_CONTROL = 20.0
DEEP_POSITIVE = 2.0
CLOSE_RIVAL = 3.0
FEW_SEEDS = 6
# In sizes of the prediction, or of one where that is zero: a region so tight leaves room for rounding alone, and what
# lies so near is exact but for rounding in double precision.
TOLERANCE, ROUNDING = 1e-6, 1e-10


@dataclass(frozen=True)
class Answer:
    """A question, its answer, and whether a reader should stop there.

    key: what a claim file calls the question, None where it cannot answer. explanation: what it says.
    """

    key: Question | None
    question: str
    answer: str
    is_bad: bool = False
    explanation: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is bad and nothing explains it."""
        return self.is_bad and not self.explanation


@dataclass(frozen=True)
class Severity:
    """The answers of one check at one tier; width: of the region or room in it, in widths of the interval."""

    answers: tuple[Answer, ...]
    width: float | None

    @property
    def bad(self) -> tuple[Answer, ...]:
        """The answers at which a reader should stop, explained or not."""
        return tuple(answer for answer in self.answers if answer.is_bad)

    @property
    def explained(self) -> tuple[Answer, ...]:
        """The bad answers that the claim file explains."""
        return tuple(answer for answer in self.bad if not answer.is_open)

    @property
    def open(self) -> tuple[Answer, ...]:
        """The bad answers that nothing explains."""
        return tuple(answer for answer in self.bad if answer.is_open)


def severity(
    record: Record,
    check: Check,
    past: RegionPast | None = None,
    predictions: Mapping[str, Interval] | None = None,
) -> Severity:
    """What the record of a check answers to a hostile reader, and what the check explains.

    past: of its region. predictions: what its rivals predict today, by name.
    """
    width = room(record)
    answers = [
        *_seeds(record, check),
        *_width(record, width),
        *_prediction(record),
        *_rivals(record, check, predictions or {}),
        *_controls(record),
        *_method(record),
        *_region(record, past or RegionPast()),
    ]
    return Severity(tuple(_explained(answer, check.answers) for answer in answers), width)


def severity_of(state: CheckState) -> Severity | None:
    """What the newest record of a check answers at a tier; None where there is none."""
    if state.record is None:
        return None
    return severity(state.record, state.check, state.past, state.regions.predictions)


def needless_answers(check: Check, asked: Sequence[Severity]) -> tuple[Question, ...]:
    """The questions that a check explains although they are answered badly at none of its recorded tiers."""
    bad = {answer.key for found in asked for answer in found.bad}
    return tuple(question for question in (check.answers.given if check.answers else ()) if question not in bad)


def is_exact(record: Record) -> bool:
    """Whether the region leaves room for rounding alone, and the values are exact but for it.

    Such a value does not scatter as an experiment does: its range is that of the last digits.
    """
    ideal = 0.0 if record.predicted is None else record.predicted
    scale = abs(ideal) or 1.0
    ends = [end for end in record.accept if end is not None]
    values = [value for value in (record.estimate, *(record.interval or ())) if value is not None]
    return (
        bool(values)
        and all(abs(end - ideal) <= TOLERANCE * scale for end in ends)
        and all(abs(value - ideal) <= ROUNDING * scale for value in values)
    )


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


def _explained(answer: Answer, given: Answers | None) -> Answer:
    if given is None or answer.key is None or not answer.is_bad:
        return answer
    return replace(answer, explanation=given.to(answer.key))


def _without_noise(record: Record) -> str:
    """Why seeds and distances in intervals say nothing of this record; empty where they do."""
    if record.method != "experiment":
        return f"of {_a(record.method)} seeds and intervals are not asked"
    if is_exact(record):
        return "exact but for rounding, so seeds and intervals are not asked"
    return ""


def _seeds(record: Record, check: Check) -> Iterator[Answer]:
    count, why_not = len(record.seeds), _without_noise(record)
    yield Answer(
        "seeds", "How many seeds?", f"{count}; {why_not}" if why_not else f"{count}", not why_not and count < FEW_SEEDS
    )
    varies = ", ".join(check.varies)
    # A calculation draws what it draws from published numbers; no data, initialisation or batch is among it.
    asked = record.method != "calculation"
    yield Answer("varies", "What differs between them?", varies or "not said", asked and not varies)


def _width(record: Record, width: float | None) -> Iterator[Answer]:
    one_sided = record.estimator == "every" or None in record.accept
    question = "How far is the end, in intervals?" if one_sided else "How wide is the region, in intervals?"
    why_not = _without_noise(record)
    if width is None:
        yield Answer("width", question, "the interval has no width")
    elif why_not:
        yield Answer("width", question, f"{width:.3g}; {why_not}")
    elif one_sided:
        # What fails lies beyond the end; as far as it must to be told from it, and no further than seeds were needed.
        beyond = " beyond it" if width < 0 else ""
        said = f"{abs(width):.3g}{beyond}"
        yield Answer("width", question, said, abs(width) > LOOSE or abs(width) < TIGHT / 2)
    else:
        yield Answer("width", question, f"{width:.3g}", width > LOOSE or width < TIGHT)


def _prediction(record: Record) -> Iterator[Answer]:
    if record.predicted is None or record.interval is None or record.estimator == "every":
        return
    low, high = record.interval
    excluded = (low is not None and record.predicted < low) or (high is not None and record.predicted > high)
    said = f"{record.predicted:.6g}: {'no' if excluded else 'yes'}"
    is_bad = excluded and record.outcome == "pass"
    yield Answer("prediction", "Does the interval hold the exact prediction?", said, is_bad)


def _rivals(record: Record, check: Check, predictions: Mapping[str, Interval]) -> Iterator[Answer]:
    question, rivals = "Which other answers are excluded?", rivals_today(record, check, predictions)
    # A fail excludes the law itself, where the instrument has shown that it can say yes; only a pass needs rivals.
    said_yes = any(control.role == "positive" and control.as_expected for control in record.controls)
    fails = record.outcome == "fail" and said_yes
    if not rivals:
        is_bad = record.method == "experiment" and not fails
        yield Answer("rivals", question, "the law itself, by a fail" if fails else "none is named", is_bad)
        return
    told = [
        f"{rival.name}{'' if rival.excluded else ' (not excluded)'}"
        + ("" if rival.away is None else f" by {rival.away:.3g} standard errors")
        for rival in rivals
    ]
    weak = any(not rival.excluded or (rival.away is not None and rival.away < CLOSE_RIVAL) for rival in rivals)
    yield Answer("rivals", question, "; ".join(told), weak and not fails)


def _controls(record: Record) -> Iterator[Answer]:
    negative = [control for control in record.controls if control.role == "negative"]
    positive = [control for control in record.controls if control.role == "positive"]
    judged = [(control, distance_outside(control)) for control in negative if control.expect == "fail"]
    far = [distance for _, distance in judged if distance is not None]
    yield Answer(
        "controls",
        "How far outside do the controls fall, in regions?",
        _told(judged) or "they are out of regime",
        bool(far) and min(far) > FAR_CONTROL,
    )
    if positive:
        inside = [(control, distance_outside(control)) for control in positive]
        deep = any(distance is not None and distance < -DEEP_POSITIVE for _, distance in inside)
        yield Answer("positives", "How far inside do the positive controls lie?", _told(inside), deep)


def _told(judged: Sequence[tuple[ControlResult, float | None]]) -> str:
    return "; ".join(
        f"{control.name} {'unknown' if distance is None else format(distance, '.3g')}" for control, distance in judged
    )


def _method(record: Record) -> Iterator[Answer]:
    if record.method != "experiment":
        yield Answer(None, "Is it an experiment?", f"no, {_a(record.method)}")


def _a(method: str) -> str:
    return f"a{'n' * (method == 'identity')} {method}"


def _region(record: Record, past: RegionPast) -> Iterator[Answer]:
    if said := past.lines():
        is_bad = any(move.favours(record.outcome) for move in past.moves)
        yield Answer("region", "Has the region moved?", "; ".join(said), is_bad)
