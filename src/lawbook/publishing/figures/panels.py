"""Which curves share axes: the check's own, and beside them its controls'."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lawbook.evidence.record import Record, StoredCurve

MOST_POINTS = 240


@dataclass(frozen=True)
class Drawn:
    """A curve to draw; control: whose it is, "" for the check's own."""

    curve: StoredCurve
    control: str = ""

    @property
    def label(self) -> str:
        return f"{self.curve.label} (control: {self.control})" if self.control else self.curve.label


@dataclass(frozen=True)
class Panel:
    """Curves with the same axes. maps: with `z`, each drawn on axes of its own, side by side."""

    title: str
    lines: tuple[Drawn, ...]
    maps: tuple[Drawn, ...]


def panels(record: Record) -> list[Panel]:
    """The panels of a record in the order in which its curves name them.

    Of a control only what it measured is drawn, and only in panels of the check itself if it shares any; what
    theory says about the claim's regime is not what it says about the control's.
    """
    own = [Drawn(curve) for curve in record.curves]
    others = [
        Drawn(curve, control.name)
        for control in record.controls
        for curve in control.curves
        if curve.role == "measured"
    ]
    titles = list(dict.fromkeys(drawn.curve.panel for drawn in [*own, *others]))
    found = []
    for title in titles:
        members = [drawn for drawn in [*own, *others] if drawn.curve.panel == title]
        lines = tuple(drawn for drawn in members if drawn.curve.z is None)
        maps = tuple(drawn for drawn in members if drawn.curve.z is not None)
        found.append(Panel(title, lines, maps))
    return found


def thinned(indices: Sequence[int], most: int = MOST_POINTS) -> list[int]:
    """At most `most` of the indices, evenly, with both ends."""
    if len(indices) <= most:
        return list(indices)
    return [indices[round(step * (len(indices) - 1) / (most - 1))] for step in range(most)]


def drawable(value: float | None, log: bool) -> bool:
    """Whether a coordinate has a place on the axis."""
    return value is not None and math.isfinite(value) and (value > 0 or not log)
