"""Maps as coloured cells, side by side with one colour bar, so that measured and predicted compare."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Sequence
from zlib import compress, crc32

from lawbook.evidence.record import StoredMap, StoredPanel
from lawbook.publishing.figures import svg
from lawbook.publishing.figures.panels import Drawn, Panel, drawable, thinned
from lawbook.publishing.figures.scales import Scale, span
from lawbook.publishing.numbers import number

WIDTH = 460.0
LEFT, RIGHT, TOP, HEIGHT = 54.0, 396.0, 26.0, 270.0
BAR = 414.0
CLEAR = bytes(4)
# Dark to light, even in lightness and safe for colour-blind eyes: anchors of the viridis map (CC0, van der Walt
# and Smith 2015).
ANCHORS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))


def heatmaps(name: str, panel: Panel, prefix: str) -> list[str]:
    """One figure a map, all on the colour scale that holds the check's own maps.

    prefix: of element ids, unique on the page.
    """
    maps = [drawn for drawn in panel.maps if drawn.shape.x and drawn.shape.y]
    own = [drawn.shape for drawn in maps if not drawn.control] or [drawn.shape for drawn in maps]
    log = panel.axes.z_scale == "log"
    held = span((v for cells in own for row in cells.z for v in row), log)
    if held is None:
        return []
    low, high = held if held[1] > held[0] else (held[0] * 0.9, held[0] * 1.1 or 1.0)
    shades = Scale(low, high, 0.0, 1.0, "log" if log else "linear")
    return [_heatmap(name, panel.axes, drawn, shades, f"{prefix}-shades-{index}") for index, drawn in enumerate(maps)]


def mixed(share: float) -> tuple[int, ...]:
    """Red, green and blue at a place between 0 and 1."""
    share = min(max(share, 0.0), 1.0) * (len(ANCHORS) - 1)
    index = min(int(share), len(ANCHORS) - 2)
    part = share - index
    return tuple(round(a + (b - a) * part) for a, b in zip(ANCHORS[index], ANCHORS[index + 1], strict=True))


def _heatmap(name: str, axes: StoredPanel, drawn: Drawn[StoredMap], shades: Scale, gradient: str) -> str:
    described = f"{drawn.label}: {axes.z_label or 'value'} over {axes.x_label} and {axes.y_label}."
    title = svg.label(drawn.label, LEFT, 14, class_="label strong")
    cells = _cells(drawn.shape, shades)
    frame = svg.tag("rect", x=LEFT, y=TOP, width=RIGHT - LEFT, height=HEIGHT, class_="frame")
    return svg.figure(
        WIDTH,
        TOP + HEIGHT + 42,
        f"{name}: {drawn.label}",
        described,
        title,
        cells,
        frame,
        _edges(axes, drawn.shape),
        _bar(shades, axes.z_label, gradient),
        kind="map",
        data_control=drawn.control,
        data_map=drawn.shape.label,
        data_area=f"{LEFT:g} {TOP:g} {RIGHT:g} {TOP + HEIGHT:g}",
    )


def _cells(cells: StoredMap, shades: Scale) -> str:
    """The map as one small embedded picture, a pixel a cell, the first row at the bottom: hundreds of rectangles
    would make pages slow to build and to open.
    """
    rows = [
        [_shade(v, shades) if v is not None and drawable(v, shades.kind == "log") else CLEAR for v in row]
        for row in reversed(cells.z)
    ]
    picture = b64encode(_png(rows)).decode()
    return svg.tag(
        "image",
        x=LEFT,
        y=TOP,
        width=RIGHT - LEFT,
        height=HEIGHT,
        preserveAspectRatio="none",
        class_="cells",
        href=f"data:image/png;base64,{picture}",
    )


def _shade(value: float, shades: Scale) -> bytes:
    return bytes((*mixed(shades(value)), 255))


def _png(rows: Sequence[Sequence[bytes]]) -> bytes:
    """RGBA rows as a PNG (ISO/IEC 15948)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc32(kind + data))

    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 6, 0, 0, 0)
    pixels = b"".join(b"\0" + b"".join(row) for row in rows)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", compress(pixels, 9)) + chunk(b"IEND", b"")


def _edges(axes: StoredPanel, cells: StoredMap) -> str:
    """Labels of some columns and rows: cells are even on the page whatever their coordinates."""
    width, height = (RIGHT - LEFT) / len(cells.x), HEIGHT / len(cells.y)
    parts = []
    for place in thinned(range(len(cells.x)), 6):
        x, value = LEFT + (place + 0.5) * width, cells.x[place]
        parts.append(svg.text(number(value, 2), x, TOP + HEIGHT + 15, text_anchor="middle", class_="tick"))
    for place in thinned(range(len(cells.y)), 6):
        y, value = TOP + HEIGHT - (place + 0.5) * height, cells.y[place]
        parts.append(svg.text(number(value, 2), LEFT - 6, y + 4, text_anchor="end", class_="tick"))
    middle = TOP + HEIGHT / 2
    parts.append(svg.label(axes.x_label, (LEFT + RIGHT) / 2, TOP + HEIGHT + 33, text_anchor="middle", class_="label"))
    parts.append(
        svg.label(
            axes.y_label,
            12,
            middle,
            text_anchor="middle",
            class_="label",
            transform=f"rotate(-90 12 {middle})",
        )
    )
    return "".join(parts)


def _bar(shades: Scale, label: str, gradient: str) -> str:
    stops = [
        svg.tag("stop", offset=f"{100 * index / (len(ANCHORS) - 1):g}%", stop_color=f"#{bytes(anchor).hex()}")
        for index, anchor in enumerate(ANCHORS)
    ]
    defined = svg.tag("linearGradient", *stops, id=gradient, x1=0, y1=1, x2=0, y2=0)
    bar = Scale(shades.low, shades.high, TOP + HEIGHT, TOP, shades.kind)
    ticks = [svg.text(text, BAR + 12, bar(value) + 4, class_="tick") for value, text in bar.ticks(5)]
    shown = svg.text(f"colour: {label}" if label else "", WIDTH - 6, 14, text_anchor="end", class_="tick")
    strip = svg.tag("rect", x=BAR, y=TOP, width=9, height=HEIGHT, fill=f"url(#{gradient})")
    return svg.tag("g", defined, strip, *ticks, shown, class_="bar")
