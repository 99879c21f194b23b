"""What shares axes: the check's own, and beside them its controls'."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from lawbook.evidence.record import Record, StoredLine, StoredMap, StoredPanel

MOST_POINTS = 240


Shape = TypeVar("Shape", StoredLine, StoredMap)


@dataclass(frozen=True)
class Drawn(Generic[Shape]):
    """A line or a map to draw; control: whose it is, "" for the check's own."""

    shape: Shape
    control: str = ""

    @property
    def label(self) -> str:
        return f"{self.shape.label} (control: {self.control})" if self.control else self.shape.label


@dataclass(frozen=True)
class Panel:
    """What is drawn on the same axes: those of `axes`. Each map is drawn apart, side by side."""

    axes: StoredPanel
    lines: Sequence[Drawn[StoredLine]] = ()
    maps: Sequence[Drawn[StoredMap]] = ()

    @property
    def title(self) -> str:
        return self.axes.title


def panels(record: Record) -> list[Panel]:
    """The panels of a record, in their order, the controls' joined to the check's own by their titles.

    Of a control only what it measured is drawn; what theory says about the claim's regime is not what it says about
    the control's.
    """
    arms = [("", record.panels), *((control.name, control.panels) for control in record.controls)]
    found: dict[str, Panel] = {}
    for control, drawings in arms:
        for axes in drawings:
            lines = [Drawn(line, control) for line in axes.lines if not control or line.role == "measured"]
            maps = [Drawn(cells, control) for cells in axes.maps if not control or cells.role == "measured"]
            panel = found.get(axes.title, Panel(axes))
            if lines or maps:
                found[axes.title] = replace(panel, lines=[*panel.lines, *lines], maps=[*panel.maps, *maps])
    return list(found.values())


def thinned(indices: Sequence[int], most: int = MOST_POINTS) -> list[int]:
    """At most `most` of the indices, evenly, with both ends."""
    if len(indices) <= most:
        return list(indices)
    return [indices[round(step * (len(indices) - 1) / (most - 1))] for step in range(most)]


def drawable(value: float | None, log: bool) -> bool:
    """Whether a coordinate has a place on the axis."""
    return value is not None and math.isfinite(value) and (value > 0 or not log)
