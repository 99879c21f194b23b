"""The verdict drawn to scale: accepted region, interval, estimate, every seed, and where the controls fell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lawbook.evidence.record import Record
from lawbook.publishing.figures import svg
from lawbook.publishing.figures.scales import Scale, padded, span
from lawbook.publishing.numbers import bounds, estimate, number, region

WIDTH = 460.0
LEFT, RIGHT = 10.0, 450.0
TOP, ROW, BOTTOM = 22.0, 40.0, 24.0
LETTERS = 60  # of a row's label and numbers, as they fit in the larger letters of a phone
Region = tuple[float | None, float | None]


@dataclass(frozen=True)
class Row:
    """One line of the strip: the check itself, or a control."""

    label: str
    kind: Literal["measured", "control"]
    estimate: float | None
    interval: Region | None
    values: Sequence[float | None]
    in_regime: Sequence[bool] | None

    @property
    def shown(self) -> str:
        """The row's numbers in words."""
        if self.estimate is None:
            return "no estimate"
        return f"{estimate(self.estimate, self.interval)} {bounds(self.interval, self.estimate)}"


def strip(record: Record) -> str:
    """The figure of one record; an empty string where there is no number to draw."""
    rows = [
        Row("measured", "measured", record.estimate, record.interval, record.values, record.in_regime),
        *(
            Row(f"control: {c.name}", "control", c.estimate, c.interval, c.values, c.in_regime)
            for c in record.controls
        ),
    ]
    scale = strip_scale(record.accept, rows)
    if scale is None:
        return ""
    height = TOP + ROW * len(rows) + BOTTOM
    accepted = region(record.accept)
    drawn = [_region(scale, record.accept, accepted, height), _axis(scale, height)]
    for index, row in enumerate(rows):
        drawn.append(_row(scale, row, TOP + ROW * index + 28))
    told = "; ".join(f"{row.label} {row.shown}" for row in rows)
    name = f"{record.check}, {record.tier} tier: accepted {accepted}"
    return svg.figure(WIDTH, height, name, f"{told}.", *drawn, kind="strip")


def strip_scale(accept: Region, rows: Sequence[Row]) -> Scale | None:
    """A scale on which region and measurement fill most of the width; controls only stretch it within reason.

    Logarithmic where region and measurement are positive and lie more than a factor of twenty apart.
    """
    ends = [end for end in accept if end is not None and math.isfinite(end)]
    main, controls = rows[0], rows[1:]
    core = [*ends, main.estimate, *(main.interval or ()), *main.values]
    linear = span(core, log=False)
    if linear is None:
        return None
    log = linear[0] > 0 and linear[1] / linear[0] > 20
    low, high = linear
    outer = [(row.estimate, *(row.interval or ())) for row in controls if row.estimate is not None]
    if log:
        seen = span([*core, *(value for row in outer for value in row)], log=True)
        assert seen is not None
        low, high = max(seen[0], low * 1e-6), min(seen[1], high * 1e6)
    else:
        width = (high - low) or abs(high) or 1.0
        near = (low - 4 * width, high + 4 * width)
        reach = [row for row in outer if row[0] is not None and near[0] <= row[0] <= near[1]]
        ends_near = (v for row in reach for v in row if v is not None and near[0] <= v <= near[1])
        seen = span([*core, *ends_near], log=False)
        assert seen is not None
        low, high = seen
        air = (high - low) * 0.25 or width * 0.25
        low = low - air if accept[0] is None and low > min(ends, default=low) - air else low
        low = max(low, 0.0) if linear[0] >= 0 else low
        high = high + air if accept[1] is None and high < max(ends, default=high) + air else high
    below, (low, high) = low, padded((low, high), log, 0.08)
    if not log and below >= 0 and linear[0] >= 0:
        # What cannot be negative gets no negative ground.
        low = max(low, -0.02 * (high - below))
    return Scale(low, high, LEFT, RIGHT, "log" if log else "linear")


def _region(scale: Scale, accept: Region, accepted: str, height: float) -> str:
    low = LEFT if accept[0] is None or not math.isfinite(accept[0]) else scale(accept[0])
    high = RIGHT if accept[1] is None or not math.isfinite(accept[1]) else scale(accept[1])
    bottom = height - BOTTOM
    edges = [
        svg.tag("line", x1=place, x2=place, y1=TOP - 4, y2=bottom, class_="edge")
        for place, end in ((low, accept[0]), (high, accept[1]))
        if end is not None and math.isfinite(end)
    ]
    width = max(high - low, 1.0)
    middle = min(max((low + high) / 2, LEFT + 60), RIGHT - 60)
    return "".join(
        [
            svg.tag("rect", x=low, y=TOP - 4, width=width, height=bottom - TOP + 4, class_="region"),
            *edges,
            svg.text(f"accepted {accepted}", middle, 12.0, class_="accepted", text_anchor="middle"),
        ]
    )


