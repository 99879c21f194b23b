"""Maps as coloured cells, side by side with one colour bar, so that measured and predicted compare."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lawbook.evidence.record import StoredCurve
from lawbook.publishing.figures import svg
from lawbook.publishing.figures.panels import Drawn, drawable, thinned
from lawbook.publishing.figures.scales import Scale, span
from lawbook.publishing.numbers import number

WIDTH = 460.0
LEFT, RIGHT, TOP, HEIGHT = 54.0, 396.0, 26.0, 270.0
BAR = 414.0
MOST_CELLS = 48
# Dark to light, even in lightness and safe for colour-blind eyes: anchors of the viridis map (CC0, van der Walt
# and Smith 2015).
ANCHORS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))


def heatmaps(name: str, maps: Sequence[Drawn]) -> list[str]:
    """One figure a map, all on the colour scale that holds the check's own maps."""
    own = [drawn.curve for drawn in maps if not drawn.control] or [drawn.curve for drawn in maps]
    log = any(curve.z_scale == "log" for curve in own)
    held = span((v for curve in own for row in curve.z or () for v in row), log)
    if held is None:
        return []
    low, high = held if held[1] > held[0] else (held[0] * 0.9, held[0] * 1.1 or 1.0)
    shades = Scale(low, high, 0.0, 1.0, "log" if log else "linear")
    return [_heatmap(name, drawn, shades) for drawn in maps]


def colour(share: float) -> str:
    """The colour at a place between 0 and 1, in 48 steps so that equal neighbours can be drawn as one."""
    share = round(min(max(share, 0.0), 1.0) * 47) / 47 * (len(ANCHORS) - 1)
    index = min(int(share), len(ANCHORS) - 2)
    part = share - index
    mixed = (round(a + (b - a) * part) for a, b in zip(ANCHORS[index], ANCHORS[index + 1], strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _heatmap(name: str, drawn: Drawn, shades: Scale) -> str:
    curve = drawn.curve
    columns, rows = thinned(range(len(curve.x)), MOST_CELLS), thinned(range(len(curve.y)), MOST_CELLS)
    described = f"{drawn.label}: {curve.z_label or 'value'} over {curve.x_label} and {curve.y_label}."
    title = svg.text(drawn.label, LEFT, 14, class_="label strong")
    cells = _cells(curve, columns, rows, shades)
    frame = svg.tag("rect", x=LEFT, y=TOP, width=RIGHT - LEFT, height=HEIGHT, class_="frame")
    return svg.figure(
        WIDTH,
        TOP + HEIGHT + 42,
        f"{name}: {drawn.label}",
        described,
        title,
        cells,
        frame,
        _edges(curve, columns, rows),
        _bar(shades, curve.z_label),
        kind="map",
    )


def _cells(curve: StoredCurve, columns: Sequence[int], rows: Sequence[int], shades: Scale) -> str:
    """Cells row by row, the first row at the bottom; neighbours of one colour become one rectangle."""
    assert curve.z is not None
    width, height = (RIGHT - LEFT) / max(len(columns), 1), HEIGHT / max(len(rows), 1)
    titled = len(columns) * len(rows) <= 400
    parts = []
    for place, row in enumerate(rows):
        y = TOP + HEIGHT - (place + 1) * height
        values = [curve.z[row][column] for column in columns]
        fills = [
            colour(shades(v)) if v is not None and drawable(v, shades.kind == "log") else None for v in values
        ]
        start = 0
        for column in range(1, len(fills) + 1):
            if column < len(fills) and fills[column] == fills[start] and not titled:
                continue
            if fills[start] is not None:
                told = svg.title(number(values[start])) if titled else ""
                x = LEFT + start * width
                across = (column - start) * width + 0.3
                parts.append(
                    svg.tag("rect", told, x=x, y=y, width=across, height=height + 0.3, fill=fills[start])
                )
            start = column
    return svg.tag("g", *parts, class_="cells")


def _edges(curve: StoredCurve, columns: Sequence[int], rows: Sequence[int]) -> str:
    """Labels of some columns and rows: cells are even on the page whatever their coordinates."""
    width, height = (RIGHT - LEFT) / max(len(columns), 1), HEIGHT / max(len(rows), 1)
    parts = []
    for place in thinned(range(len(columns)), 6):
        x, value = LEFT + (place + 0.5) * width, curve.x[columns[place]]
        parts.append(svg.text(number(value, 2), x, TOP + HEIGHT + 15, text_anchor="middle", class_="tick"))
    for place in thinned(range(len(rows)), 6):
        y, value = TOP + HEIGHT - (place + 0.5) * height, curve.y[rows[place]]
        parts.append(svg.text(number(value, 2), LEFT - 6, y + 4, text_anchor="end", class_="tick"))
    middle = TOP + HEIGHT / 2
    parts.append(
        svg.text(curve.x_label, (LEFT + RIGHT) / 2, TOP + HEIGHT + 33, text_anchor="middle", class_="label")
    )
    parts.append(
        svg.text(
            curve.y_label,
            12,
            middle,
            text_anchor="middle",
            class_="label",
            transform=f"rotate(-90 12 {middle})",
        )
    )
    return "".join(parts)


def _bar(shades: Scale, label: str) -> str:
    steps = 48
    height = HEIGHT / steps
    parts = [
        svg.tag(
            "rect",
            x=BAR,
            y=TOP + HEIGHT - (i + 1) * height,
            width=9,
            height=height + 0.3,
            fill=colour(i / 47),
        )
        for i in range(steps)
    ]
    bar = Scale(shades.low, shades.high, TOP + HEIGHT, TOP, shades.kind)
    for value, text in bar.ticks(5):
        parts.append(svg.text(text, BAR + 12, bar(value) + 4, class_="tick"))
    shown = f"colour: {label}" if label else ""
    parts.append(svg.text(shown, WIDTH - 6, 14, text_anchor="end", class_="tick"))
    return svg.tag("g", *parts, class_="bar") if math.isfinite(shades.low) else ""
