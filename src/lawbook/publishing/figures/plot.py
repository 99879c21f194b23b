"""Lines on shared axes: measured, predicted, reference, and the controls' beside them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lawbook.evidence.record import StoredLine
from lawbook.publishing.figures import svg
from lawbook.publishing.figures.legend import legend
from lawbook.publishing.figures.line_styles import Style, styles_of
from lawbook.publishing.figures.panels import Drawn, Panel, drawable, thinned
from lawbook.publishing.figures.scales import Scale, padded, span
from lawbook.publishing.figures.straight import UNSEEN, straightened

WIDTH = 460.0
PLOT_HEIGHT = 250.0
RIGHT, TOP = 448.0, 12.0


@dataclass(frozen=True)
class Axes:
    """Both scales of a panel and what is written beside them."""

    x: Scale
    y: Scale
    x_label: str
    y_label: str

    def hold(self, line: StoredLine) -> bool:
        """Whether any point of a line lies inside; one without points is nowhere else."""
        points = [(x, y) for x, y in zip(line.x, line.y, strict=True) if x is not None and y is not None]
        return not points or any(self.x.holds(x) and self.y.holds(y) for x, y in points)


def plot(name: str, panel: Panel, clip: str) -> str:
    """The figure of a panel's lines; `clip` is an id unique on the page. Empty where nothing can be drawn."""
    axes = axes_of(panel)
    if axes is None:
        return ""
    lines = panel.lines
    styles = styles_of(lines)
    outside = [not axes.hold(line.shape) for line in lines]
    keys, bottom = legend(lines, styles, outside, TOP + PLOT_HEIGHT + 54, WIDTH)
    left, height = svg.place(axes.x.start, TOP), f"{PLOT_HEIGHT:g}"
    frame = svg.tag("path", d=f"M{left}H{RIGHT:g}v{height}H{left.partition(' ')[0]}")
    kinds = Counter(style.kind for style in styles)
    # The check's own lines are drawn last, on top of what they are compared with.
    order = sorted(range(len(lines)), key=lambda index: _depth(lines[index]))
    drawn = []
    for index in order:
        # What the legend's samples tell apart needs no name under the pointer.
        named = kinds[styles[index].kind] > 1
        drawn.append(_line(lines[index], styles[index], axes, _number(lines, index), named=named))
    return svg.figure(
        WIDTH,
        bottom,
        "" if panel.title else name,
        f"{axes.y_label or 'value'} against {axes.x_label or 'x'}: {_said(lines)}.",
        svg.tag("clipPath", frame, id=clip),
        _grid(axes),
        svg.tag("g", *drawn, clip_path=f"url(#{clip})"),
        keys,
        data_x=_told(axes.x),
        data_y=_told(axes.y),
        data_x_label=axes.x_label,
        data_y_label=axes.y_label,
    )


def _said(lines: Sequence[Drawn[StoredLine]]) -> str:
    """The lines in words: the check's own, those of theory as such, then whose controls stand beside them."""
    own = [line.shape for line in lines if not line.control]
    told = [shape.label if shape.role == "measured" else f"{shape.label} ({shape.role})" for shape in own]
    controls = list(dict.fromkeys(line.control for line in lines if line.control))
    beside = f"control{'s' * (len(controls) > 1)} {', '.join(controls)}"
    return "; ".join([", ".join(told)] * bool(told) + [beside] * bool(controls))


def axes_of(panel: Panel) -> Axes | None:
    """Axes that hold the check's own lines, with controls stretching them within reason.

    The horizontal one stretches only to controls that would otherwise be nowhere on it.
    """
    lines = panel.lines
    log_x, log_y = panel.axes.x_scale == "log", panel.axes.y_scale == "log"
    own = [line.shape for line in lines if not line.control] or [line.shape for line in lines]
    x = span((v for shape in own for v in shape.x), log_x)
    y = span(_heights(own, log_y), log_y)
    if x is None or y is None:
        return None
    others = span(_heights([line.shape for line in lines if line.control], log_y), log_y)
    if others is not None:
        y = _stretched(y, others, log_y)
    apart = [s for line in lines if line.control and (s := span(line.shape.x, log_x)) and not _meet(s, x)]
    if apart:
        x = _stretched(x, (min(low for low, _ in apart), max(high for _, high in apart)), log_x)
    low_x, high_x = padded(x, log_x, 0.02)
    low_y, high_y = padded(y, log_y, 0.06)
    vertical = Scale(low_y, high_y, TOP + PLOT_HEIGHT, TOP, "log" if log_y else "linear")
    left = _margin(label for _, label in vertical.ticks(5))
    horizontal = Scale(low_x, high_x, left, RIGHT, "log" if log_x else "linear")
    return Axes(horizontal, vertical, panel.axes.x_label, panel.axes.y_label)


def _number(lines: Sequence[Drawn[StoredLine]], index: int) -> int:
    """Which line of its own arm it is, by which the page's script finds its points."""
    return sum(line.control == lines[index].control for line in lines[:index])


def _told(scale: Scale) -> str:
    """A scale as the page's script reads it: its kind, its domain, and its ends in the drawing."""
    return f"{scale.kind} {scale.low:.9g} {scale.high:.9g} {scale.start:g} {scale.end:g}"


