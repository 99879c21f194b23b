"""What of a store need not be kept as it is: curves of old records, and a past year's history in twelve files.

Nothing measured is lost: a record stays without its drawings, and a year's file `history/YYYY.jsonl` holds every line
of its months as it was. It names what it replaces, a line a month, and reading drops exact repeats: so where a merge
with an old branch brings a month's file back, nothing comes back with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from lawbook.evidence.curves import curves_path
from lawbook.evidence.history import (
    HISTORY_FOLDER,
    MONTH_FILE,
    Replaced,
    history_started,
    is_replaced_mark,
    read_history_file,
)
from lawbook.evidence.links import refuse_links
from lawbook.evidence.state import LOCK_PATIENCE, make_state_folder
from lawbook.evidence.store import Evidence
from lawbook.evidence.strict_json import LARGEST_FILE, read_plain_file
from lawbook.places.writing import write_atomically


@dataclass(frozen=True)
class Pruned:
    """One thing that was done, or would be. path: relative to root. freed: bytes. is_refused: it cannot be done."""

    path: Path
    what: str
    freed: int = 0
    is_refused: bool = False

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def drop_curves(root: Path, store: Path, evidence: Evidence, older_than: str, *, dry_run: bool = False) -> list[Pruned]:
    """Delete the curves of records that began before a time; the records stay, and say that their curves are gone.

    evidence: what the store at `store`, relative to root, holds.
    """
    done: list[Pruned] = []
    with FileLock(make_state_folder(root) / "evidence.lock", timeout=LOCK_PATIENCE):
        refuse_links(root, store)
        for key, stored in sorted(evidence.records.items()):
            path = store / key.claim / f"{key.check}.{key.tier}.{key.device}.json"
            curves = curves_path(path)
            if stored.record.started >= older_than or not (root / curves).is_file():
                continue
            size = (root / curves).lstat().st_size
            if not dry_run:
                (root / curves).unlink()
            done.append(Pruned(curves, f"dropped, of {stored.record.started[:10]}", size))
    return done


def compact_years(root: Path, store: Path, before: int, *, dry_run: bool = False) -> list[Pruned]:
    """Put the months of every year before `before` into a file a year, each written before its months go.

    A year with a line that cannot be believed is left as it is, and told: it must be mended first.
    """
    done: list[Pruned] = []
    with FileLock(make_state_folder(root) / "evidence.lock", timeout=LOCK_PATIENCE):
        refuse_links(root, store)
        folder = root / store / HISTORY_FOLDER
        for year, months in sorted(_months(folder, before).items()):
            done += _compact(root, folder, year, months, dry_run=dry_run)
    return done


def _months(folder: Path, before: int) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        if (form := MONTH_FILE.fullmatch(path.name)) and int(form[1]) < before:
            found.setdefault(form[1], []).append(path)
    return found


def _compact(root: Path, folder: Path, year: str, months: list[Path], *, dry_run: bool) -> Iterator[Pruned]:
    target = folder / f"{year}.jsonl"
    files = [*([target] if target.exists() else []), *months]
    damaged = [said for path in files for said in read_history_file(path)[1]]
    if damaged:
        where = ", ".join(sorted({said[0].name for said in damaged}))
        yield Pruned(
            target.relative_to(root),
            f"not made: mend {where} first (`lawbook evidence check`)",
            is_refused=True,
        )
        return
    lines: set[bytes] = set()
    marks: set[bytes] = set()
    for path in files:
        content = read_plain_file(path)
        texts = [text for text in content.splitlines() if text.strip()]
        marks.update(filter(is_replaced_mark, texts))
        lines.update(text for text in texts if not is_replaced_mark(text))
        if path != target:
            digest = hashlib.sha256(content).hexdigest()[:12]
            mark = Replaced(replaces=path.name, sha256=digest, lines=len(texts))
            marks.add(mark.model_dump_json().encode())
    ordered = [*sorted(marks), *sorted(lines, key=lambda text: (history_started(text), text))]
    before = sum(path.stat().st_size for path in files)
    written = b"\n".join(ordered) + b"\n"
    if len(written) > LARGEST_FILE:
        yield Pruned(target.relative_to(root), f"not made: larger than {LARGEST_FILE // 2**20} MiB", is_refused=True)
        return
    if not dry_run:
        write_atomically(target, written)
        for path in months:
            path.unlink()
    said = f"replaces {len(months)} files of months, {len(lines)} lines"
    yield Pruned(target.relative_to(root), said, before - len(written))
