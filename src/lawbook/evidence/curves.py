"""The panels of a record in a file of their own, so that what needs no curves reads none.

`CHECK.TIER.DEVICE.curves.json` maps an arm's name ("" for the main measurement) to its panels. The record
holds a digest of that file, so that curves of another run are never taken for its own.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lawbook.evidence.consistency import disagreement
from lawbook.evidence.record import Record, StoredPanel
from lawbook.evidence.strict_json import check_json

SUFFIX = ".curves.json"
DIGITS = 12
_ARMS = TypeAdapter(dict[str, list[StoredPanel]])


class CurvesError(Exception):
    """The curves of a record cannot be had; the text says why."""


def curves_path(record_path: Path) -> Path:
    """Where the curves of a record lie, beside it."""
    return record_path.with_suffix(SUFFIX)


def take_curves(record: Record) -> tuple[Record, bytes]:
    """The record without its panels, and the content of their file, empty where it has none."""
    arms = {"": record.panels} | {control.name: control.panels for control in record.controls}
    drawn = {name: panels for name, panels in arms.items() if panels}
    if not drawn:
        return record.model_copy(update={"curves": ""}), b""
    content = _serialise(drawn)
    bare = [control.model_copy(update={"panels": []}) for control in record.controls]
    digest = hashlib.sha256(content).hexdigest()[:DIGITS]
    return record.model_copy(update={"curves": digest, "panels": [], "controls": bare}), content


def give_curves(record: Record, content: bytes) -> Record:
    """The record with the panels of its file; raises CurvesError where these are not its own."""
    if hashlib.sha256(content).hexdigest()[:DIGITS] != record.curves:
        raise CurvesError("the curves are those of another run, or damaged")
    try:
        check_json(content)
        arms = _ARMS.validate_json(content, strict=True)
    except (ValidationError, ValueError):
        raise CurvesError("the curves cannot be read") from None
    controls = [control.model_copy(update={"panels": arms.get(control.name, [])}) for control in record.controls]
    whole = record.model_copy(update={"panels": arms.get("", []), "controls": controls})
    if said := disagreement(whole):
        raise CurvesError(f"the curves cannot be drawn: {said}")
    return whole


def _serialise(arms: dict[str, list[StoredPanel]]) -> bytes:
    """JSON with a line a panel: small, and readable in a diff."""
    lines = []
    for name, panels in arms.items():
        items = ",\n".join(f"  {_compact(panel)}" for panel in panels)
        lines.append(f"{json.dumps(name)}: [\n{items}\n]")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _compact(panel: StoredPanel) -> str:
    plain: dict[str, Any] = panel.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(plain, ensure_ascii=False, allow_nan=False)