def _heights(lines: Iterable[StoredLine], log: bool) -> list[float | None]:
    found: list[float | None] = []
    for line in lines:
        found += line.y
        found += [v for v in (*(line.low or ()), *(line.high or ())) if not log or (v is not None and v > 0)]
    return found


def _meet(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _margin(labels: Iterable[str]) -> float:
    """Room at the left for the axis' name and its widest tick label, in the larger letters of a phone."""
    return max(48.0, 30.0 + 7.2 * max(map(len, labels), default=0))


def _stretched(own: tuple[float, float], others: tuple[float, float], log: bool) -> tuple[float, float]:
    """The controls may widen the axis to three times its length (log: three decades either way), no more."""
    if log:
        return min(own[0], max(others[0], own[0] * 1e-3)), max(own[1], min(others[1], own[1] * 1e3))
    width = own[1] - own[0] or abs(own[1]) or 1.0
    return min(own[0], max(others[0], own[0] - width)), max(own[1], min(others[1], own[1] + width))


def _depth(line: Drawn[StoredLine]) -> int:
    return 0 if line.control else {"reference": 1, "measured": 2, "predicted": 3}[line.shape.role]


def _grid(axes: Axes) -> str:
    bottom, left = TOP + PLOT_HEIGHT, axes.x.start
    across, upward = _thin_labels(axes.x), axes.y.ticks(5)
    lines = svg.strokes(((axes.x(value), TOP) for value, _ in across), v=PLOT_HEIGHT)
    lines += svg.strokes(((left, axes.y(value)) for value, _ in upward), h=RIGHT - left)
    minor = svg.strokes(((axes.x(value), bottom) for value in axes.x.minor_ticks()), v=-3)
    minor += svg.strokes(((left, axes.y(value)) for value in axes.y.minor_ticks()), h=3)
    parts = [svg.tag("path", class_="grid", d=lines)]
    parts += [svg.tag("path", class_="minor", d=minor)] * bool(minor)
    below = [svg.text(label, axes.x(value), bottom + 16) for value, label in across]
    beside = [svg.text(label, left - 6, axes.y(value) + 4) for value, label in upward]
    parts.append(svg.tag("g", *below, text_anchor="middle", class_="tick"))
    parts.append(svg.tag("g", *beside, text_anchor="end", class_="tick"))
    # What depends on the scales stands together, so that the page's script can draw it anew on another one.
    parts = [svg.tag("g", *parts, class_="scales")]
    parts.append(svg.tag("path", class_="axis", d=f"M{svg.place(left, TOP)}V{bottom:g}H{RIGHT:g}"))
    parts.append(svg.label(axes.x_label, (left + RIGHT) / 2, bottom + 33, class_="label"))
    middle = TOP + PLOT_HEIGHT / 2
    shown = axes.y_label if len(axes.y_label) <= 44 else f"{axes.y_label[:43]}…"
    parts.append(svg.label(shown, 14, middle, class_="label", transform=f"rotate(-90 14 {middle:g})"))
    return "".join(parts)


def _thin_labels(scale: Scale) -> list[tuple[float, str]]:
    ticks = scale.ticks(5)
    widest = max((len(label) for _, label in ticks), default=0)
    return ticks if widest * len(ticks) <= 48 else ticks[::2]


def _line(line: Drawn[StoredLine], style: Style, axes: Axes, index: int, *, named: bool) -> str:
    shape = line.shape
    log_x, log_y = axes.x.kind == "log", axes.y.kind == "log"
    pairs = list(zip(shape.x, shape.y, strict=True))
    indices = thinned(range(len(pairs)))
    points: list[tuple[float, float] | None] = []
    for place in indices:
        x, y = pairs[place]
        seen = drawable(x, log_x) and drawable(y, log_y)
        points.append((axes.x(x), axes.y(y)) if seen and x is not None and y is not None else None)
    parts = [_band(shape, axes, indices)]
    parts.append(svg.tag("path", class_="line", d=svg.path(straightened(points))))
    if style.markers:
        parts.append(svg.dots((point for point in points if point), class_="marks"))
    title = svg.title(line.label) if named else ""
    whose = line.control or None
    return svg.tag("g", title, *parts, class_=style.classes, data_control=whose, data_line=index)


def _band(line: StoredLine, axes: Axes, indices: Sequence[int]) -> str:
    if line.low is None or line.high is None:
        return ""
    upper, lower = [], []
    for index in indices:
        x, low, high = line.x[index], line.low[index], line.high[index]
        if x is None or low is None or high is None or not drawable(x, axes.x.kind == "log"):
            continue
        if not (math.isfinite(low) and math.isfinite(high)) or (axes.y.kind == "log" and high <= 0):
            continue
        upper.append((axes.x(x), axes.y(high)))
        lower.append((axes.x(x), axes.y(low)))
    # A pale ground without an edge: whole units are as fine as can be seen of it.
    outline = [*straightened(upper, 2 * UNSEEN), *reversed(straightened(lower, 2 * UNSEEN))]
    whole = ((float(round(point[0])), float(round(point[1]))) for point in outline if point is not None)
    return svg.tag("path", class_="band", d=f"{svg.path(whole)}Z") if len(upper) > 1 else ""