def _axis(scale: Scale, height: float) -> str:
    base = height - BOTTOM
    parts = [svg.tag("line", x1=LEFT, x2=RIGHT, y1=base, y2=base, class_="axis")]
    for value, label in scale.ticks(5):
        x = scale(value)
        parts.append(svg.tag("line", x1=x, x2=x, y1=base, y2=base + 4, class_="axis"))
        parts.append(
            svg.text(label, min(max(x, 18), WIDTH - 18), base + 17, text_anchor="middle", class_="tick")
        )
    return "".join(parts)


def _row(scale: Scale, row: Row, y: float) -> str:
    # A long name leaves no room for the interval, which is drawn below it; the name tells the rows apart.
    room = LETTERS - 2 - len(row.label)
    numbers = row.shown if len(row.shown) <= room else estimate(row.estimate, row.interval)
    label = svg.tag(
        "text",
        svg.tag("tspan", _clipped(row.label, LETTERS - 2 - len(numbers)), class_="name"),
        svg.tag("tspan", f"  {svg.escaped(numbers)}", class_="numbers"),
        x=LEFT,
        y=y - 13,
    )
    if row.estimate is not None and math.isfinite(row.estimate) and not scale.holds(row.estimate):
        return svg.tag(
            "g", label, _arrow(row.estimate > scale.high, row.estimate, y), class_=f"row {row.kind}"
        )
    marks: list[str] = [_seeds(scale, row, y)]
    if row.interval is not None and row.interval[0] is not None and row.interval[1] is not None:
        low, high = max(row.interval[0], scale.low), min(row.interval[1], scale.high)
        if low <= high:
            marks.append(svg.tag("line", x1=scale(low), x2=scale(high), y1=y, y2=y, class_="interval"))
            for end in row.interval:
                if scale.holds(end):
                    assert end is not None
                    x = scale(end)
                    marks.append(svg.tag("line", x1=x, x2=x, y1=y - 4, y2=y + 4, class_="cap"))
    if scale.holds(row.estimate):
        assert row.estimate is not None
        x = scale(row.estimate)
        diamond = f"M{x - 4.5:.2f} {y:.2f}L{x:.2f} {y - 5.5:.2f}L{x + 4.5:.2f} {y:.2f}L{x:.2f} {y + 5.5:.2f}Z"
        marks.append(svg.tag("path", svg.title(row.shown), d=diamond, class_="estimate"))
    return svg.tag("g", label, *marks, class_=f"row {row.kind}")


def _arrow(right: bool, value: float, y: float) -> str:
    tip, back = (RIGHT, RIGHT - 12) if right else (LEFT, LEFT + 12)
    head = f"M{back} {y}L{tip} {y}M{(tip + back) / 2} {y - 4}L{tip} {y}L{(tip + back) / 2} {y + 4}"
    anchor, x = ("end", RIGHT - 16) if right else ("start", LEFT + 16)
    return svg.tag("path", d=head, class_="arrow") + svg.text(
        f"{number(value, 3)}, off scale", x, y + 4, text_anchor=anchor, class_="off"
    )


def _seeds(scale: Scale, row: Row, y: float) -> str:
    """A dot for every seed, in two lanes so that neighbours stay apart; hollow where out of regime."""
    inside: list[tuple[float, float]] = []
    outside: list[tuple[float, float]] = []
    for index, value in enumerate(row.values):
        if not scale.holds(value):
            continue
        assert value is not None
        reached = row.in_regime is None or index >= len(row.in_regime) or row.in_regime[index]
        place = (scale(value), y + (2.2 if index % 2 else -2.2))
        (inside if reached else outside).append(place)
    hollow = [svg.tag("circle", cx=x, cy=lane, r=2.0, class_="seed outside") for x, lane in outside]
    return svg.dots(inside, class_="seed") + "".join(hollow)


def _clipped(label: str, most: int) -> str:
    return svg.escaped(label if len(label) <= most else f"{label[: most - 1]}…")
