"""How one check's estimate went from run to run, on one device, each run before the region that it was judged by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from lawbook.evidence.history import HistoryLine
from lawbook.publishing.figures import svg
from lawbook.publishing.figures.marks import status_mark
from lawbook.publishing.figures.scales import Scale, padded, span
from lawbook.publishing.numbers import bounds, estimate, region

WIDTH, TOP, HEIGHT = 460.0, 16.0, 96.0
RIGHT = 452.0
MOST_RUNS = 60


def course(lines: Sequence[HistoryLine], name: str) -> str:
    """The newest runs, oldest left; empty where none holds a number."""
    drawn = _drawn(lines)
    if not drawn:
        return ""
    scale = _scale(drawn)
    left = 30.0 + 6.6 * max(len(label) for _, label in scale.ticks(3))
    slot = (RIGHT - left) / len(drawn)
    parts = [_ticks(scale, left)]
    marks = []
    started = 0
    for index, line in enumerate(drawn):
        before = drawn[index - 1] if index else None
        if index + 1 == len(drawn) or drawn[index + 1].accept != line.accept:
            parts.append(_region(scale, line, left + slot * started, slot * (index + 1 - started)))
            started = index + 1
        parts += _moved(before, line, left + slot * index)
        marks += _run(scale, line, before, left + slot * (index + 0.5))
    base = TOP + HEIGHT
    parts.append(svg.tag("path", class_="axis", d=f"M{svg.place(left, TOP)}V{base:g}H{RIGHT:g}"))
    parts.append(svg.text(drawn[0].started[:10], left, base + 15, class_="tick"))
    if len(drawn) > 1:
        last = svg.text(drawn[-1].started[:10], RIGHT, base + 15, text_anchor="end", class_="tick")
        parts.append(last)
    newest = drawn[-1]
    told = f"{len(drawn)} run{'s' if len(drawn) > 1 else ''}, the last {estimate(newest.estimate, newest.interval)}"
    changes = sum(_is_changed(one, other) for one, other in zip([None, *drawn], drawn, strict=False))
    moves = sum(_is_moved(one, other) for one, other in pairwise(drawn))
    counted = (("the outcome changed", changes), ("the region moved", moves))
    told += "".join(f"; {what} {_times(count)}" for what, count in counted if count)
    return svg.figure(WIDTH, base + 22, "", f"{name}: {told}", *parts, *marks, kind="course")


def course_numbers(lines: Sequence[HistoryLine]) -> list[tuple[Any, ...]]:
    """The drawing's numbers, a run a row, for the page's script to give out as a table; none where nothing is drawn."""
    return [
        (
            line.started,
            line.outcome,
            line.estimate,
            *(line.interval or (None, None)),
            *(line.accept or (None, None)),
            line.seeds,
            line.seed_base,
        )
        for line in _drawn(lines)
    ]


def _drawn(lines: Sequence[HistoryLine]) -> list[HistoryLine]:
    return [line for line in lines if line.estimate is not None and math.isfinite(line.estimate)][-MOST_RUNS:]


def _times(count: int) -> str:
    return f"{count} time{'' if count == 1 else 's'}"


def _scale(drawn: Sequence[HistoryLine]) -> Scale:
    values = [value for line in drawn for value in (line.estimate, *(line.interval or ()))]
    ends = [end for line in drawn for end in (line.accept or ()) if end is not None and math.isfinite(end)]
    seen = span(values, log=False)
    assert seen is not None
    width = (seen[1] - seen[0]) or abs(seen[1]) or 1.0
    # A region far away from all that was measured would press the runs flat; its edge is then beyond the drawing.
    near = [end for end in ends if seen[0] - 4 * width <= end <= seen[1] + 4 * width]
    held = span([*values, *near], log=False)
    assert held is not None
    low, high = padded(held, log=False, share=0.12)
    return Scale(low, high, TOP + HEIGHT, TOP)


def _ticks(scale: Scale, left: float) -> str:
    ticks = scale.ticks(3)
    lines = svg.strokes(((left, scale(value)) for value, _ in ticks), h=RIGHT - left)
    labels = [svg.text(label, left - 5, scale(value) + 4) for value, label in ticks]
    grid = svg.tag("path", class_="grid", d=lines) if lines else ""
    return grid + svg.tag("g", *labels, text_anchor="end", class_="tick")


def _region(scale: Scale, line: HistoryLine, x: float, width: float) -> str:
    """What this and the runs just before it were judged by; nothing where a line of old does not say."""
    if line.accept is None:
        return ""
    low, high = line.accept
    top = scale(scale.high if high is None else min(high, scale.high))
    bottom = scale(scale.low if low is None else max(low, scale.low))
    return svg.tag("rect", x=x, y=top, width=width, height=max(bottom - top, 0.5), class_="region")


def _was(before: HistoryLine | None, line: HistoryLine) -> str | None:
    """The outcome before a run, as its line says, or else as the run drawn before it had it."""
    return line.before or (before.outcome if before else None)


def _is_changed(before: HistoryLine | None, line: HistoryLine) -> bool:
    return _was(before, line) not in (None, line.outcome)


def _is_moved(before: HistoryLine, line: HistoryLine) -> bool:
    return before.accept is not None and line.accept is not None and before.accept != line.accept


def _moved(before: HistoryLine | None, line: HistoryLine, x: float) -> list[str]:
    if before is None or before.accept is None or line.accept is None or not _is_moved(before, line):
        return []
    what = "measurement changed" if before.measures != line.measures else "region moved"
    told = svg.title(f"{line.started[:10]}: {what}, {region(before.accept)} → {region(line.accept)}")
    return [
        svg.tag("line", told, x1=x, x2=x, y1=TOP - 3, y2=TOP + HEIGHT, class_="moved"),
        svg.text(what, min(x + 3, RIGHT - 7 * len(what)), TOP - 5, class_="tick"),
    ]


def _run(scale: Scale, line: HistoryLine, before: HistoryLine | None, x: float) -> list[str]:
    """The interval and the mark of a run; a ring where the outcome is not the one before."""
    assert line.estimate is not None
    y = scale(line.estimate)
    parts = []
    if line.interval and line.interval[0] is not None and line.interval[1] is not None:
        y1, y2 = scale(line.interval[0]), scale(line.interval[1])
        parts.append(svg.tag("path", class_="interval", d=svg.strokes([(x, y1)], v=y2 - y1)))
    if _is_changed(before, line):
        told = svg.title(f"{line.started[:10]}: {_was(before, line)} → {line.outcome}")
        parts.append(svg.tag("circle", told, cx=x, cy=y, r=7.5, class_="changed"))
    said = f"{line.started[:10]}: {estimate(line.estimate, line.interval)} {bounds(line.interval, line.estimate)}"
    parts.append(status_mark(line.outcome, x, y, 3.8, svg.title(f"{said}, {line.outcome}")))
    return parts
