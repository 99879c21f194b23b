"""The numbers of a check's figures as one file of data, for a page's script to draw and to give out, and for programs.

One call, `lawbookCurves("…");`, since a page read from a file may load a script and may not fetch data. Between the
quotes stands JSON, deflated (zlib) and in base64, in less than half of its bytes:

- `arms`: panels in the form of `evidence/ID/CHECK.TIER.DEVICE.curves.json`, which holds every digit; here are those
  that can be told apart, of what a page draws: all of the check's own, of controls what they measured. Rows of numbers
  are told as `number_rows` says; one that stands more than once is written once, in `shared`, and named by its place
  there;
- `verdict`: of the drawing of the outcome to scale, `rows` of a label, the estimate, its interval's ends and the
  row of the seeds' values, the region `accepted`, and what `rivals` predict;
- `runs`: of the course of the estimates, a row a run: when, outcome, estimate, the ends of its interval and of its
  region, seeds, base of the seeds.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from lawbook.evidence.history import HistoryLine
from lawbook.evidence.record import Record, StoredPanel
from lawbook.prose import spelled_out
from lawbook.publishing.escaping import short_numbers
from lawbook.publishing.figures.course import course_numbers
from lawbook.publishing.figures.strip import strip_numbers
from lawbook.publishing.number_rows import packed_row, short_number

SCHEMA = 4
SHORTEST_SHARED = 4
MEASURED = "measured"
NUMBERS = frozenset((float, int, type(None)))
ROWS = ("x", "y", "low", "high")


def curves_place(of: Record | HistoryLine) -> str:
    """Where in the site the numbers of a check at a tier on a device lie."""
    return f"data/{of.claim}/{of.check}.{of.tier}.{of.device}.curves.js"


def has_numbers(record: Record) -> bool:
    """Whether the record has anything that can be drawn, and so a file."""
    panels = [record.panels, *(control.panels for control in record.controls)]
    return any(panels) or strip_numbers(record) is not None


def curves_file(record: Record | None, runs: Sequence[HistoryLine] = ()) -> str:
    """The content of the file; empty where nothing is drawn. runs: those of the check's course, where one is drawn."""
    content: dict[str, Any] = _of_record(record) if record else {}
    if course := course_numbers(runs):
        content["runs"] = short_numbers(course)
    if not content:
        return ""
    of = record or runs[0]
    named = {"claim": of.claim, "check": of.check, "tier": of.tier, "device": of.device}
    content = {"schema": SCHEMA, **named, **content}
    written = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return f'lawbookCurves("{base64.b64encode(zlib.compress(written.encode(), 9)).decode()}");\n'


def _of_record(record: Record) -> dict[str, Any]:
    content: dict[str, Any] = {}
    arms = {"": record.panels} | {control.name: control.panels for control in record.controls}
    drawn = {name: [_plain(panel, name) for panel in panels] for name, panels in arms.items() if panels}
    if drawn:
        content |= {"shared": _share(drawn), "arms": drawn}
    if (verdict := strip_numbers(record)) is not None:
        rows = [[*short_numbers(row), _seeds(values)] for *row, values in verdict.pop("rows")]
        content["verdict"] = {"rows": rows, **short_numbers(verdict)}
    return content


def _seeds(values: Sequence[float | None]) -> list[Any]:
    """The values of an arm's seeds; one that is infinite says so in a word, which no packed row can."""
    if any(value is not None and not math.isfinite(value) for value in values):
        told: list[Any] = short_numbers(values)
        return told
    return packed_row(values)


def _plain(panel: StoredPanel, control: str) -> Any:
    told = panel.model_dump(mode="json", exclude_defaults=True)
    for kind in {"lines", "maps"} & told.keys():
        told[kind] = [shape for shape in told[kind] if not control or shape.get("role", MEASURED) == MEASURED]
    return _short(told)


def _short(content: Any) -> Any:
    """Numbers in the digits that matter, and what nobody sees in words."""
    if isinstance(content, dict):
        return {key: _short(value) for key, value in content.items()}
    if isinstance(content, list):
        if content and NUMBERS.issuperset(map(type, content)):
            return packed_row(content)
        return [_short(value) for value in content]
    if isinstance(content, float):
        return short_number(content)
    return spelled_out(content) if isinstance(content, str) else content


def _share(arms: dict[str, Any]) -> list[Any]:
    """Takes rows that stand more than once out of the arms, in place."""
    counts = Counter(tuple(line[name]) for line, name in _rows(arms))
    places: dict[tuple[Any, ...], int] = {}
    for line, name in _rows(arms):
        row = tuple(line[name])
        if counts[row] > 1 and len(row) >= SHORTEST_SHARED:
            line[name] = places.setdefault(row, len(places))
    return [list(row) for row in places]


def _rows(arms: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for panels in arms.values():
        for panel in panels:
            for line in panel.get("lines", ()):
                yield from ((line, name) for name in ROWS if isinstance(line.get(name), list))
