"""Where records are kept: `evidence/` is published, `.lawbook/evidence/` is this machine's own; both have one
form.

`STORE/ID/CHECK.TIER.DEVICE.json` is the newest record, its curves in a file beside it,
`STORE/history/YYYY-MM.jsonl` the history. Writing is atomic and takes a lock, so that two runs at once lose
nothing; a damaged file is listed, never overwritten and never a crash.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock
from pydantic import ValidationError
from pydantic_core import to_json

from lawbook.evidence.checked import Checked
from lawbook.evidence.consistency import disagreement
from lawbook.evidence.curves import SUFFIX, CurvesError, curves_path, give_curves, take_curves
from lawbook.evidence.history import HistoryLine, append_history, history_line, read_history, take_back
from lawbook.evidence.links import refuse_links
from lawbook.evidence.older_forms import upgrade
from lawbook.evidence.record import Record
from lawbook.evidence.record_text import record_text
from lawbook.evidence.state import LOCK_PATIENCE, STATE, make_state_folder
from lawbook.evidence.strict_json import ConflictError, check_json, read_plain_file
from lawbook.evidence.times import latest_believable, recency
from lawbook.evidence.uninterrupted import uninterrupted
from lawbook.places.writing import check_folder, prepared
from lawbook.registry.diagnostics import LONGEST, printable
from lawbook.registry.entry import Registry
from lawbook.registry.models import Tier

PUBLISHED = Path("evidence")
LOCAL = STATE / "evidence"
RESTORE = "restore it from git, or delete it and verify again"


class Key(NamedTuple):
    """What a record is of; at most one record of a key is kept in a store."""

    claim: str
    check: str
    tier: Tier
    device: str


@dataclass(frozen=True, order=True)
class DamagedFile:
    """A file of evidence that cannot be believed. path: relative to the registry's root. advice: how to mend it."""

    path: Path
    reason: str
    advice: str = RESTORE

    def is_of(self, claim: str) -> bool:
        """Whether it stands where a record of that claim or problem should."""
        return self.path.parent.name == claim

    def __str__(self) -> str:
        return printable(f"{self.path}: {self.reason}; left as it is ({self.advice})", LONGEST)


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

    def of(self, claim: str, check: str, tier: Tier) -> list[StoredRecord]:
        """The records of a check at a tier, one a device."""
        return self._by_check.get((claim, check, tier), [])

    def lines_of(self, claim: str, check: str, tier: Tier) -> list[HistoryLine]:
        """The history of a check at a tier, oldest first, on any device."""
        return self._lines.get((claim, check, tier), [])

    @cached_property
    def _lines(self) -> dict[tuple[str, str, Tier], list[HistoryLine]]:
        grouped: dict[tuple[str, str, Tier], list[HistoryLine]] = {}
        for line in self.history:
            grouped.setdefault((line.claim, line.check, line.tier), []).append(line)
        return grouped

    @cached_property
    def _by_check(self) -> dict[tuple[str, str, Tier], list[StoredRecord]]:
        grouped: dict[tuple[str, str, Tier], list[StoredRecord]] = {}
        for key in sorted(self.records):
            grouped.setdefault(key[:3], []).append(self.records[key])
        return grouped


def record_key(record: Record) -> Key:
    """The key under which a record is kept."""
    return Key(record.claim, record.check, record.tier, record.device)


def store_folder(*, publish: bool) -> Path:
    """The published or the local store, relative to the registry's root."""
    return PUBLISHED if publish else LOCAL


def record_path(key: Key, *, publish: bool) -> Path:
    """The file of a key's record, relative to the registry's root."""
    return store_folder(publish=publish) / key.claim / f"{key.check}.{key.tier}.{key.device}.json"


def read_evidence(root: Path) -> Evidence:
    """Both stores; of two records with one key, the newer."""
    checked = Checked(root)
    both = [_read_store(root, checked, publish=True), _read_store(root, checked, publish=False)]
    checked.save()
    return _join(root, both)


def read_store(root: Path, *, publish: bool) -> Evidence:
    """One store alone: the published or the local one."""
    return _join(root, [_read_store(root, Checked(root), publish=publish)])


def published_keys(root: Path) -> list[Key]:
    """What the published store has files for, read from their names alone."""
    keys = []
    for path in sorted((root / PUBLISHED).glob("*/*.json")):
        match path.name.split("."):
            case [check, "quick" | "full" as tier, device, "json"]:
                keys.append(Key(path.parent.name, check, tier, device))
    return keys


def named_by(registry: Registry, key: Key) -> bool:
    """Whether a claim file of the registry still names the check of a record, at its tier."""
    entry = registry.entries.get(key.claim)
    checks = entry.checks if entry else []
    return any(check.name == key.check and check.settings(key.tier) is not None for check in checks)


def write_record(root: Path, record: Record, *, publish: bool) -> Path:
    """Put a record in its place and add its line to the history; the file's path relative to root.

    Writes nothing and raises DamagedEvidenceError over a file that cannot be read, PlaceError where a link leads away.
    """
    path = record_path(record_key(record), publish=publish)
    store = root / store_folder(publish=publish)
    with FileLock(make_state_folder(root) / "evidence.lock", timeout=LOCK_PATIENCE):
        refuse_links(root, store_folder(publish=publish))
        replaced = None
        if os.path.lexists(root / path) or (root / path).parent.is_symlink():
            found = read_record(root, path)
            if isinstance(found, DamagedFile):
                raise DamagedEvidenceError(found)
            replaced = found
        # Only a writer that was killed leaves one of these, as we hold the lock.
        for unfinished in (root / path).parent.glob(f".{path.name}.*"):
            unfinished.unlink()
        bare, curves = take_curves(record)
        line = history_line(record, replaced)
        with uninterrupted(), ExitStack() as stack:
            # All that takes room comes first, then the line; a record without its line there is never.
            put_curves = stack.enter_context(prepared(root / curves_path(path), curves)) if curves else None
            put_record = stack.enter_context(prepared(root / path, record_text(bare)))
            end = append_history(store, line)
            try:
                if put_curves:
                    put_curves()
                put_record()
            except OSError:
                take_back(store, line, end)
                raise
            if not curves:
                (root / curves_path(path)).unlink(missing_ok=True)
    return path


