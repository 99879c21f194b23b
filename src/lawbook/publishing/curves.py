"""A record's panels as figures for the page and as CSV for programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from lawbook.evidence.record import Record, StoredLine, StoredMap
from lawbook.prose import spelled_out
from lawbook.publishing.escaping import markup
from lawbook.publishing.figures.heatmap import heatmaps
from lawbook.publishing.figures.panels import Panel, panels
from lawbook.publishing.figures.plot import plot

COLUMNS = ("control", "panel", "curve", "role", "x", "y", "low", "high", "z")


@dataclass(frozen=True)
class Figure:
    """An SVG and the words under it."""

    svg: Markup
    caption: str


def figures(record: Record) -> list[Figure]:
    """Every panel of a record, drawn."""
    drawn = []
    for index, panel in enumerate(panels(record)):
        clip = f"clip-{record.check}-{record.tier}-{index}"
        svgs = [panel_figure(record, panel, clip), *heatmaps(_name(record, panel), panel, clip)]
        drawn += [Figure(markup(svg), panel.title) for svg in svgs if svg]
    return drawn


def panel_figure(record: Record, panel: Panel, clip: str) -> Markup:
    """The lines of one panel, drawn; clip: an id unique on the page. Empty where nothing can be drawn."""
    return markup(plot(_name(record, panel), panel, clip))


def _name(record: Record, panel: Panel) -> str:
    return panel.title or f"{record.check}, {record.tier} tier"


def curves_csv(record: Record) -> str:
    """All curves of a record and its controls in one long table; empty where there are none."""
    rows = list(_rows(record))
    if not rows:
        return ""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue()


def _rows(record: Record) -> Iterator[tuple[object, ...]]:
    for control, drawings in [("", record.panels), *((c.name, c.panels) for c in record.controls)]:
        for panel in drawings:
            for drawn in panel.drawn:
                head = [_safe(word) for word in (control, panel.title, drawn.label, drawn.role)]
                yield from ((*head, *point) for point in _points(drawn))


def _points(drawn: StoredLine | StoredMap) -> Iterator[tuple[object, ...]]:
    if isinstance(drawn, StoredMap):
        for y, row in zip(drawn.y, drawn.z, strict=True):
            for x, z in zip(drawn.x, row, strict=True):
                yield (x, y, None, None, z)
        return
    for index, (x, y) in enumerate(zip(drawn.x, drawn.y, strict=True)):
        low = drawn.low[index] if drawn.low else None
        high = drawn.high[index] if drawn.high else None
        yield (x, y, low, high, None)


def _safe(word: str) -> str:
    """A label that no spreadsheet takes for a formula, and no terminal for an order."""
    word = spelled_out(word)
    return f"'{word}" if word.startswith(("=", "+", "-", "@", "\t", "\r")) else word
