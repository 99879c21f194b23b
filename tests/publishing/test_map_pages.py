"""A claim's page draws its maps, tells what contradicts the regime, and reads without the figure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from lawbook.book import open_book
from lawbook.evidence.map_cells import MapCell, MapKey, append_cell, cell_definition, cell_digest
from lawbook.publishing.figures.outcome_map import DrawnAxis, DrawnCell, outcome_map
from lawbook.publishing.generate import text_files
from lawbook.publishing.settings import SiteSettings

Make = Callable[[Mapping[str, Any]], Path]
CLAIM = "claims/laws/noise-averages-out.yaml"
MAP = """maps:
  - name: centre-and-spread
    check: centre
    over: {centre: [0.0, 1.0, 2.0], spread: [0.1, 0.4]}
    boundary: {centre: 2 * spread}
    holds: 0.5 - centre
    why: where it shows
"""


@pytest.fixture
def root(make_registry: Make) -> Path:
    whole = (Path(__file__).parents[1] / "tiny_registry" / CLAIM).read_text()
    return make_registry({CLAIM: whole + MAP})


def record(root: Path, outcomes: Sequence[str]) -> None:
    entry = open_book(root).registry.entries["noise-averages-out"]
    grid = entry.grids["centre-and-spread", "quick"]
    for cell, outcome in zip(grid.cells, outcomes, strict=False):
        line = MapCell(
            started="2026-01-01T00:00:00Z",
            at=dict(cell.values),
            cell=cell_digest(cell.values),
            outcome=outcome,
            estimate=0.125,
            interval=(0.1, 0.15),
            accept=(-0.3, 0.3),
            seeds=8,
            judged=8,
            definition=cell_definition(grid.measured, cell),
            code="another",
        )
        append_cell(root, MapKey(entry.id, "centre-and-spread", "quick", "cpu"), line, publish=True)


def pages(root: Path, site_settings: SiteSettings) -> dict[str, str]:
    return dict(text_files(open_book(root), site_settings))


def test_the_page_says_where_it_holds_and_what_contradicts_the_regime(root: Path, site_settings: SiteSettings) -> None:
    record(root, ["pass", "fail", "pass", "fail", "out-of-regime"])
    page = pages(root, site_settings)["claims/noise-averages-out.md"]
    assert "Of 6 cells the law holds in 2, fails in 2, and nothing is known in 2." in page
    assert "1 fail where the law is claimed, 1 pass where it is not" in page
    assert page.count('class="odd"') == 2
    assert page.count("against the regime") == 2
    assert 'class="border"' in page
    assert "not measured" in page
    assert "Stale: 5 of its cells" in page


def test_a_map_that_nobody_measured_says_how(root: Path, site_settings: SiteSettings) -> None:
    page = pages(root, site_settings)["claims/noise-averages-out.md"]
    assert "lawbook map noise-averages-out/centre-and-spread" in page
    assert "nothing is known in 6" in page


def test_programs_get_every_cell(root: Path, site_settings: SiteSettings) -> None:
    record(root, ["pass", "fail"])
    whole = json.loads(pages(root, site_settings)["api/claims/noise-averages-out.json"])
    quick = next(told for told in whole["maps"] if told["tier"] == "quick")
    assert quick["over"] == ["centre", "spread"]
    assert (quick["check"], quick["why"], quick["holds"]) == ("centre", "where it shows", "0.5 - centre")
    assert quick["boundary"] == {"centre": "2 * spread"}
    assert quick["cells"]["outcome"] == ["pass", "fail"]
    assert quick["cells"]["at"] == {"centre": [0.0, 0.0], "spread": [0.1, 0.4]}
    assert quick["cells"]["claimed"][0] is True
    assert {"estimate", "interval", "accept", "reason", "started", "cell"} <= quick["cells"].keys()
    assert {"code", "commit", "torch", "seeds"} <= quick["every_cell"].keys()
    assert not quick["cells"].keys() & quick["every_cell"].keys()


def axis(*values: float) -> DrawnAxis:
    return DrawnAxis("x", values, [str(value) for value in values])


def drawn(border: Sequence[Sequence[float]], *axes: DrawnAxis) -> str:
    count = len(axes[0].shown) * (len(axes[1].shown) if len(axes) > 1 else 1)
    cells = [DrawnCell("pass", 1.0, odd=False, described="here")] * count
    return outcome_map("a map", axes, cells, border)


def test_the_border_runs_between_the_cells_it_parts() -> None:
    # Even columns from 74 to 624: their centres lie at 74 + 550/4·(k + ½), and 20 is half way from 10 to 40 in logs.
    svg = drawn([(20.0, 1.0), (20.0, 2.0)], axis(1.0, 10.0, 40.0, 400.0), axis(1.0, 2.0))
    x = 74 + 550 / 4 * 2
    assert re.search(rf'd="M{x:g} [\d.]+l0-[\d.]+" class="border"', svg)


def test_a_border_off_the_grid_is_not_drawn() -> None:
    assert 'class="border"' not in drawn([(9.0, 1.0), (9.0, 2.0)], axis(1.0, 2.0), axis(1.0, 2.0))
    assert 'class="border"' in drawn([(1.5,)], axis(1.0, 2.0))


def test_falling_axes_are_read_the_right_way_round() -> None:
    svg = drawn([(1.0, 1.0), (1.0, 2.0)], axis(2.0, 1.0), axis(1.0, 2.0))
    assert f'd="M{74 + 550 * 0.75:g} ' in svg
