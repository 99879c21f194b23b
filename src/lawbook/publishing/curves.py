"""A record's panels as figures for the page, and as one file of data for scripts and programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lawbook.evidence.record import Record, StoredPanel
from lawbook.prose import spelled_out
from lawbook.publishing.escaping import markup
from lawbook.publishing.figures.heatmap import heatmaps
from lawbook.publishing.figures.panels import Panel, panels
from lawbook.publishing.figures.plot import plot

SCHEMA = 1
EXACT = 2**53  # below it every whole number is a float of its own


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


def curves_file(record: Record) -> str:
    """All curves of a record and its controls, for a page's script to draw, and to give out as a table or a drawing.

    JSON between a first line `lawbookCurves(` and a last one `);`, since a page read from a file may load a script
    and may not fetch data. Panels have the form of `evidence/ID/CHECK.TIER.DEVICE.curves.json`. Empty where there
    are none.
    """
    arms = {"": record.panels} | {control.name: control.panels for control in record.controls}
    drawn = {name: [_plain(panel) for panel in panels] for name, panels in arms.items() if panels}
    if not drawn:
        return ""
    of = {"claim": record.claim, "check": record.check, "tier": record.tier, "device": record.device}
    written = json.dumps({"schema": SCHEMA, **of, "arms": drawn}, allow_nan=False, separators=(",", ":"))
    return f"lawbookCurves(\n{written}\n);\n"


def _plain(panel: StoredPanel) -> Any:
    return _short(panel.model_dump(mode="json", exclude_defaults=True))


def _short(content: Any) -> Any:
    """Whole numbers without a point (half of a curve's points lie on a grid), and what nobody sees in words."""
    if isinstance(content, dict):
        return {key: _short(value) for key, value in content.items()}
    if isinstance(content, list):
        return [_short(value) for value in content]
    if isinstance(content, float):
        whole = content.is_integer() and abs(content) < EXACT
        return int(content) if whole else content if math.isfinite(content) else None
    return spelled_out(content) if isinstance(content, str) else content
