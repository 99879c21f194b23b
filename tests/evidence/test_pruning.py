"""A store made smaller: nothing measured is lost, and a merge with an old branch brings nothing back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lawbook.cli import main
from lawbook.evidence.history import history_line, read_history
from lawbook.evidence.merging import merge_evidence
from lawbook.evidence.pruning import compact_years, drop_curves
from lawbook.evidence.record import Record, StoredLine, StoredPanel
from lawbook.evidence.store import PUBLISHED, read_store, with_curves, write_record

MakeRecord = Callable[..., Record]
PANEL = StoredPanel(title="p", lines=[StoredLine(label="measured", x=[1.0], y=[2.0])])
MONTHS = st.lists(st.tuples(st.integers(1, 12), st.floats(-1, 1)), min_size=1, max_size=8)


def write(root: Path, make: MakeRecord, *starts: str) -> None:
    root.mkdir(exist_ok=True)
    for started in starts:
        write_record(root, make(started=started, panels=[PANEL]), publish=True)


def files(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "evidence/history").iterdir())


def unite(ours: Path, theirs: Path) -> None:
    """What git's union merge does with two branches that both changed a file, and with a file that came back."""
    for path in (theirs / "evidence/history").iterdir():
        mine = ours / "evidence/history" / path.name
        before = mine.read_bytes() if mine.exists() else b""
        mine.write_bytes(before + path.read_bytes())


def test_past_years_become_a_file_each_with_every_line(tmp_path: Path, record: MakeRecord) -> None:
    write(
        tmp_path,
        record,
        "2024-05-01T00:00:00Z",
        "2025-01-01T00:00:00Z",
        "2025-02-01T00:00:00Z",
        "2026-01-01T00:00:00Z",
    )
    before, _ = read_history(tmp_path / PUBLISHED)
    dry = compact_years(tmp_path, PUBLISHED, 2026, dry_run=True)
    assert [str(one.path) for one in dry] == ["evidence/history/2024.jsonl", "evidence/history/2025.jsonl"]
    assert len(files(tmp_path)) == 4
    compact_years(tmp_path, PUBLISHED, 2026)
    assert files(tmp_path) == ["2024.jsonl", "2025.jsonl", "2026-01.jsonl"]
    assert read_history(tmp_path / PUBLISHED) == (before, [])
    assert (tmp_path / "evidence/history/2025.jsonl").read_text().startswith('{"replaces":"2025-01.jsonl",')
    assert compact_years(tmp_path, PUBLISHED, 2026) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(common=MONTHS, only_here=MONTHS, only_there=MONTHS, theirs_too=st.booleans())
def test_a_union_merge_with_an_old_branch_brings_nothing_back_and_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    record: MakeRecord,
    common: list[tuple[int, float]],
    only_here: list[tuple[int, float]],
    only_there: list[tuple[int, float]],
    theirs_too: bool,
) -> None:
    here, there = (tmp_path_factory.mktemp("union") / name for name in ("here", "there"))

    def add(root: Path, lines: list[tuple[int, float]]) -> None:
        for month, estimate in lines:
            made = record(started=f"2025-{month:02}-01T00:00:00Z", estimate=estimate)
            path = root / f"evidence/history/2025-{month:02}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a") as file:
                file.write(history_line(made, None).model_dump_json(exclude_defaults=True) + "\n")

    add(here, common)
    shutil.copytree(here, there)
    add(here, only_here)
    add(there, only_there)
    everything = {
        text
        for root in (here, there)
        for path in (root / "evidence/history").iterdir()
        for text in path.read_text().splitlines()
    }
    compact_years(here, PUBLISHED, 2026)
    if theirs_too:
        compact_years(there, PUBLISHED, 2026)
    merged = tmp_path_factory.mktemp("merged") / "here"
    shutil.copytree(here, merged)
    unite(merged, there)
    merge_evidence(there / PUBLISHED, here / PUBLISHED)
    for root in (merged, here):
        lines, damaged = read_history(root / PUBLISHED)
        assert damaged == []
        assert {line.model_dump_json(exclude_defaults=True) for line in lines} == everything
        assert len(lines) == len(everything)
        compact_years(root, PUBLISHED, 2026)
        assert files(root) == ["2025.jsonl"]
        again = read_history(root / PUBLISHED)[0]
        assert sorted(map(repr, again)) == sorted(map(repr, lines))


def test_a_month_that_is_replaced_does_not_come_back_by_merging(tmp_path: Path, record: MakeRecord) -> None:
    write(tmp_path / "here", record, "2025-01-01T00:00:00Z")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    compact_years(tmp_path / "here", PUBLISHED, 2026)
    merge_evidence(tmp_path / "there" / PUBLISHED, tmp_path / "here" / PUBLISHED)
    assert files(tmp_path / "here") == ["2025.jsonl"]


def test_a_year_with_a_damaged_line_is_left_as_it_is_and_told(tiny_registry: Path, record: MakeRecord) -> None:
    write(tiny_registry, record, "2025-01-01T00:00:00Z")
    path = tiny_registry / "evidence/history/2025-01.jsonl"
    path.write_text(path.read_text() + "<<<<<<< ours\n")
    before = path.read_bytes()
    result = CliRunner().invoke(main, ["evidence", "prune", "--root", str(tiny_registry)])
    assert result.exit_code == 1
    assert "not made: mend 2025-01.jsonl first" in result.output
    assert path.read_bytes() == before


def test_a_full_disk_leaves_the_months(tmp_path: Path, record: MakeRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, record, "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z")
    before, _ = read_history(tmp_path / PUBLISHED)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lawbook.places.writing.os.replace", full)
    with pytest.raises(OSError, match="No space"):
        compact_years(tmp_path, PUBLISHED, 2026)
    assert read_history(tmp_path / PUBLISHED) == (before, [])


def test_only_curves_of_old_records_are_dropped_and_their_records_stay(tiny_registry: Path, record: MakeRecord) -> None:
    write_record(tiny_registry, record(panels=[PANEL]), publish=True)
    write_record(tiny_registry, record(check="other", started="2026-05-01T00:00:00Z", panels=[PANEL]), publish=True)
    held = read_store(tiny_registry, publish=True)
    drop_curves(tiny_registry, PUBLISHED, held, "2026-03-01T00:00:00Z", dry_run=True)
    assert len(list(tiny_registry.glob("evidence/*/*.curves.json"))) == 2
    dropped = drop_curves(tiny_registry, PUBLISHED, held, "2026-03-01T00:00:00Z")
    assert [str(one.path) for one in dropped] == ["evidence/noise-averages-out/centre.quick.cpu.curves.json"]
    after = read_store(tiny_registry, publish=True)
    assert after.records == held.records
    old = next(stored.record for key, stored in after.records.items() if key.check == "centre")
    assert "missing" in with_curves(tiny_registry, old).notes[-1]
    result = CliRunner().invoke(main, ["evidence", "check", "--root", str(tiny_registry)])
    assert "note: evidence/noise-averages-out/centre.quick.cpu.json: its curves are not there" in result.output
