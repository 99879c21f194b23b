"""A map of a panel in shades, a row of characters a row of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from lawbook.evidence.record import StoredMap, StoredPanel
from lawbook.prose import spelled_out
from lawbook.publishing.figures.panels import Drawn, drawable, thinned
from lawbook.publishing.figures.scales import span
from lawbook.publishing.numbers import number
from lawbook.terminal.screen import Screen

SHADES, ASCII_SHADES = " ░▒▓█", " .:-=+*#%@"
NOTHING = "·"
MOST_ROWS, WIDEST_CELL = 24, 6
# What drawings need beyond ASCII, and what stands for it where there is no more.
_PLAIN = str.maketrans(
    {
        **dict(zip("┤│└─┬·×−", "||`-+.x-", strict=True)),
        **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)),
    }
)


def plain(line: str, screen: Screen) -> str:
    """The line, on a screen of ASCII with stand-ins for the signs that it lacks: `10^-3` for 10⁻³."""
    if not screen.is_ascii or line.isascii():
        return line
    powers = "".join(
        f"^{character}" if character in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻" and before not in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻" else character
        for before, character in zip(" " + line, line, strict=False)
    )
    return powers.translate(_PLAIN).encode("ascii", "backslashreplace").decode()


def draw_map(axes: StoredPanel, cells: Drawn[StoredMap], screen: Screen) -> Iterator[str]:
    """The map with its axes' ends and its scale; rows and columns beyond what fits are left out evenly."""
    shape, is_log = cells.shape, axes.z_scale == "log"
    ends = span((value for row in shape.z for value in row), is_log)
    if ends is None or not shape.x or not shape.y:
        return
    labels = [number(value, 3) for value in shape.y]
    margin = max(map(len, labels))
    columns = thinned(range(len(shape.x)), most=screen.columns - margin - 2)
    rows = thinned(range(len(shape.y)), most=MOST_ROWS)
    width = max(1, min(WIDEST_CELL, (screen.columns - margin - 2) // len(columns)))
    shades = ASCII_SHADES if screen.is_ascii else SHADES
    yield plain(f"{spelled_out(axes.title)}: {spelled_out(cells.label)}", screen)
    if axes.y_label:
        yield plain(f"{' ' * margin} {spelled_out(axes.y_label)}", screen)
    # As on paper: what is larger lies higher.
    for row in sorted(rows, key=lambda index: _place(shape.y[index]), reverse=True):
        shown = "".join(_shade(shape.z[row][column], ends, shades, log=is_log) * width for column in columns)
        yield plain(f"{labels[row]:>{margin}}│{shown}", screen).rstrip()
    first, last = number(shape.x[columns[0]], 3), number(shape.x[columns[-1]], 3)
    across = len(columns) * width
    yield plain(f"{' ' * margin}└{'─' * across}", screen)
    gap = max(1, across - len(first) - len(last))
    yield plain(f"{' ' * margin} {first}{spelled_out(axes.x_label)[: max(0, gap - 2)]:^{gap}}{last}", screen).rstrip()
    scale = "".join(f" {shade}" for shade in shades[1:])
    yield plain(
        f"  {spelled_out(axes.z_label) or 'from'} {number(ends[0], 3)} {shades[0]}{scale} {number(ends[1], 3)}"
        f"{' (log)' if is_log else ''}, {NOTHING} where there is none",
        screen,
    )


def _place(value: float | None) -> float:
    return -math.inf if value is None else value


def _shade(value: float | None, ends: Sequence[float], shades: str, *, log: bool) -> str:
    if value is None or not drawable(value, log):
        return NOTHING
    low, high, at = (math.log(number) if log else number for number in (*ends, value))
    share = 0.5 if high == low else min(max((at - low) / (high - low), 0.0), 1.0)
    return shades[min(int(share * len(shades)), len(shades) - 1)]
