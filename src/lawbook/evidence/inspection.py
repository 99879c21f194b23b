"""What is wrong with a store: damaged, foreign, future, duplicate, orphaned files and lines; how to mend each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lawbook.evidence.curves import SUFFIX, CurvesError, curves_path, give_curves
from lawbook.evidence.history import HISTORY_FOLDER, MONTH_FILE, YEAR_FILE, is_replaced_mark
from lawbook.evidence.map_cells import FOLDER as MAPS_FOLDER
from lawbook.evidence.map_cells import MapKey, read_maps
from lawbook.evidence.merging import CELLS, CURVES, HISTORY, RECORD
from lawbook.evidence.store import Evidence, Key, named_by, read_store, store_folder
from lawbook.evidence.strict_json import read_plain_file
from lawbook.evidence.times import latest_believable
from lawbook.registry.diagnostics import LONGEST, printable
from lawbook.registry.entry import Registry

RETIRED = "if it was renamed or retired on purpose, delete the file: its history stays"


@dataclass(frozen=True, order=True)
class Found:
    """One thing about a store. path: relative to root. is_fault: False for what needs no mending."""

    path: Path
    what: str
    mend: str
    is_fault: bool = True

    def __str__(self) -> str:
        return printable(f"{self.path}: {self.what} ({self.mend})", LONGEST)


def inspect_store(registry: Registry, *, publish: bool) -> list[Found]:
    """All that is to be told of a store, by path."""
    root, store = registry.root, store_folder(publish=publish)
    evidence = read_store(root, publish=publish)
    damaged = [Found(one.path, one.reason, one.advice) for one in evidence.damaged]
    broken = {one.path for one in evidence.damaged}
    found = [
        *damaged,
        *_strange_files(root, store, broken),
        *_foreign_records(registry, store, evidence),
        *_curves(root, store, evidence, broken),
        *_without_line(store, evidence),
        *_repeats(root, store),
        *_twice_told(store, evidence),
        *_retired(registry, store, evidence),
        *_maps(registry, store),
    ]
    return sorted(set(found))


def _strange_files(root: Path, store: Path, broken: set[Path]) -> Iterator[Found]:
    for path in sorted((root / store).rglob("*")):
        where = path.relative_to(root)
        name = path.relative_to(root / store).as_posix()
        if path.is_dir() or where in broken:
            continue
        if path.name.startswith("."):
            yield Found(where, "was left by a writer that was killed", "delete it")
        elif not any(form.fullmatch(name) for form in (RECORD, CURVES, HISTORY, CELLS)):
            yield Found(where, "is foreign: no file of evidence has such a name", "move it elsewhere")


def _foreign_records(registry: Registry, store: Path, evidence: Evidence) -> Iterator[Found]:
    for key in evidence.records:
        if not named_by(registry, key):
            said = f"is foreign: no claim file names '{key.claim}/{key.check}' at the {key.tier} tier"
            yield Found(_path(store, key), said, RETIRED)


def _curves(root: Path, store: Path, evidence: Evidence, broken: set[Path]) -> Iterator[Found]:
    digests = {_path(store, key): stored.record for key, stored in evidence.records.items()}
    for record_file, record in digests.items():
        path = curves_path(record_file)
        if not record.curves:
            continue
        if not (root / path).exists():
            yield Found(record_file, "its curves are not there", "pruned, or lost", is_fault=False)
            continue
        try:
            give_curves(record, read_plain_file(root / path))
        except OSError as error:
            yield Found(path, f"cannot be read: {error.strerror}", "delete it, or restore it with its record from git")
        except CurvesError as error:
            yield Found(path, str(error), "delete it, or restore it with its record from git")
    for whole in sorted((root / store).glob(f"*/*{SUFFIX}")):
        path = whole.relative_to(root)
        of = path.with_name(path.name.removesuffix(SUFFIX) + ".json")
        if of not in broken and (of not in digests or not digests[of].curves):
            yield Found(path, "is orphaned: no record has these curves", "delete it")


def _without_line(store: Path, evidence: Evidence) -> Iterator[Found]:
    told = {(line.claim, line.check, line.tier, line.device, line.started) for line in evidence.history}
    latest = latest_believable()
    for key, stored in evidence.records.items():
        if stored.record.started <= latest and (*key, stored.record.started) not in told:
            yield Found(_path(store, key), "is orphaned: no line of history tells of it", "verify it again")


def _repeats(root: Path, store: Path) -> Iterator[Found]:
    """Lines that stand twice in a file of history or of cells, and months that a year's file has in full."""
    files = [
        *(root / store / HISTORY_FOLDER).glob("*.jsonl"),
        *(root / store).glob(f"*/{MAPS_FOLDER}/*.jsonl"),
    ]
    years: dict[str, set[bytes]] = {}
    # A year's file before its months.
    for path in sorted(files, key=lambda path: (YEAR_FILE.fullmatch(path.name) is None, path)):
        try:
            texts = [text for text in read_plain_file(path).splitlines() if text.strip()]
        except OSError:
            continue
        where = path.relative_to(root)
        if twice := sum(number - 1 for text, number in Counter(texts).items() if not is_replaced_mark(text)):
            said = f"holds exact repeats, {twice} of {len(texts)} lines"
            yield Found(where, said, "harmless; delete them", is_fault=False)
        if form := YEAR_FILE.fullmatch(path.name):
            years[form[1]] = set(texts)
        elif (form := MONTH_FILE.fullmatch(path.name)) and years.get(form[1], set()).issuperset(texts):
            said = f"is replaced by {form[1]}.jsonl, and was brought back by a merge"
            yield Found(where, said, "harmless; `lawbook evidence prune` removes it", is_fault=False)


def _twice_told(store: Path, evidence: Evidence) -> Iterator[Found]:
    """Two lines that tell of one run otherwise: one of them was changed by hand, or two clocks agree too well."""
    runs = Counter(
        (line.claim, line.check, line.tier, line.device, line.started, line.seed_base) for line in evidence.history
    )
    for run, number in runs.items():
        if number > 1:
            said = f"{number} lines tell of one run of {run[0]}/{run[1]} at {run[4]} on {run[3]}, each otherwise"
            month = store / HISTORY_FOLDER / f"{run[4][:7]}.jsonl"
            yield Found(month, said, "see by git which line is as it was written, and remove the other")


def _retired(registry: Registry, store: Path, evidence: Evidence) -> Iterator[Found]:
    lines = Counter(Key(line.claim, line.check, line.tier, "") for line in evidence.history)
    for key, number in lines.items():
        if not named_by(registry, key):
            said = f"lines of {key.claim}/{key.check} ({key.tier}), which no claim file names: {number}"
            yield Found(store / HISTORY_FOLDER, said, "retired, or renamed; history stays", is_fault=False)


def _maps(registry: Registry, store: Path) -> Iterator[Found]:
    evidence = read_maps(registry.root)
    for damaged in evidence.damaged:
        if damaged.path.is_relative_to(store):
            yield Found(damaged.path, damaged.reason, damaged.advice)
    for key in evidence.cells:
        path = _map_path(store, key)
        if not (registry.root / path).exists():
            continue
        entry = registry.entries.get(key.entry)
        if entry is None or (key.name, key.tier) not in entry.grids:
            yield Found(path, f"is foreign: no map '{key.name}' of {key.entry} at that tier", RETIRED)


def _path(store: Path, key: Key) -> Path:
    return store / key.claim / f"{key.check}.{key.tier}.{key.device}.json"


def _map_path(store: Path, key: MapKey) -> Path:
    return store / key.entry / MAPS_FOLDER / f"{key.name}.{key.tier}.{key.device}.jsonl"