def note_unconfirmed(root: Path, record: Record, before: Record, *, publish: bool) -> None:
    """Add the history line of a record whose changed outcome awaits confirmation; the record before it stays."""
    store = root / store_folder(publish=publish)
    with FileLock(make_state_folder(root) / "evidence.lock", timeout=LOCK_PATIENCE), uninterrupted():
        refuse_links(root, store_folder(publish=publish))
        append_history(store, history_line(record, before, awaits=True))


def with_curves(root: Path, record: Record) -> Record:
    """The record with its panels, from whichever store holds them; where neither does, a note says so."""
    if not record.curves or record.panels:
        return record
    for publish in (False, True):
        path = root / curves_path(record_path(record_key(record), publish=publish))
        with suppress(OSError, CurvesError):
            return give_curves(record, read_plain_file(path))
    return record.model_copy(update={"notes": [*record.notes, "the file of its curves is missing or damaged"]})


def check_store(root: Path, *, publish: bool) -> None:
    """Raise OSError where no record could be written now."""
    make_state_folder(root)
    refuse_links(root, store_folder(publish=publish))
    check_folder(root / store_folder(publish=publish))


class _Store(NamedTuple):
    records: list[StoredRecord]
    damaged: list[DamagedFile]
    history: list[HistoryLine]


def _read_store(root: Path, checked: Checked, *, publish: bool) -> _Store:
    store = store_folder(publish=publish)
    records: list[StoredRecord] = []
    history, torn = read_history(root / store, checked)
    damaged = [DamagedFile(path.relative_to(root), reason, advice) for path, reason, advice in torn]
    if os.path.lexists(root / store) and not (root / store).is_dir():
        damaged.append(DamagedFile(store, "is no folder"))
    latest = latest_believable()
    for path in sorted((root / store).glob("*/*.json")):
        if path.name.endswith(SUFFIX):
            continue
        found = read_record(root, path.relative_to(root), checked)
        if isinstance(found, DamagedFile):
            damaged.append(found)
        else:
            records.append(StoredRecord(found, local=not publish))
            if found.started > latest:
                said = f"dated {found.started}, which is still to come"
                damaged.append(DamagedFile(path.relative_to(root), said, "a clock was wrong; verify again"))
    return _Store(records, damaged, history)


def read_record(root: Path, path: Path, checked: Checked | None = None) -> Record | DamagedFile:
    """The record at a path relative to root, in a store of any name, or why it cannot be believed.

    checked: what needs no second look.
    """
    known = of_this_form = False
    digest = ""
    try:
        if (root / path).parent.is_symlink():
            return DamagedFile(path, "cannot be read: its folder is a link")
        content = read_plain_file(root / path)
        if checked is not None:
            digest = checked.digest(content)
            known = checked.holds(digest)
        if not known:
            upgraded = upgrade(held := check_json(content))
            of_this_form = upgraded is held
            content = content if of_this_form else to_json(upgraded)
        record = Record.model_validate_json(content, strict=True)
    except OSError as error:
        return DamagedFile(path, f"cannot be read: {error.strerror}")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return DamagedFile(path, f"not a record: {place + ': ' if place else ''}{first['msg']}")
    except ConflictError as error:
        either = f"git checkout --theirs {path}, or delete it and verify again"
        return DamagedFile(path, f"not a record: {error}", either)
    except ValueError as error:
        return DamagedFile(path, f"not a record: invalid JSON: {error}")
    if Path(path.parent.name) / path.name != record_path(record_key(record), publish=True).relative_to(PUBLISHED):
        return DamagedFile(path, f"holds a record of {'/'.join(record_key(record))}, which belongs elsewhere")
    if not known and (said := disagreement(record)):
        return DamagedFile(path, f"not a record: {said}")
    if checked is not None and of_this_form:
        checked.add(digest)
    return record


def _join(root: Path, stores: Iterable[_Store]) -> Evidence:
    records: dict[Key, StoredRecord] = {}
    older: dict[Key, StoredRecord] = {}
    latest = latest_believable()
    damaged: list[DamagedFile] = []
    history: dict[tuple[str, str, str], list[HistoryLine]] = {}
    for store in stores:
        damaged += store.damaged
        for line in store.history:
            # Of one check and second there are few, so that looking for an exact repeat is cheap.
            together = history.setdefault((line.started, line.claim, line.check), [])
            if line not in together:
                together.append(line)
        for stored in store.records:
            key = record_key(stored.record)
            both = [found for found in (records.get(key), stored) if found is not None]
            both.sort(key=lambda found: recency(found.record.started, latest))
            records[key] = both[-1]
            if len(both) > 1:
                older[key] = both[0]
    lines = [line for key in sorted(history, key=itemgetter(0)) for line in history[key]]
    return Evidence(records, tuple(sorted(damaged)), tuple(lines), older)
