"""A record's panels as figures for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from lawbook.evidence.record import Record
from lawbook.publishing.escaping import markup
from lawbook.publishing.figures.heatmap import heatmaps
from lawbook.publishing.figures.panels import Panel, panels
from lawbook.publishing.figures.plot import plot


@dataclass(frozen=True)
class Figure:
    """An SVG and the words under it."""

    svg: Markup
    caption: str


def figures(record: Record, drawn_before: Mapping[str, Markup] | None = None) -> list[Figure]:
    """Every panel of a record, drawn. drawn_before: by title, panels that the page shows already, to show again."""
    drawn = []
    before = drawn_before or {}
    for index, panel in enumerate(panels(record)):
        clip = f"clip-{record.check}-{record.tier}-{index}"
        lines = before.get(panel.title) or panel_figure(record, panel, clip)
        svgs = [lines, *heatmaps(_name(record, panel), panel, clip)]
        drawn += [Figure(markup(svg), panel.title) for svg in svgs if svg]
    return drawn


def panel_figure(record: Record, panel: Panel, clip: str) -> Markup:
    """The lines of one panel, drawn; clip: an id unique on the page. Empty where nothing can be drawn."""
    return markup(plot(_name(record, panel), panel, clip))


def _name(record: Record, panel: Panel) -> str:
    return panel.title or f"{record.check}, {record.tier} tier"
