"""The cells of maps, one JSON line each, in `STORE/ID/maps/NAME.TIER.DEVICE.jsonl`; appended at once, newest last.

Files merge by union: lines are whole and never rewritten, and of a cell the newest line that can be believed counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from filelock import FileLock
from pydantic import ConfigDict, ValidationError

from lawbook.evidence.appending import append_line, refuse_strange
from lawbook.evidence.fingerprint import DIGITS, CodeGraph
from lawbook.evidence.freshness import minor_version
from lawbook.evidence.links import refuse_links
from lawbook.evidence.record import ControlOutcome, DeviceToken, End, Stored, Time
from lawbook.evidence.state import LOCK_PATIENCE, make_state_folder
from lawbook.evidence.store import DamagedFile, store_folder
from lawbook.evidence.strict_json import check_json, read_plain_file
from lawbook.evidence.times import latest_believable, recency
from lawbook.evidence.uninterrupted import uninterrupted
from lawbook.places.registry_places import PlaceError
from lawbook.registry.map_grid import Cell, Measured
from lawbook.registry.models import Tier

FOLDER = "maps"
ADVICE = "remove that line, or restore the file from git"


class MapCell(Stored):
    """How one cell came out at its first look.

    at: the values of the axes, or their labels. cell: a digest of those values. definition: of all that was measured
    and accepted; code: of what it ran. out-of-regime seeds are counted in `seeds` and not in `judged`. estimate: of
    the judged seeds, of all where none is.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    schema_version: Literal[1] = 1
    started: Time
    at: dict[str, Any]
    cell: str
    outcome: ControlOutcome
    reason: str = ""
    estimate: End = None
    interval: tuple[End, End] | None = None
    accept: tuple[End, End]
    seeds: int
    judged: int
    seed_base: int = 0
    seconds: float = 0.0
    definition: str
    code: str
    torch: str = ""
    commit: str = ""
    device: str = ""


class MapKey(NamedTuple):
    """What a file of cells is of."""

    entry: str
    name: str
    tier: Tier
    device: DeviceToken


@dataclass(frozen=True)
class MapEvidence:
    """Every map's newest cells, by their digests, and what cannot be read."""

    cells: Mapping[MapKey, Mapping[str, MapCell]] = field(default_factory=dict)
    damaged: tuple[DamagedFile, ...] = ()

    def of(self, entry: str, name: str, tier: Tier) -> dict[str, MapCell]:
        """The newest line of each cell, on any device."""
        latest = latest_believable()
        newest: dict[str, MapCell] = {}
        for key in sorted(self.cells):
            if key[:3] == (entry, name, tier):
                for digest, cell in self.cells[key].items():
                    _keep_newest(newest, digest, cell, latest)
        return newest


def cell_digest(values: Mapping[str, Any]) -> str:
    """What tells one cell of a map from the others, whatever its place on the grid."""
    return _digest(values)


def cell_definition(measured: Measured, cell: Cell) -> str:
    """A digest of all that a cell measures and accepts."""
    return _digest(
        {
            "checker": measured.checker,
            "params": cell.params,
            "region": [repr(end) for end in cell.region],
            "confidence": measured.confidence,
            "estimator": measured.estimator,
            "seeds": measured.settings.seeds,
        }
    )


def cell_staleness(stored: MapCell, measured: Measured, cell: Cell, code: CodeGraph, torch: str | None) -> str:
    """Why a recorded cell no longer speaks of the map; empty while it is fresh. torch: None where there is none."""
    if stored.definition != cell_definition(measured, cell):
        return "what it measures or accepts has changed"
    if stored.code != code.fingerprint(measured.checker):
        return "the code that it runs has changed"
    if torch is not None and minor_version(torch) != minor_version(stored.torch):
        return f"measured with torch {minor_version(stored.torch)}"
    return ""


def map_path(key: MapKey, *, publish: bool) -> Path:
    """The file of a map's cells, relative to the registry's root."""
    return store_folder(publish=publish) / key.entry / FOLDER / f"{key.name}.{key.tier}.{key.device}.jsonl"


def append_cell(root: Path, key: MapKey, cell: MapCell, *, publish: bool) -> None:
    """Add a cell's line, whole; raises PlaceError where none can stand."""
    with FileLock(make_state_folder(root) / "evidence.lock", timeout=LOCK_PATIENCE), uninterrupted():
        refuse_links(root, store_folder(publish=publish))
        check_map(root, key, publish=publish)
        text = cell.model_dump_json(exclude_defaults=True).encode()
        append_line(root / map_path(key, publish=publish), text)


def check_map(root: Path, key: MapKey, *, publish: bool) -> None:
    """Raises PlaceError where no cell can be added: a link leads away, or no plain file stands in the file's place."""
    path = map_path(key, publish=publish)
    for part in (path.parent.parent, path.parent):
        if (root / part).is_symlink():
            raise PlaceError(f"{part} is a link; put the folder itself there")
    refuse_strange(root, path)


def read_maps(root: Path) -> MapEvidence:
    """The cells of both stores, the newest of each; a line that cannot be believed is told and passed over."""
    found: dict[MapKey, dict[str, MapCell]] = {}
    damaged: list[DamagedFile] = []
    for publish in (True, False):
        damaged += [
            DamagedFile(folder.relative_to(root), "is a link", "put the folder itself there")
            for folder in sorted((root / store_folder(publish=publish)).glob(f"*/{FOLDER}"))
            if folder.is_symlink()
        ]
        for path in sorted((root / store_folder(publish=publish)).glob(f"*/{FOLDER}/*.jsonl")):
            if path.parent.is_symlink():
                continue
            match path.name.split("."):
                case [name, "quick" | "full" as tier, device, "jsonl"]:
                    key = MapKey(path.parent.parent.name, name, tier, device)
                    _read_file(root, path, found.setdefault(key, {}), damaged)
                case _ if not path.name.startswith("."):
                    where = path.relative_to(root)
                    damaged.append(DamagedFile(where, "is not named NAME.TIER.DEVICE.jsonl", "move it away"))
    return MapEvidence(found, tuple(damaged))


def _read_file(root: Path, path: Path, cells: dict[str, MapCell], damaged: list[DamagedFile]) -> None:
    try:
        content = read_plain_file(path)
    except OSError as error:
        damaged.append(DamagedFile(path.relative_to(root), f"cannot be read: {error.strerror}"))
        return
    latest = latest_believable()
    for number, text in enumerate(content.splitlines(), start=1):
        if not text.strip():
            continue
        try:
            check_json(text)
            cell = MapCell.model_validate_json(text, strict=True)
        except (ValidationError, ValueError):
            said = f"line {number} is no cell of a map"
            damaged.append(DamagedFile(path.relative_to(root), said, ADVICE))
            continue
        if cell.started > latest:
            said = f"line {number} is dated {cell.started}, which is still to come"
            damaged.append(DamagedFile(path.relative_to(root), said, "a clock was wrong; remove that line"))
            continue
        _keep_newest(cells, cell.cell, cell, latest)


def _keep_newest(cells: dict[str, MapCell], digest: str, cell: MapCell, latest: str) -> None:
    before = cells.get(digest)
    if before is None or recency(cell.started, latest) >= recency(before.started, latest):
        cells[digest] = cell


def _digest(content: Mapping[str, Any]) -> str:
    written = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:DIGITS]
