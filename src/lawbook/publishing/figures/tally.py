"""How many claims stood where, over time: one stacked step area a status."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from lawbook.book import Status
from lawbook.publishing.changes import Change
from lawbook.publishing.figures import svg
from lawbook.publishing.figures.scales import linear_ticks

WIDTH, HEIGHT = 460.0, 208.0
LEFT, RIGHT, TOP, BASE = 34.0, 448.0, 8.0, 152.0
LEGEND = (34.0, 91.0, 140.0, 247.0, 302.0, 361.0)
ORDER: tuple[Status, ...] = ("pass", "fail", "inconclusive", "void", "error", "unverified")


def tally(changes: Sequence[Change], claims: int, problems: frozenset[str]) -> str:
    """The figure; empty with fewer than two days of changes, since a single day is no course of events."""
    moments = _moments([change for change in changes if change.id not in problems], claims)
    if len(moments) < 2 or not claims:
        return ""
    first, last = moments[0][0], moments[-1][0]
    if (last - first).total_seconds() < 86_400:
        return ""

    def x(moment: datetime) -> float:
        return LEFT + (RIGHT - LEFT) * (moment - first).total_seconds() / (last - first).total_seconds()

    def y(count: float) -> float:
        return BASE - (BASE - TOP) * count / claims

    areas, floor = [], [0] * len(moments)
    for status in ORDER:
        ceiling = [low + counts[status] for low, (_, counts) in zip(floor, moments, strict=True)]
        outline = _steps([(x(m), y(c)) for (m, _), c in zip(moments, ceiling, strict=True)])
        back = _steps([(x(m), y(c)) for (m, _), c in zip(moments, floor, strict=True)])
        shape = svg.path([*outline, *reversed(back)])
        areas.append(svg.tag("path", svg.title(status), d=f"{shape}Z", class_=f"area lb-is-{status}"))
        floor = ceiling
    ticks = [
        svg.text(label, LEFT - 6, y(place) + 4, text_anchor="end", class_="tick")
        for place, label in linear_ticks(0, claims, 4)
        if float(place).is_integer()
    ]
    dates = [
        svg.text(f"{first:%Y-%m-%d}", LEFT, BASE + 17, class_="tick"),
        svg.text(f"{last:%Y-%m-%d}", RIGHT, BASE + 17, text_anchor="end", class_="tick"),
    ]
    legend = [
        svg.tag("rect", x=place, y=BASE + 36, width=9, height=9, class_=f"area lb-is-{status}")
        + svg.text(status, place + 13, BASE + 45, class_="tick")
        for place, status in zip(LEGEND, ORDER, strict=True)
    ]
    now = ", ".join(f"{count} {status}" for status, count in moments[-1][1].items() if count)
    frame = svg.tag("path", d=f"M{LEFT} {TOP}V{BASE}H{RIGHT}", class_="axis")
    return svg.figure(
        WIDTH, HEIGHT, "Claims by status over time", f"Now {now}.", *areas, frame, *ticks, *dates, *legend
    )


def _moments(changes: Sequence[Change], claims: int) -> list[tuple[datetime, dict[Status, int]]]:
    """The counts after each change, oldest first."""
    counts: dict[Status, int] = dict.fromkeys(ORDER, 0) | {"unverified": claims}
    moments = []
    for change in changes:
        counts[change.before] -= 1
        counts[change.after] += 1
        moments.append((datetime.fromisoformat(change.line.started[:19]), dict(counts)))
    return moments


def _steps(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A staircase: each height holds until the next moment."""
    stairs = points[:1]
    for (_, before), (x, after) in pairwise(points):
        stairs += [(x, before), (x, after)]
    return stairs
