"""Where records are kept: `evidence/` is published, `.lawbook/evidence/` is this machine's own; both have one
form.

`STORE/ID/CHECK.TIER.DEVICE.json` is the newest record, `STORE/history/YYYY-MM.jsonl` the history. Writing is
atomic and takes a lock, so that two runs at once lose nothing; a damaged file is listed, never overwritten
and never a crash.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock
from pydantic import ValidationError

from lawbook.evidence.consistency import disagreement
from lawbook.evidence.history import HistoryLine, append_history, history_line, read_history
from lawbook.evidence.record import DeviceKind, Record, StoredCurve
from lawbook.evidence.state import STATE, make_state_folder
from lawbook.evidence.strict_json import ConflictError, NotJsonError, check_json, read_plain_file
from lawbook.evidence.times import latest_believable, recency
from lawbook.evidence.uninterrupted import uninterrupted
from lawbook.registry.entry import Registry
from lawbook.registry.models import Tier

PUBLISHED = Path("evidence")
LOCAL = STATE / "evidence"
TAKE_A_SIDE = "delete it and verify again"
RESTORE = "restore it from git, or delete it and verify again"


class Key(NamedTuple):
    """What a record is of; at most one record of a key is kept in a store."""

    claim: str
    check: str
    tier: Tier
    device_kind: DeviceKind


@dataclass(frozen=True, order=True)
class DamagedFile:
    """A file of evidence that cannot be read or believed. path is relative to the registry's root; advice: how to
    mend it.
    """

    path: Path
    reason: str
    advice: str = RESTORE

    def is_of(self, claim: str) -> bool:
        """Whether it stands where a record of that claim or problem should."""
        return self.path.parent.name == claim

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}; left as it is ({self.advice})"


class DamagedEvidenceError(Exception):
    """A record cannot be written, for a damaged file stands in its place."""

    def __init__(self, damaged: DamagedFile) -> None:
        super().__init__(str(damaged))
        self.damaged = damaged


@dataclass(frozen=True)
class StoredRecord:
    """A record and the store it was read from."""

    record: Record
    local: bool


@dataclass(frozen=True)
class Evidence:
    """What is recorded: the newest record of each key, what cannot be read, and the history, oldest first.

    older: of a key that both stores have, the record that is not the newest.
    """

    records: dict[Key, StoredRecord]
    damaged: tuple[DamagedFile, ...]
    history: tuple[HistoryLine, ...]
    older: dict[Key, StoredRecord] = field(default_factory=dict)


def record_key(record: Record) -> Key:
    """The key under which a record is kept."""
    return Key(record.claim, record.check, record.tier, record.device_kind)


def store_folder(*, publish: bool) -> Path:
    """The published or the local store, relative to the registry's root."""
    return PUBLISHED if publish else LOCAL


def record_path(key: Key, *, publish: bool) -> Path:
    """The file of a key's record, relative to the registry's root."""
    return store_folder(publish=publish) / key.claim / f"{key.check}.{key.tier}.{key.device_kind}.json"


def read_evidence(root: Path) -> Evidence:
    """Both stores; of two records with one key, the newer."""
    return _join(root, [(_read_store(root, publish=True)), (_read_store(root, publish=False))])


def read_store(root: Path, *, publish: bool) -> Evidence:
    """One store alone: the published or the local one."""
    return _join(root, [_read_store(root, publish=publish)])


def published_keys(root: Path) -> list[Key]:
    """What the published store has files for, read from their names alone."""
    keys = []
    for path in sorted((root / PUBLISHED).glob("*/*.json")):
        match path.name.split("."):
            case [check, "quick" | "full" as tier, "cpu" | "cuda" as device_kind, _]:
                keys.append(Key(path.parent.name, check, tier, device_kind))
    return keys


def named_by(registry: Registry, key: Key) -> bool:
    """Whether a claim file of the registry still names the check of a record, at its tier."""
    entry = registry.entries.get(key.claim)
    checks = entry.checks if entry else []
    return any(check.name == key.check and check.settings(key.tier) is not None for check in checks)


def write_record(root: Path, record: Record, *, publish: bool) -> Path:
    """Put a record in its place and add its line to the history; the file's path relative to root.

    Raises DamagedEvidenceError, and writes nothing, where the file already there cannot be read.
    """
    path = record_path(record_key(record), publish=publish)
    store = root / store_folder(publish=publish)
    with _lock(root):
        replaced = None
        if os.path.lexists(root / path) or (root / path).parent.is_symlink():
            found = _read_record(root, path)
            if isinstance(found, DamagedFile):
                raise DamagedEvidenceError(found)
            replaced = found
        # Only a writer that was killed leaves one of these, as we hold the lock.
        for unfinished in (root / path).parent.glob(f".{path.name}.*"):
            unfinished.unlink()
        with uninterrupted():
            write_atomically(root / path, _serialise(record))
            append_history(store, history_line(record, replaced))
    return path


