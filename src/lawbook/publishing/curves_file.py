"""A record's curves as one file of data, for a page's script to draw and to give out, and for programs.

One call, `lawbookCurves("…");`, since a page read from a file may load a script and may not fetch data. Between the
quotes stands JSON, deflated (zlib) and in base64, in less than half of its bytes. Its panels have the form of
`evidence/ID/CHECK.TIER.DEVICE.curves.json`, which holds every digit; here are those that can be told apart, of what a
page draws: all of the check's own, of controls what they measured. A row of numbers that stands more than once is
written once, in `shared`, and named by its place there.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lawbook.evidence.record import Record, StoredPanel
from lawbook.prose import spelled_out

SCHEMA = 3
EXACT = 2**53  # below it every whole number is a float of its own
# Of a number, and of the range of its row where all of it lies far from nought.
DIGITS = 5
MOST_DIGITS = 15
SHORTEST_SHARED = 4
MEASURED = "measured"
ROWS = ("x", "y", "low", "high")


def curves_file(record: Record) -> str:
    """The content of the file; empty where there is no curve."""
    arms = {"": record.panels} | {control.name: control.panels for control in record.controls}
    drawn = {name: [_plain(panel, name) for panel in panels] for name, panels in arms.items() if panels}
    if not drawn:
        return ""
    of = {"claim": record.claim, "check": record.check, "tier": record.tier, "device": record.device}
    content = {"schema": SCHEMA, **of, "shared": _share(drawn), "arms": drawn}
    written = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return f'lawbookCurves("{base64.b64encode(zlib.compress(written.encode(), 9)).decode()}");\n'


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
        if content and all(value is None or isinstance(value, int | float) for value in content):
            return _row(content)
        return [_short(value) for value in content]
    if isinstance(content, float):
        return _number(content, MOST_DIGITS)
    return spelled_out(content) if isinstance(content, str) else content


def _row(row: list[Any]) -> list[Any]:
    digits = _digits(row)
    if all(type(value) is float and math.isfinite(value) for value in row):  # nearly every one
        told = [float(f"{value:.{digits}g}") for value in row]
        if max(map(abs, row)) < EXACT:
            exact = [value if value.is_integer() else short for value, short in zip(row, told, strict=True)]
            return [int(value) if value.is_integer() else value for value in exact]
    return [_number(value, digits) for value in row]


def _digits(row: list[Any]) -> int:
    """How many digits a row of numbers needs, that neighbours in it stay apart."""
    known = [value for value in row if value is not None and math.isfinite(value)]
    largest = max(map(abs, known), default=0.0)
    width = max(known, default=0.0) - min(known, default=0.0)
    if not 0 < width < largest:
        return DIGITS
    return min(DIGITS + round(math.log10(largest / width)), MOST_DIGITS)


def _number(value: Any, digits: int) -> Any:
    """A whole number without a point (half of a curve's points lie on a grid), any other in so many digits."""
    if value is None or isinstance(value, int):
        return value
    if not math.isfinite(value):
        return None
    if value.is_integer() and abs(value) < EXACT:
        return int(value)
    short = float(f"{value:.{digits}g}")
    return value if math.isinf(short) else int(short) if short.is_integer() and abs(short) < EXACT else short


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
