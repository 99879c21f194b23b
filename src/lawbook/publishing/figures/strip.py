"""The verdict drawn to scale: accepted region, interval, estimate, every seed, controls and rivals.

Words and marks have lanes of their own: no label ever lies over a mark, an interval or the region.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lawbook.evidence.record import Record, RivalResult
from lawbook.publishing.figures import svg
from lawbook.publishing.figures.scales import Scale, padded, span
from lawbook.publishing.numbers import bounds, estimate, number, region

WIDTH = 460.0
LEFT, RIGHT = 10.0, 450.0
TOP, ROW, BOTTOM = 18.0, 38.0, 24.0
# Below the top of a row: the line of its words, and the lane of its marks from edge to edge.
WORDS, LANE, LANE_END = 12.0, 17.0, 35.0
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

    def off(self, scale: Scale) -> bool:
        """Whether the estimate lies outside of what is drawn."""
        known = self.estimate is not None and math.isfinite(self.estimate)
        return known and not scale.holds(self.estimate)


def strip(record: Record) -> str:
    """The figure of one record; an empty string where there is no number to draw."""
    rows = _rows(record)
    scale = strip_scale(record.accept, rows)
    if scale is None:
        return ""
    rivals = [rival for rival in record.rivals if _place(rival) is not None]
    height = TOP + ROW * (len(rows) + bool(rivals)) + BOTTOM
    accepted = region(record.accept)
    drawn = [_words_of_region(scale, record.accept, accepted), _axis(scale, height)]
    drawn.append(_region(scale, record.accept, len(rows) + bool(rivals)))
    for index, row in enumerate(rows):
        top = TOP + ROW * index
        drawn.append(_row(scale, row, top))
        if not index:
            drawn.append(_law(scale, record.predicted, top))
    if rivals:
        drawn.append(_rivals(scale, rivals, TOP + ROW * len(rows)))
    beside = [f"{len(kind)} {name}{'s' * (len(kind) > 1)}" for name, kind in _beside(rows, rivals) if kind]
    told = f"Verdict, {record.check}, {record.tier} tier: {rows[0].shown}, accepted {accepted}"
    return svg.figure(WIDTH, height, "", "; ".join([told, *beside]), *drawn, kind="strip")


def _beside(rows: Sequence[Row], rivals: Sequence[RivalResult]) -> list[tuple[str, Sequence[object]]]:
    return [("control", rows[1:]), ("rival", rivals)]


def strip_numbers(record: Record) -> dict[str, Any] | None:
    """All numbers of the drawing, for the page's script to give out as a table: by row the estimate, the ends of its
    interval and the seeds' values; the accepted region; what rivals predict. None where nothing is drawn.
    """
    rows = _rows(record)
    if strip_scale(record.accept, rows) is None:
        return None
    told = [[row.label, row.estimate, *(row.interval or (None, None)), list(row.values)] for row in rows]
    rivals = [(rival.name, _place(rival)) for rival in record.rivals]
    return {"rows": told, "accepted": record.accept, "rivals": rivals}


def _rows(record: Record) -> list[Row]:
    return [
        Row("measured", "measured", record.estimate, record.interval, record.values, record.in_regime),
        *(Row(f"control: {c.name}", "control", c.estimate, c.interval, c.values, c.in_regime) for c in record.controls),
    ]


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


def _ends(scale: Scale, accept: Region) -> tuple[float, float]:
    """Where the region begins and ends on the page; open ends reach its edges."""
    low = LEFT if accept[0] is None or not math.isfinite(accept[0]) else scale(accept[0])
    high = RIGHT if accept[1] is None or not math.isfinite(accept[1]) else scale(accept[1])
    return low, high


def _words_of_region(scale: Scale, accept: Region, accepted: str) -> str:
    low, high = _ends(scale, accept)
    half = 3.6 * len(f"accepted {accepted}")
    middle = min(max((low + high) / 2, LEFT + half), RIGHT - half)
    return svg.text(f"accepted {accepted}", middle, 12.0, class_="accepted", text_anchor="middle")


def _region(scale: Scale, accept: Region, rows: int) -> str:
    """The region in the lanes of all rows."""
    low, high = _ends(scale, accept)
    lanes = [TOP + ROW * row + LANE for row in range(rows)]
    ends = [place for place, end in ((low, accept[0]), (high, accept[1])) if end is not None and math.isfinite(end)]
    edges = "".join(svg.strokes(((place, lane) for lane in lanes), v=LANE_END - LANE) for place in ends)
    drawn = svg.tag("path", class_="edge", d=edges) if edges else ""
    return svg.boxes(((low, lane) for lane in lanes), max(high - low, 1.0), LANE_END - LANE, class_="region") + drawn


def _law(scale: Scale, predicted: float | None, top: float) -> str:
    """A line where the law puts the observable."""
    if predicted is None or not scale.holds(predicted):
        return ""
    x = scale(predicted)
    told = svg.title(f"predicted {number(predicted, 5)}")
    return svg.tag("line", told, x1=x, x2=x, y1=top + LANE, y2=top + LANE_END, class_="law")


def _place(rival: RivalResult) -> float | None:
    """Where a rival stands: what it predicts, the middle of that, or what its formula gave."""
    if rival.predicts is None:
        return rival.estimate
    low, high = rival.predicts
    if low is None or high is None:
        return low if high is None else high
    return (low + high) / 2


def _rivals_told(rivals: Sequence[RivalResult]) -> str:
    return ", ".join(f"{rival.name} {number(_place(rival), 4)}" for rival in rivals)


def _rivals(scale: Scale, rivals: Sequence[RivalResult], top: float) -> str:
    """What other answers predict, a cross each; those beyond the scale are named alone."""
    middle = top + (LANE + LANE_END) / 2
    marks = []
    for rival in rivals:
        place = _place(rival)
        if scale.holds(place):
            assert place is not None
            x = scale(place)
            cross = f"M{svg.place(x - 4, middle - 4)}l8 8m0-8l-8 8"
            told = svg.title(f"{rival.name}: {number(place, 4)}")
            marks.append(svg.tag("path", told, class_="cross", d=cross))
        elif place is not None and math.isfinite(place):
            marks.append(_arrow(place > scale.high, middle))
    label = _label("rivals", _rivals_told(rivals), top)
    return svg.tag("g", label, *marks, class_="row rival")


def _axis(scale: Scale, height: float) -> str:
    base = height - BOTTOM
    ticks = scale.ticks(5)
    marks = svg.strokes(((scale(value), base) for value, _ in ticks), v=4)
    labels = [svg.text(label, min(max(scale(value), 18), WIDTH - 18), base + 17) for value, label in ticks]
    line = svg.tag("path", class_="axis", d=f"M{svg.place(LEFT, base)}H{RIGHT:g}{marks}")
    return line + svg.tag("g", *labels, text_anchor="middle", class_="tick")


def _row(scale: Scale, row: Row, top: float) -> str:
    # A long name leaves no room for the interval, which is drawn below it; the name tells the rows apart.
    room = LETTERS - 2 - len(row.label)
    numbers = row.shown if len(row.shown) <= room else estimate(row.estimate, row.interval)
    y = top + (LANE + LANE_END) / 2
    if row.off(scale):
        assert row.estimate is not None
        label = _label(row.label, f"{number(row.estimate, 3)}, off scale", top)
        return svg.tag("g", label, _arrow(row.estimate > scale.high, y), class_=f"row {row.kind}")
    label = _label(row.label, numbers, top)
    marks: list[str] = [_seeds(scale, row, y)]
    if row.interval is not None and row.interval[0] is not None and row.interval[1] is not None:
        low, high = max(row.interval[0], scale.low), min(row.interval[1], scale.high)
        if low <= high:
            line = svg.strokes([(scale(low), y)], h=scale(high) - scale(low))
            marks.append(svg.tag("path", class_="interval", d=line))
            ends = [end for end in row.interval if end is not None and scale.holds(end)]
            caps = svg.strokes(((scale(end), y - 4) for end in ends), v=8)
            marks += [svg.tag("path", class_="cap", d=caps)] * bool(caps)
    if scale.holds(row.estimate):
        assert row.estimate is not None
        x = scale(row.estimate)
        diamond = f"M{svg.place(x - 4.5, y)}l4.5-5.5 4.5 5.5-4.5 5.5Z"
        marks.append(svg.tag("path", class_="estimate", d=diamond))
    return svg.tag("g", label, *marks, class_=f"row {row.kind}")


def _label(name: str, numbers: str, top: float) -> str:
    """The words of a row, on their own line above its marks."""
    return svg.tag(
        "text",
        _clipped(name, max(LETTERS - 2 - len(numbers), 12)),
        svg.tag("tspan", f"  {_clipped(numbers, LETTERS - 2 - min(len(name), 40))}", class_="numbers"),
        class_="name",
        x=LEFT,
        y=top + WORDS,
    )


def _arrow(right: bool, y: float) -> str:
    tip, back = (RIGHT, RIGHT - 12) if right else (LEFT, LEFT + 12)
    turn = (back - tip) / 2
    return svg.tag("path", class_="arrow", d=f"M{back:g} {y:g}H{tip:g}m{turn:g}-4l{-turn:g} 4 {turn:g} 4")


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
    return svg.dots(sorted(inside, key=lambda place: place[::-1]), class_="seed") + "".join(hollow)


def _clipped(label: str, most: int) -> str:
    return svg.escaped(label if len(label) <= most else f"{label[: most - 1]}…")
