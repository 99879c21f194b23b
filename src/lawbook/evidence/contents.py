"""What a store holds, counted: records by tier and device, their ages, and the size of each part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lawbook.evidence.curves import SUFFIX
from lawbook.evidence.history import HISTORY_FOLDER
from lawbook.evidence.map_cells import FOLDER as MAPS_FOLDER
from lawbook.evidence.map_cells import read_maps
from lawbook.evidence.record import TIME_FORMAT
from lawbook.evidence.store import read_store, store_folder


@dataclass(frozen=True)
class Group:
    """The records of a tier on a model of device."""

    tier: str
    device: str
    records: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True)
class Part:
    """Files of one kind. size: bytes."""

    files: int
    size: int


@dataclass(frozen=True)
class Contents:
    """All of a store. parts: by kind. lines: of history. damaged: files and lines, those of maps too."""

    groups: tuple[Group, ...]
    parts: Mapping[str, Part]
    lines: int
    damaged: int


def contents(root: Path, *, publish: bool) -> Contents:
    """What the published or the local store holds."""
    evidence = read_store(root, publish=publish)
    times: dict[tuple[str, str], list[datetime]] = {}
    for key, stored in sorted(evidence.records.items()):
        moment = datetime.strptime(stored.record.started, TIME_FORMAT).replace(tzinfo=UTC)
        times.setdefault((key.tier, key.device), []).append(moment)
    groups = tuple(Group(*place, len(found), min(found), max(found)) for place, found in sorted(times.items()))
    sizes: dict[str, list[int]] = {"records": [], "curves": [], "history": [], "maps": []}
    store = root / store_folder(publish=publish)
    for path in sorted(store.glob("**/*.json*")):
        if path.is_file() and not path.is_symlink():
            sizes[_kind(path.relative_to(store))].append(path.stat().st_size)
    parts = {kind: Part(len(found), sum(found)) for kind, found in sizes.items()}
    in_maps = [one for one in read_maps(root).damaged if one.path.is_relative_to(store_folder(publish=publish))]
    return Contents(groups, parts, len(evidence.history), len(evidence.damaged) + len(in_maps))


def _kind(path: Path) -> str:
    if path.parts[0] == HISTORY_FOLDER:
        return "history"
    if MAPS_FOLDER in path.parts[:-1]:
        return "maps"
    return "curves" if path.name.endswith(SUFFIX) else "records"