def check_store(root: Path, *, publish: bool) -> None:
    """Raise OSError where no record could be written now."""
    make_state_folder(root)
    check_folder(root / store_folder(publish=publish))


def check_folder(folder: Path) -> None:
    """Make a folder if need be; raises OSError where no file can be written in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".try."):
        pass


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader, whenever it looks, finds the old content or the new, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _lock(root: Path) -> FileLock:
    return FileLock(make_state_folder(root) / "evidence.lock")


@dataclass(frozen=True)
class _Store:
    records: list[StoredRecord]
    damaged: list[DamagedFile]
    history: list[HistoryLine]


def _read_store(root: Path, *, publish: bool) -> _Store:
    store = store_folder(publish=publish)
    records: list[StoredRecord] = []
    history, torn = read_history(root / store)
    damaged = [DamagedFile(path.relative_to(root), reason, advice) for path, reason, advice in torn]
    if os.path.lexists(root / store) and not (root / store).is_dir():
        damaged.append(DamagedFile(store, "is no folder"))
    latest = latest_believable()
    for path in sorted((root / store).glob("*/*.json")):
        found = _read_record(root, path.relative_to(root))
        if isinstance(found, DamagedFile):
            damaged.append(found)
        else:
            records.append(StoredRecord(found, local=not publish))
            if found.started > latest:
                said = f"dated {found.started}, which is still to come"
                damaged.append(DamagedFile(path.relative_to(root), said, "a clock was wrong; verify again"))
    return _Store(records, damaged, history)


def _read_record(root: Path, path: Path) -> Record | DamagedFile:
    try:
        if (root / path).parent.is_symlink():
            return DamagedFile(path, "cannot be read: its folder is a link")
        content = read_plain_file(root / path)
        check_json(content)
        record = Record.model_validate_json(content, strict=True)
    except OSError as error:
        return DamagedFile(path, f"cannot be read: {error.strerror}")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return DamagedFile(path, f"not a record: {place + ': ' if place else ''}{first['msg']}")
    except ConflictError as error:
        return DamagedFile(path, f"not a record: {error}", f"git checkout --theirs {path}, or {TAKE_A_SIDE}")
    except NotJsonError as error:
        return DamagedFile(path, f"not a record: invalid JSON: {error}")
    if Path(path.parent.name) / path.name != record_path(record_key(record), publish=True).relative_to(
        PUBLISHED
    ):
        return DamagedFile(path, f"holds a record of {'/'.join(record_key(record))}, which belongs elsewhere")
    if said := disagreement(record):
        return DamagedFile(path, f"not a record: {said}")
    return record


def _join(root: Path, stores: Iterable[_Store]) -> Evidence:
    records: dict[Key, StoredRecord] = {}
    older: dict[Key, StoredRecord] = {}
    latest = latest_believable()
    damaged: list[DamagedFile] = []
    history: dict[str, HistoryLine] = {}
    for store in stores:
        damaged += store.damaged
        history |= {line.model_dump_json(): line for line in store.history}
        for stored in store.records:
            key = record_key(stored.record)
            both = [found for found in (records.get(key), stored) if found is not None]
            both.sort(key=lambda found: recency(found.record.started, latest))
            records[key] = both[-1]
            if len(both) > 1:
                older[key] = both[0]
    lines = sorted(history.values(), key=lambda line: line.started)
    return Evidence(records, tuple(sorted(damaged)), tuple(lines), older)


def _serialise(record: Record) -> bytes:
    """JSON with one line a key, and one a curve and a control: small, and readable in a diff."""
    lines = []
    plain = record.model_dump(mode="json")
    plain["curves"] = _without_defaults(record.curves)
    for control, stored in zip(plain["controls"], record.controls, strict=True):
        control["curves"] = _without_defaults(stored.curves)
    for key, value in plain.items():
        if key in ("curves", "controls") and value:
            items = ",\n".join(f"  {_compact(item)}" for item in value)
            lines.append(f"{json.dumps(key)}: [\n{items}\n]")
        else:
            lines.append(f"{json.dumps(key)}: {_compact(value)}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _without_defaults(curves: Iterable[StoredCurve]) -> list[dict[str, Any]]:
    return [curve.model_dump(mode="json", exclude_defaults=True) for curve in curves]


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
