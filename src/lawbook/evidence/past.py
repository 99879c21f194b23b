"""What the history remembers of a check's acceptance region: since when it stands, and when it moved.

Nothing locks a region before a run; but every run's line of history holds the region that it was judged by, so
a region that moved afterwards says so for ever.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lawbook.evidence.history import HistoryLine, short_ends
from lawbook.evidence.record import End
from lawbook.verdicts.intervals import describe

Region = tuple[End, End]
Turn = Literal["narrower", "alike", "wider", "other"]
# Regions are kept to seven digits, so that equal half-widths of narrow ones may differ by this share.
ROUNDING = 1e-4


@dataclass(frozen=True)
class Move:
    """The region was another one after some runs.

    day: of the first run that was judged by the new region; empty while none was. runs: how many were judged
    before it. measurement: whether what is measured changed as well.
    """

    day: str
    before: Region
    after: Region
    runs: int
    measurement: bool

    @property
    def turn(self) -> Turn:
        """Whether a pass became harder: the new region lies inside the old one, or holds it; "other" is neither.

        Where the measurement changed too, as from a ratio to a formula, the half-widths are compared as shares of
        the middles; one-sided regions, and those that hold zero, have no such share.
        """
        if not self.measurement:
            harder, easier = _inside(self.after, self.before), _inside(self.before, self.after)
            return "narrower" if harder else "wider" if easier else "other"
        before, after = _share(self.before), _share(self.after)
        if before is None or after is None:
            return "other"
        if math.isclose(before, after, rel_tol=ROUNDING):
            return "alike"
        return "narrower" if after < before else "wider"

    def favours(self, outcome: str) -> bool:
        """Whether it may have helped that outcome: a fail is helped by a narrower region, any other by a wider one."""
        return self.turn not in ("alike", "wider" if outcome == "fail" else "narrower")

    def __str__(self) -> str:
        after = f"after {self.runs} run{'s' if self.runs != 1 else ''}"
        what = "measurement and region changed" if self.measurement else "region moved"
        when = self.day or "not judged since"
        return f"{what} {after}: {_shown(self.before)} → {_shown(self.after)}{self._told_turn()}, {when}"

    def _told_turn(self) -> str:
        if not self.measurement:
            return " (narrower, harder to pass)" if self.turn == "narrower" else ""
        before, after = _share(self.before), _share(self.after)
        if before is None or after is None:
            return ""
        if self.turn == "alike":
            return f" (± {100 * after:.3g} % of the middle as before)" if after else " (as narrow as before)"
        return f" (relatively {self.turn}: ± {100 * before:.3g} % → ± {100 * after:.3g} % of the middle)"


@dataclass(frozen=True)
class RegionPast:
    """since: the day of the first run judged by today's region at today's measurement; empty where none was.

    unknown: whether earlier runs are on record whose lines do not say what they were judged by.
    """

    since: str = ""
    moves: tuple[Move, ...] = ()
    unknown: bool = False

    def lines(self) -> list[str]:
        """What a view says: every move, or else since when the region has stood."""
        if self.moves:
            return [str(move) for move in self.moves]
        if not self.since:
            return []
        earlier = " (earlier runs did not record theirs)" if self.unknown else ""
        return [f"region unchanged since {self.since}{earlier}"]


def region_past(lines: Sequence[HistoryLine], region: tuple[float, float], measures: str) -> RegionPast:
    """The past of a check's region at one tier, from its lines of history, oldest first, on any device.

    region, measures: what the claim file says today.
    """
    today = short_ends((_end(region[0]), _end(region[1])))
    told = [(place, line) for place, line in enumerate(lines) if line.accept is not None]
    judged: list[tuple[int, str, Region, str]] = [
        (place, line.started[:10], (line.accept[0], line.accept[1]), line.measures)
        for place, line in told
        if line.accept is not None
    ]
    if judged and (judged[-1][2] != today or judged[-1][3] != measures):
        judged.append((len(lines), "", today, measures))
    moves: list[Move] = []
    since = ""
    for number, (place, day, accept, measured) in enumerate(judged):
        is_first = number == 0
        other_measurement = not is_first and measured != judged[number - 1][3]
        moved = not is_first and accept != judged[number - 1][2]
        if moved:
            moves.append(Move(day, judged[number - 1][2], accept, place, other_measurement))
        if is_first or moved or other_measurement:
            since = day
    return RegionPast(since, tuple(moves), unknown=bool(lines) and (not told or told[0][0] > 0))


def _end(end: float) -> End:
    return end if math.isfinite(end) else None


def _inside(inner: Region, outer: Region) -> bool:
    low = outer[0] is None or (inner[0] is not None and outer[0] <= inner[0])
    high = outer[1] is None or (inner[1] is not None and inner[1] <= outer[1])
    return low and high


def _share(region: Region) -> float | None:
    """The half-width as a share of the middle."""
    low, high = region
    if low is None or high is None or low * high <= 0:
        return None
    return (high - low) / abs(high + low)


def _shown(region: Region) -> str:
    low, high = region
    return describe((-math.inf if low is None else low, math.inf if high is None else high))
