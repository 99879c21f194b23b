"""How one check's estimate moved from run to run, against what it accepts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lawbook.evidence.history import HistoryLine
from lawbook.publishing.figures import svg
from lawbook.publishing.figures.scales import Scale, padded, span
from lawbook.publishing.numbers import estimate, region

WIDTH, HEIGHT = 220.0, 48.0


def sparkline(lines: Sequence[HistoryLine], accept: tuple[float | None, float | None]) -> str:
    """Estimates with intervals, oldest left; empty where no line holds a number."""
    drawn = [line for line in lines if line.estimate is not None and math.isfinite(line.estimate)][-60:]
    if not drawn:
        return ""
    values = [value for line in drawn for value in (line.estimate, *(line.interval or ()))]
    ends = [end for end in accept if end is not None and math.isfinite(end)]
    held = span([*values, *ends], log=False)
    assert held is not None
    low, high = padded(held, log=False, share=0.1)
    scale = Scale(low, high, HEIGHT - 4, 4.0)
    step = (WIDTH - 16) / max(len(drawn) - 1, 1)
    top = scale(high if accept[1] is None else min(accept[1], high))
    bottom = scale(low if accept[0] is None else max(accept[0], low))
    parts = [svg.tag("rect", x=0, y=top, width=WIDTH, height=max(bottom - top, 0.5), class_="region")]
    points: list[tuple[float, float] | None] = []
    for index, line in enumerate(drawn):
        assert line.estimate is not None
        x, y = 8 + step * index if len(drawn) > 1 else WIDTH / 2, scale(line.estimate)
        points.append((x, y))
        if line.interval and line.interval[0] is not None and line.interval[1] is not None:
            y1, y2 = scale(line.interval[0]), scale(line.interval[1])
            parts.append(svg.tag("line", x1=x, x2=x, y1=y1, y2=y2, class_="interval"))
        told = svg.title(f"{line.started[:10]}: {estimate(line.estimate, line.interval)}, {line.outcome}")
        parts.append(svg.tag("circle", told, cx=x, cy=y, r=2.6, class_=f"point lb-is-{line.outcome}"))
    parts.insert(1, svg.tag("path", d=svg.path(points), class_="trace"))
    last = drawn[-1]
    description = (
        f"{len(drawn)} runs; the last {estimate(last.estimate, last.interval)}; accepted {region(accept)}."
    )
    return svg.figure(WIDTH, HEIGHT, "Estimates over time", description, *parts, kind="spark")
