"""Two trees of evidence made one: of each record the newest, of each history and map every line.

What comes from elsewhere is data of a stranger: only files of a known name are taken, plain ones alone, and only what
reads as evidence. Anything else is told and left where it is. `python -m lawbook.evidence.merging FROM… INTO`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from lawbook.evidence.curves import CurvesError, curves_path, give_curves
from lawbook.evidence.history import HISTORY_FOLDER, read_line
from lawbook.evidence.map_cells import FOLDER as MAPS_FOLDER
from lawbook.evidence.map_cells import MapCell
from lawbook.evidence.record import Record
from lawbook.evidence.store import DamagedFile, read_record
from lawbook.evidence.strict_json import check_json, read_plain_file
from lawbook.evidence.times import latest_believable, recency
from lawbook.places.writing import write_atomically

_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_KEY = rf"{_NAME}\.(?:quick|full)\.[a-z0-9]+"
RECORD = re.compile(rf"{_NAME}/{_KEY}\.json")
CURVES = re.compile(rf"{_NAME}/{_KEY}\.curves\.json")
HISTORY = re.compile(rf"{HISTORY_FOLDER}/([0-9]{{4}})(?:-[0-9]{{2}})?\.jsonl")
CELLS = re.compile(rf"{_NAME}/{MAPS_FOLDER}/{_KEY}\.jsonl")


@dataclass
class Merged:
    """What a merge did. newer: records taken. kept: those that were as new or newer here. lines: added to histories
    and maps. refused: what was not taken, and why.
    """

    newer: list[str] = field(default_factory=list)
    kept: int = 0
    lines: int = 0
    refused: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = f"{len(self.newer)} newer records, {self.kept} kept, {self.lines} new lines"
        return "\n".join([said, *(f"refused: {told}" for told in self.refused)])


def merge_evidence(source: Path, target: Path) -> Merged:
    """Take into the tree `target` what the tree `source` knows better; both have the form of `evidence/`.

    The result does not depend on the order of merges: of two records as new as each other the one whose text sorts last
    counts. A damaged file on either side is told and left alone.
    """
    merged = Merged()
    latest = latest_believable()
    for path in _files(source, merged):
        name = path.relative_to(source).as_posix()
        if RECORD.fullmatch(name):
            _take_record(source, target, name, latest, merged)
        elif form := HISTORY.fullmatch(name):
            # What a year's file here replaces does not come back.
            year = f"{HISTORY_FOLDER}/{form[1]}.jsonl"
            _take_lines(source, target, name, _of_history, latest, merged, also_known=year)
        elif CELLS.fullmatch(name):
            _take_lines(source, target, name, _of_cell, latest, merged)
        elif not CURVES.fullmatch(name):
            merged.refused.append(f"{name}: no file of evidence has such a name")
    return merged


def main(arguments: Sequence[str]) -> int:
    """Merge every tree named but the last into the last; 1 where something was refused."""
    *sources, target = map(Path, arguments)
    refused = False
    for source in sources:
        if not source.is_dir():
            print(f"{source}: no such folder; nothing to merge")
            continue
        merged = merge_evidence(source, target)
        print(f"{source}: {merged}")
        refused = refused or bool(merged.refused)
    return int(refused)


def _files(source: Path, merged: Merged) -> Iterator[Path]:
    """The plain files of a tree; those whose name begins with a dot are a killed writer's, and no evidence."""
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if any(part.startswith(".") for part in relative.parts):
            continue
        is_named_file = path.suffix in (".json", ".jsonl")
        if path.is_symlink() or not (path.is_file() or (path.is_dir() and not is_named_file)):
            merged.refused.append(f"{relative}: it is no plain file")
        elif path.is_file():
            yield path


def _take_record(source: Path, target: Path, name: str, latest: str, merged: Merged) -> None:
    theirs = read_record(source.parent, Path(source.name) / name)
    if isinstance(theirs, DamagedFile):
        merged.refused.append(f"{name}: {theirs.reason}")
        return
    if theirs.started > latest:
        merged.refused.append(f"{name}: dated {theirs.started}, which is still to come")
        return
    path = target / name
    content = read_plain_file(source / name)
    if path.exists() or path.is_symlink():
        ours = read_record(target.parent, Path(target.name) / name)
        if isinstance(ours, DamagedFile):
            merged.refused.append(f"{name}: the file here is damaged: {ours.reason}")
            return
        before = (recency(ours.started, latest), read_plain_file(path))
        if before >= (recency(theirs.started, latest), content):
            merged.kept += 1
            if before[1] == content:
                _complete_curves(theirs, source / name, path)
            return
    curves = _curves_of(theirs, source / name, merged, name)
    if curves:
        write_atomically(curves_path(path), curves)
    write_atomically(path, content)
    if not theirs.curves:
        curves_path(path).unlink(missing_ok=True)
    merged.newer.append(name)


def _complete_curves(record: Record, source: Path, target: Path) -> None:
    """Take the curves of a record that both sides have, where only theirs are whole."""
    missing = _curves_of(record, target, Merged(), target.name) == b""
    if missing and (curves := _curves_of(record, source, Merged(), source.name)):
        write_atomically(curves_path(target), curves)


def _curves_of(record: Record, path: Path, merged: Merged, name: str) -> bytes:
    """The content of the record's own curves; empty where it has none or they cannot be believed."""
    if not record.curves:
        return b""
    try:
        content = read_plain_file(curves_path(path))
        give_curves(record, content)
    except (OSError, CurvesError) as error:
        said = f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
        merged.refused.append(f"{curves_path(Path(name)).as_posix()}: {said}")
        return b""
    return content


def _of_history(text: bytes) -> str:
    """When the record of a line began, empty where it is of none; raises ValueError for what is no line of history."""
    line = read_line(text)
    return "" if line is None else line.started


def _of_cell(text: bytes) -> str:
    """When the cell of a line was begun; raises ValueError for what is no cell."""
    check_json(text)
    return MapCell.model_validate_json(text, strict=True).started


def _take_lines(
    source: Path,
    target: Path,
    name: str,
    began: Callable[[bytes], str],
    latest: str,
    merged: Merged,
    also_known: str = "",
) -> None:
    path = target / name
    held: dict[str, bytes] = {}
    for each in (name, also_known or name):
        try:
            held[each] = _content(target / each)
        except OSError as error:
            merged.refused.append(f"{name}: {each} here cannot be read: {error.strerror}")
            return
    known = {line for content in held.values() for line in content.splitlines()}
    try:
        theirs = read_plain_file(source / name)
    except OSError as error:
        merged.refused.append(f"{name}: cannot be read: {error.strerror}")
        return
    added = []
    for number, line in enumerate(theirs.splitlines(), start=1):
        if not line.strip() or line in known:
            continue
        try:
            started = began(line)
        except (ValueError, ValidationError):
            merged.refused.append(f"{name}: line {number} is not of its form")
            continue
        if started > latest:
            merged.refused.append(f"{name}: line {number} is dated {started}, which is still to come")
            continue
        known.add(line)
        added.append(line)
    if added:
        here = held[name]
        torn = b"\n" if here and not here.endswith(b"\n") else b""
        write_atomically(path, here + torn + b"\n".join(added) + b"\n")
        merged.lines += len(added)


def _content(path: Path) -> bytes:
    """What a file holds, nothing where there is none; raises OSError."""
    return read_plain_file(path) if os.path.lexists(path) else b""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
