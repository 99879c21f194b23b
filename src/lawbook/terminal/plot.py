"""A panel drawn in a terminal: curves with bands on linear or logarithmic axes, each with a letter; then its maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_letters

from lawbook.evidence.record import StoredLine, StoredPanel
from lawbook.prose import spelled_out
from lawbook.publishing.figures.panels import Panel, drawable
from lawbook.publishing.figures.scales import Scale, padded, span
from lawbook.terminal.canvas import Canvas
from lawbook.terminal.grid import draw_map, plain
from lawbook.terminal.screen import Screen

ROWS = 14
MOST_LINES = len(ascii_letters)
# Dots drawn and left out: what was measured is whole, theory dashed, anything else dotted.
DASHES = {"measured": (1, 0), "predicted": (4, 3), "reference": (1, 3)}
KINDS = {"measured": "", "predicted": " (predicted, dashed)", "reference": " (reference, dotted)"}


def draw(panel: Panel, screen: Screen) -> Iterator[str]:
    """The lines of a panel's drawing; nothing of what has no drawable point."""
    scales = _scales(panel)
    if scales is not None:
        yield from _plot(panel, screen, *scales)
    for cells in panel.maps:
        yield from draw_map(panel.axes, cells, screen)


def _scales(panel: Panel) -> tuple[Scale, Scale] | None:
    """The axes, by the points of the check's own lines that can be drawn; None where there are none.

    A control may lie orders of magnitude off, and would flatten what it is beside.
    """
    axes = panel.axes
    own = [drawn.shape for drawn in panel.lines if not drawn.control]
    lines = own or [drawn.shape for drawn in panel.lines]
    points = [
        point
        for line in lines
        for heights in (line.y, line.low or (), line.high or ())
        for point in zip(line.x, heights, strict=False)
        if drawable(point[0], axes.x_scale == "log") and drawable(point[1], axes.y_scale == "log")
    ]
    across, upward = [x for x, _ in points], [y for _, y in points]
    x, y = span(across, axes.x_scale == "log"), span(upward, axes.y_scale == "log")
    if x is None or y is None:
        return None
    return (
        Scale(*padded(x, axes.x_scale == "log", 0.0 if x[0] < x[1] else 0.05), 0.0, 1.0, axes.x_scale),
        Scale(*padded(y, axes.y_scale == "log"), 1.0, 0.0, axes.y_scale),
    )


def _plot(panel: Panel, screen: Screen, x: Scale, y: Scale) -> Iterator[str]:
    labels = {round(y(place) * (ROWS - 1)): label for place, label in y.ticks(4) if y.holds(place)}
    margin = max((len(label) for label in labels.values()), default=0)
    canvas = Canvas(screen.columns - margin - 2, ROWS, is_ascii=screen.is_ascii)
    shown = panel.lines[:MOST_LINES]
    for letter, drawn in zip(ascii_letters, shown, strict=False):
        _curve(canvas, drawn.shape, letter, x, y, panel.axes)
    if not screen.is_ascii:
        for index, (letter, drawn) in enumerate(zip(ascii_letters, shown, strict=False)):
            _letters(canvas, drawn.shape, letter, x, y, panel.axes, (index + 1) / (len(shown) + 1))
    yield plain(spelled_out(panel.title), screen)
    if panel.axes.y_label:
        yield plain(f"{' ' * margin} {_axis(panel.axes.y_label, panel.axes.y_scale)}", screen)
    for row, line in enumerate(canvas.lines()):
        tick = labels.get(row)
        yield plain(f"{tick or '':>{margin}}{'┤' if tick else '│'}{line}", screen).rstrip()
    yield from _bottom(panel.axes, x, margin, canvas.columns, screen)
    for letter, drawn in zip(ascii_letters, shown, strict=False):
        band = ", with its band" if drawn.shape.low else ""
        seen = any(
            place and 0 <= place[0] < canvas.width and 0 <= place[1] < canvas.height
            for place in _places(canvas, drawn.shape.x, drawn.shape.y, x, y, panel.axes)
        )
        outside = "" if seen else ", outside these axes"
        yield plain(f"  {letter}  {spelled_out(drawn.label)}{KINDS[drawn.shape.role]}{band}{outside}", screen)
    if len(panel.lines) > len(shown):
        yield f"  and {len(panel.lines) - len(shown)} more lines, which the claim's page draws"


def _axis(label: str, scale: str) -> str:
    return f"{spelled_out(label)}{' (log)' if scale == 'log' else ''}"


def _bottom(axes: StoredPanel, x: Scale, margin: int, columns: int, screen: Screen) -> Iterator[str]:
    """The x axis, its ticks and its label."""
    marks, below = ["─"] * columns, [" "] * (columns + margin)
    free = 0
    for place, label in x.ticks(max(2, columns // 14)):
        column = round(x(place) * (columns - 1))
        start = min(max(0, margin + 1 + column - len(label) // 2), len(below) + 1 - len(label))
        if not x.holds(place) or start < free:
            continue
        marks[column] = "┬"
        below[start : start + len(label)] = label
        free = start + len(label) + 1
    yield plain(f"{' ' * margin}└{''.join(marks)}", screen)
    yield plain("".join(below), screen).rstrip()
    if axes.x_label:
        yield plain(f"{_axis(axes.x_label, axes.x_scale):^{margin + 1 + columns}}", screen).rstrip()


def _curve(canvas: Canvas, line: StoredLine, letter: str, x: Scale, y: Scale, axes: StoredPanel) -> None:
    on, off = DASHES[line.role]
    for heights, pattern in ((line.low, (1, 5)), (line.high, (1, 5)), (line.y, (on, off))):
        for start, end in _segments(_places(canvas, line.x, heights or (), x, y, axes)):
            canvas.line(start, end, letter, on=pattern[0], off=pattern[1])


def _letters(
    canvas: Canvas, line: StoredLine, letter: str, x: Scale, y: Scale, axes: StoredPanel, share: float
) -> None:
    """The curve's letter where no other stands, from a share of its points on."""
    places = [place for place in _places(canvas, line.x, line.y, x, y, axes) if place]
    start = round(share * (len(places) - 1)) if places else 0
    for place in (*places[start:], *places[:start]):
        if canvas.mark(*place, letter):
            return


def _places(
    canvas: Canvas,
    across: Sequence[float | None],
    upward: Sequence[float | None],
    x: Scale,
    y: Scale,
    axes: StoredPanel,
) -> list[tuple[float, float] | None]:
    """Where the points lie, in dots; None for one that cannot be drawn."""
    found: list[tuple[float, float] | None] = []
    for one, other in zip(across, upward, strict=False):
        if one is None or other is None:
            found.append(None)
        elif drawable(one, axes.x_scale == "log") and drawable(other, axes.y_scale == "log"):
            found.append((x(one) * (canvas.width - 1), y(other) * (canvas.height - 1)))
        else:
            found.append(None)
    return found


def _segments(
    places: Sequence[tuple[float, float] | None],
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    """Neighbours to join; a point without neighbours is joined to itself."""
    for index, place in enumerate(places):
        if place is None:
            continue
        following = places[index + 1] if index + 1 < len(places) else None
        if following is not None:
            yield place, following
        elif index == 0 or places[index - 1] is None:
            yield place, place
