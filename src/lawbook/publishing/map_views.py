"""The maps of an entry as its page shows them: the drawn grid, what it says in words, every cell in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lawbook.evidence.fingerprint import CodeGraph
from lawbook.evidence.freshness import installed_torch
from lawbook.evidence.map_cells import MapCell, MapEvidence, cell_digest, cell_staleness
from lawbook.prose import spelled_out
from lawbook.publishing.escaping import markup
from lawbook.publishing.figures.outcome_map import DrawnAxis, DrawnCell, outcome_map
from lawbook.publishing.numbers import number
from lawbook.registry.entry import Entry
from lawbook.registry.law_map import LawMap
from lawbook.registry.map_grid import Cell, Grid
from lawbook.registry.models import TIERS

# A table of more cells says nothing to a reader; the figure and the file for programs do.
MOST_ROWS = 400
# What the cells of a map mostly share.
HOW_MEASURED = ("schema_version", "seeds", "judged", "seed_base", "code", "torch", "commit", "device")


@dataclass(frozen=True)
class CellView:
    """One row of the table. claimed: what the map's `holds` says there, None where it says nothing."""

    at: Sequence[str]
    stored: MapCell | None
    claimed: bool | None

    @property
    def outcome(self) -> str:
        return self.stored.outcome if self.stored else "unverified"

    @property
    def odd(self) -> bool:
        """Whether it fails where the law is claimed, or passes where it is not."""
        return (self.claimed, self.outcome) in ((True, "fail"), (False, "pass"))


@dataclass(frozen=True)
class MapView:
    """A map at one tier. lines: what it says in words. axes: names of its parameters."""

    law_map: LawMap
    tier: str
    svg: Markup
    axes: Sequence[str]
    lines: Sequence[str]
    rows: Sequence[CellView]
    stale: int
    seconds: float
    devices: Sequence[str]


def map_views(entry: Entry, evidence: MapEvidence, code: CodeGraph) -> list[MapView]:
    """Every map of an entry at every tier where it runs; at `full` only what has been measured."""
    views = []
    for law_map in entry.maps:
        for tier in TIERS:
            grid = entry.grids.get((law_map.name, tier))
            if grid is None:
                continue
            known = evidence.of(entry.id, law_map.name, tier)
            if known or tier == "quick" or (law_map.name, "quick") not in entry.grids:
                views.append(_view(entry, grid, known, code))
    return views


def map_data(entry: Entry, evidence: MapEvidence) -> list[dict[str, Any]]:
    """The maps of an entry for programs. cells: a column a key, with an item for each recorded cell of the grid, in its
    order. every_cell: of how they were measured, what all of them say alike, which then has no column.
    """
    told = []
    for (name, tier), grid in entry.grids.items():
        known = evidence.of(entry.id, name, tier)
        cells = [
            known[digest].model_dump(mode="json") | {"claimed": None if cell.holds is None else cell.holds > 0}
            for cell in grid.cells
            if (digest := cell_digest(cell.values)) in known
        ]
        columns, alike = _columns(cells)
        over = list(grid.law_map.over)
        said = grid.law_map.model_dump(mode="json", exclude={"over", *TIERS, "expect"}, exclude_defaults=True)
        expect = {} if grid.law_map.expect is None else {"expect": str(grid.law_map.expect)}
        told.append(
            {
                **said,
                **expect,
                "tier": tier,
                "over": over,
                "border": [list(point) for point in grid.border],
                "every_cell": alike,
                "cells": columns | {"at": {axis: [cell["at"].get(axis) for cell in cells] for axis in over}},
            }
        )
    return told


def _columns(cells: Sequence[dict[str, Any]]) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """What cells say, by its key, and what of how they were measured they all say alike."""
    keys = dict.fromkeys(key for cell in cells for key in cell)
    columns = {key: [cell.get(key) for cell in cells] for key in keys}
    alike = {
        key: columns[key][0]
        for key in HOW_MEASURED
        if key in columns and columns[key].count(columns[key][0]) == len(cells)
    }
    return {key: column for key, column in columns.items() if key not in alike}, alike


def _view(entry: Entry, grid: Grid, known: dict[str, MapCell], code: CodeGraph) -> MapView:
    law_map = grid.law_map
    axes = [
        DrawnAxis(
            spelled_out(name),
            [value if isinstance(value, int | float) else None for value in axis.values],
            [spelled_out(label) for label in axis.labels] or [_shown(value) for value in axis.values],
        )
        for name, axis in law_map.over.items()
    ]
    rows = [_row(axes, cell, known.get(cell_digest(cell.values))) for cell in grid.cells]
    drawn = [
        DrawnCell(row.stored.outcome if row.stored else "", _estimate(row), row.odd, _described(axes, row))
        for row in rows
    ]
    torch = installed_torch()
    stale = sum(
        row.stored is not None and bool(cell_staleness(row.stored, grid.measured, cell, code, torch))
        for row, cell in zip(rows, grid.cells, strict=True)
    )
    stored = [row.stored for row in rows if row.stored]
    figure = outcome_map(f"{entry.id}: {law_map.name}", axes, drawn, grid.border)
    return MapView(
        law_map=law_map,
        tier=grid.tier,
        svg=markup(figure),
        axes=[axis.name for axis in axes],
        lines=_lines(rows),
        rows=rows if len(rows) <= MOST_ROWS else [],
        stale=stale,
        seconds=sum(cell.seconds for cell in stored),
        devices=sorted({spelled_out(cell.device) for cell in stored}),
    )


def _row(axes: Sequence[DrawnAxis], cell: Cell, stored: MapCell | None) -> CellView:
    at = [axis.shown[place] for axis, place in zip(axes, cell.place, strict=True)]
    return CellView(at, stored, None if cell.holds is None else cell.holds > 0)


def _estimate(row: CellView) -> float | None:
    return row.stored.estimate if row.stored else None


def _described(axes: Sequence[DrawnAxis], row: CellView) -> str:
    where = ", ".join(f"{axis.name} = {shown}" for axis, shown in zip(axes, row.at, strict=True))
    if row.stored is None:
        return f"{where}: not measured"
    value = "" if row.stored.estimate is None else f", {number(row.stored.estimate, 4)}"
    accepted = ", ".join("open" if end is None else number(end, 4) for end in row.stored.accept)
    return f"{where}: {row.stored.outcome}{value}, accepted [{accepted}]"


def _shown(value: Any) -> str:
    return number(float(value), 4) if isinstance(value, int | float) else spelled_out(str(value))


def _lines(rows: Sequence[CellView]) -> list[str]:
    outcomes = [row.outcome for row in rows]
    held, failed, absent = (outcomes.count(outcome) for outcome in ("pass", "fail", "unverified"))
    open_ = len(rows) - held - failed - absent
    lines = [
        f"Of {len(rows)} cells the law holds in {held}, fails in {failed}, and nothing is known in {open_ + absent}."
    ]
    if any(row.claimed is not None for row in rows) and absent < len(rows):
        broken = sum(row.claimed is True and row.outcome == "fail" for row in rows)
        beyond = sum(row.claimed is False and row.outcome == "pass" for row in rows)
        lines.append(
            f"Cells that contradict the regime: {broken} fail where the law is claimed, "
            f"{beyond} pass where it is not (framed)."
        )
    return lines
