"""Pictures for links that are shared elsewhere: one a status, and one of the book.

A card holds no word, for those stand beside it (`og:title`, `og:description`) and letters would ask for a font and for
who draws it: it shows where an estimate with its interval lies to the accepted region, as the strips of the pages do.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import get_args

from lawbook.book import Status
from lawbook.publishing.badge import FILLS

WIDTH, HEIGHT = 1200, 630
GROUND, REGION, EDGE, INK = "#fdfcf9", "#dcebe1", "#17663a", "#50555e"
LEFT, RIGHT = 420, 780
# Where the interval of a status begins and ends; those without one have no number to show.
INTERVALS: dict[Status, tuple[int, int]] = {
    "pass": (500, 700),
    "fail": (860, 1060),
    "inconclusive": (680, 880),
    "void": (500, 700),
}


def card_path(name: str) -> str:
    """Where the card of a status, or of the `book`, lies in the site."""
    return f"cards/{name}.png"


def cards() -> dict[str, bytes]:
    """Every card by its path."""
    made: dict[str, bytes] = {}
    for status in get_args(Status):
        canvas = _Canvas()
        _lane(canvas, status, HEIGHT // 2, 110)
        made[card_path(status)] = canvas.png()
    canvas = _Canvas()
    _lane(canvas, "pass", 140, 60)
    _lane(canvas, "inconclusive", 315, 60)
    _lane(canvas, "fail", 490, 60)
    made[card_path("book")] = canvas.png()
    return made


def _lane(canvas: _Canvas, status: Status, middle: int, half: int) -> None:
    """The region across a lane, and in it what the status says of the estimate."""
    canvas.box(120, middle + half + 12, WIDTH - 120, middle + half + 16, INK)
    canvas.box(LEFT, middle - half, RIGHT, middle + half, REGION)
    for edge in (LEFT, RIGHT):
        canvas.box(edge - 3, middle - half, edge + 3, middle + half, EDGE)
    fill, unit = FILLS[status], half // 5
    if status in INTERVALS:
        low, high = INTERVALS[status]
        canvas.box(low, middle - 4, high, middle + 4, fill)
        for end in (low, high):
            canvas.box(end - 4, middle - 2 * unit, end + 4, middle + 2 * unit, fill)
        canvas.diamond((low + high) // 2, middle, 2 * unit + 6, fill)
        if status == "void":
            canvas.stroke(low - 40, middle + 3 * unit, high + 40, middle - 3 * unit, 12, fill)
    elif status == "error":
        canvas.box(592, middle - 3 * unit, 608, middle + unit, fill)
        canvas.box(592, middle + 2 * unit, 608, middle + 2 * unit + 16, fill)
    else:
        for start in range(160, WIDTH - 160, 60):
            canvas.box(start, middle - 4, start + 30, middle + 4, fill)


class _Canvas:
    """Few colours, a byte a dot."""

    def __init__(self) -> None:
        self._colours = [GROUND]
        self._rows = [bytearray(WIDTH) for _ in range(HEIGHT)]

    def box(self, left: int, top: int, right: int, bottom: int, colour: str) -> None:
        for y in range(top, bottom):
            self._span(y, left, right, colour)

    def diamond(self, x: int, y: int, half: int, colour: str) -> None:
        for step in range(-half, half + 1):
            width = half - abs(step)
            self._span(y + step, x - width, x + width + 1, colour)

    def stroke(self, left: int, bottom: int, right: int, top: int, width: int, colour: str) -> None:
        """A line that rises to the right."""
        for y in range(top, bottom):
            x = left + (right - left) * (bottom - y) // (bottom - top)
            reach = width * (right - left) // (bottom - top) // 2
            self._span(y, x - reach, x + reach, colour)

    def png(self) -> bytes:
        return b"\x89PNG\r\n\x1a\n" + b"".join(self._chunks())

    def _span(self, y: int, left: int, right: int, colour: str) -> None:
        if colour not in self._colours:
            self._colours.append(colour)
        self._rows[y][left:right] = bytes([self._colours.index(colour)]) * (right - left)

    def _chunks(self) -> Iterator[bytes]:
        yield _chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0))
        yield _chunk(b"PLTE", b"".join(bytes.fromhex(colour[1:]) for colour in self._colours))
        yield _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in self._rows), 9))
        yield _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
