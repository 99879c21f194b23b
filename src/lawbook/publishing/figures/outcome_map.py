"""A map's outcomes over its grid: a cell's colour and sign say how it came out, its number what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lawbook.publishing.figures import svg
from lawbook.publishing.figures.panels import thinned
from lawbook.publishing.numbers import number

WIDTH, LEFT, RIGHT, TOP = 640.0, 74.0, 624.0, 10.0
TALLEST_ROW, TALLEST = 44.0, 460.0
# Below these a cell has no room for its number, or not even for its sign.
ROOM_FOR_NUMBER, ROOM_FOR_SIGN = (46.0, 26.0), (12.0, 12.0)
MOST_TICKS = 12
SIGNS = {"pass": "✓", "fail": "✕", "inconclusive": "~", "out-of-regime": "○", "error": "!", "": ""}


@dataclass(frozen=True)
class DrawnAxis:
    """An axis of the grid. values: None for what is no number. shown: what stands at each column or row."""

    name: str
    values: Sequence[float | None]
    shown: Sequence[str]


@dataclass(frozen=True)
class DrawnCell:
    """A cell. outcome: "" where nothing is measured. odd: it contradicts what theory says there."""

    outcome: str
    estimate: float | None
    odd: bool
    described: str


def outcome_map(
    name: str, axes: Sequence[DrawnAxis], cells: Sequence[DrawnCell], border: Sequence[Sequence[float]]
) -> str:
    """The figure of a map over one or two axes; cells in the order of its grid, the last axis fastest.

    border: points of the predicted boundary, in the axes' own values.
    """
    across, upward = axes[0], axes[1] if len(axes) > 1 else None
    columns, rows = len(across.shown), len(upward.shown) if upward else 1
    width = (RIGHT - LEFT) / columns
    height = min(TALLEST_ROW, TALLEST / rows)
    bottom = TOP + rows * height
    parts = [
        _cell(cells[column * rows + row], LEFT + column * width, bottom - (row + 1) * height, width, height)
        for column in range(columns)
        for row in range(rows)
    ]
    frame = svg.tag("rect", x=LEFT, y=TOP, width=RIGHT - LEFT, height=bottom - TOP, class_="frame")
    said = f"Outcomes over {' and '.join(axis.name for axis in axes)}: {_counted(cells)}."
    return svg.figure(
        WIDTH,
        bottom + 42,
        name,
        said,
        *parts,
        frame,
        _border(axes, border, width, height, bottom),
        *_ticks(across, upward, width, height, bottom),
        kind="outcomes",
    )


def _counted(cells: Sequence[DrawnCell]) -> str:
    outcomes = [cell.outcome or "not measured" for cell in cells]
    return ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(outcomes))


def _cell(cell: DrawnCell, x: float, y: float, width: float, height: float) -> str:
    middle = x + width / 2
    parts = [svg.title(cell.described), svg.tag("rect", x=x, y=y, width=width, height=height)]
    sign = SIGNS[cell.outcome]
    if cell.estimate is not None and width >= ROOM_FOR_NUMBER[0] and height >= ROOM_FOR_NUMBER[1]:
        shown = f"{sign} {number(cell.estimate, 3)}"
        parts.append(svg.text(shown, middle, y + height / 2 + 4, class_="value"))
    elif sign and width >= ROOM_FOR_SIGN[0] and height >= ROOM_FOR_SIGN[1]:
        parts.append(svg.text(sign, middle, y + height / 2 + 4, class_="value"))
    if cell.odd:
        inside = {"x": x + 2, "y": y + 2, "width": width - 4, "height": height - 4}
        parts.append(svg.tag("rect", class_="odd", **inside))
    return svg.tag("g", *parts, class_=f"cell lb-is-{cell.outcome or 'unverified'}")


def _border(
    axes: Sequence[DrawnAxis], border: Sequence[Sequence[float]], width: float, height: float, bottom: float
) -> str:
    """The predicted boundary through the grid, whose cells are even on the page whatever their values."""
    points: list[tuple[float, float] | None] = []
    for point in border:
        across = _place(axes[0].values, point[0])
        upward = _place(axes[1].values, point[1]) if len(axes) > 1 else 0.0
        if across is None or upward is None:
            points.append(None)
            continue
        points.append((LEFT + (across + 0.5) * width, bottom - (upward + 0.5) * height))
    if len(axes) == 1 and points and points[0] is not None:
        points = [(points[0][0], TOP), (points[0][0], bottom)]
    d = svg.path(points)
    return svg.tag("path", svg.title("where theory puts the border"), d=d, class_="border") if "l" in d else ""


def _place(values: Sequence[float | None], value: float) -> float | None:
    """Where a value lies between the cells' centres, from -½ to n - ½; None off it, or without an order."""
    known = [at for at in values if at is not None]
    if len(known) < len(values):
        return None
    turned = known[0] > known[-1]
    rising = known[::-1] if turned else known
    if any(not low < high for low, high in pairwise(rising)):
        return None
    flat = math.log if min(*rising, value) > 0 else float
    places = [flat(at) for at in rising]
    at = flat(value)
    # Half a cell beyond the first and the last centre is still on the page.
    index = next((i for i in range(len(places) - 2) if at < places[i + 1]), len(places) - 2)
    place = index + (at - places[index]) / (places[index + 1] - places[index])
    if not -0.5 <= place <= len(places) - 0.5:
        return None
    return len(places) - 1 - place if turned else place


def _ticks(across: DrawnAxis, upward: DrawnAxis | None, width: float, height: float, bottom: float) -> Iterator[str]:
    for place in thinned(range(len(across.shown)), MOST_TICKS):
        x = LEFT + (place + 0.5) * width
        yield svg.text(across.shown[place], x, bottom + 15, text_anchor="middle", class_="tick")
    yield svg.text(across.name, (LEFT + RIGHT) / 2, bottom + 34, text_anchor="middle", class_="label")
    if upward is None:
        return
    for place in thinned(range(len(upward.shown)), MOST_TICKS):
        y = bottom - (place + 0.5) * height + 4
        yield svg.text(upward.shown[place], LEFT - 6, y, text_anchor="end", class_="tick")
    middle = (TOP + bottom) / 2
    turned = f"rotate(-90 12 {middle:g})"
    yield svg.text(upward.name, 12, middle, text_anchor="middle", class_="label", transform=turned)
