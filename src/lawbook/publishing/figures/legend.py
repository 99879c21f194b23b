"""The legend below a panel: a line of text for each of few lines, groups of short keys where there are many."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from lawbook.evidence.record import StoredLine
from lawbook.publishing.figures import svg
from lawbook.publishing.figures.line_styles import HUES, Style
from lawbook.publishing.figures.panels import Drawn

LEFT, LINE, LETTERS = 12.0, 17.0, 58
MOST_LINES = 5
SWATCH, LETTER, GAP = 22.0, 6.7, 14.0


@dataclass(frozen=True)
class Key:
    """What the legend says of one line, or of a family that shares its style."""

    line: Drawn[StoredLine]
    style: Style
    words: str


def legend(
    lines: Sequence[Drawn[StoredLine]],
    styles: Sequence[Style],
    outside: Sequence[bool],
    top: float,
    width: float,
) -> tuple[str, float]:
    """The drawing of the legend from `top` on, and where it ends. outside: whether a line is out of view."""
    keys = _keys(lines, styles, outside)
    if len(keys) > MOST_LINES:
        parts, bottom = _grouped(keys, top, width)
    else:
        parts, bottom = _listed(keys, top)
    return svg.tag("g", *parts, class_="legend key"), bottom


def _keys(lines: Sequence[Drawn[StoredLine]], styles: Sequence[Style], outside: Sequence[bool]) -> list[Key]:
    """A key for each line; a family of references that share one style has one, at its first member."""
    family = [line for line in lines if line.shape.role == "reference" and not line.control]
    if len(family) <= HUES:
        family = []
    keys = []
    for line, style, unseen in zip(lines, styles, outside, strict=True):
        if any(line is member for member in family[1:]):
            continue
        is_family = bool(family) and line is family[0]
        told = f" … {family[-1].shape.label}" if is_family else ", outside this range" if unseen else ""
        keys.append(Key(line, style, told))
    return keys


def _listed(keys: Sequence[Key], top: float) -> tuple[list[str], float]:
    parts, y = [], top
    for key in keys:
        parts.append(_swatch(key.style, LEFT, y, 28.0))
        for words in _wrapped(key.line.label + key.words):
            parts.append(svg.label(words, LEFT + 36, y))
            y += LINE
    return parts, y


def _grouped(keys: Sequence[Key], top: float, width: float) -> tuple[list[str], float]:
    """The keys by what their lines are, what all of a group say in its head and only the rest beside the swatch."""
    groups: dict[str, list[Key]] = {}
    for key in keys:
        control = key.line.control
        groups.setdefault(f"control: {control}" if control else key.line.shape.role, []).append(key)
    parts, y = [], top
    for name, own in groups.items():
        shared, rest = _shared([key.line.shape.label + key.words for key in own])
        head = shared if shared.startswith(name) else f"{name}, {shared}" if shared else name
        if len({key.style for key in own}) < len(own):
            own, rest = own[:1], [", ".join(rest)]
        for words in _wrapped(head):
            parts.append(svg.label(words, LEFT, y, class_="strong"))
            y += LINE
        x = LEFT + 8
        for key, words in zip(own, rest, strict=True):
            shown = _wrapped(words)
            needed = SWATCH + 6 + LETTER * max(map(len, shown))
            if x > LEFT + 8 and x + needed > width - LEFT:
                x, y = LEFT + 8, y + LINE
            parts.append(_swatch(key.style, x, y, SWATCH))
            for place, line in enumerate(shown):
                y += LINE if place else 0
                parts.append(svg.label(line, x + SWATCH + 6, y))
            x += needed + GAP
        y += LINE + 3
    return parts, y


def _shared(labels: Sequence[str]) -> tuple[str, list[str]]:
    """The words that several labels begin with, and what is left of each; nothing is shared where one would be left
    without a word.
    """
    words = [label.split() for label in labels]
    count = 0
    if len(words) > 1:
        least = min(map(len, words)) - 1
        while count < least and len({row[count] for row in words}) == 1:
            count += 1
    return " ".join(words[0][:count]).rstrip(",:"), [" ".join(row[count:]) for row in words]


def _swatch(style: Style, x: float, y: float, length: float) -> str:
    line = svg.tag("path", class_="line", d=f"M{svg.place(x, y - 4)}h{length:g}")
    dot = svg.dots([(x + length / 2, y - 4)], class_="marks") if style.markers else ""
    return svg.tag("g", line, dot, class_=style.classes)


def _wrapped(told: str) -> list[str]:
    return textwrap.wrap(told, LETTERS, max_lines=4, placeholder=" …", break_on_hyphens=False) or [""]
