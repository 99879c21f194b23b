"""What `lawbook evidence check` finds, each fault in one line that says how to mend it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from lawbook.cli import main
from lawbook.evidence.inspection import Found, inspect_store
from lawbook.evidence.record import Record, StoredLine, StoredPanel
from lawbook.evidence.store import write_record
from lawbook.registry.load import load_registry

MakeRecord = Callable[..., Record]
PANEL = StoredPanel(title="p", lines=[StoredLine(label="measured", x=[1.0], y=[2.0])])
FOLDER = Path("evidence/noise-averages-out")
CELL = (
    '{"started":"%s","at":{"a":1},"cell":"c","outcome":"pass","accept":[0,1],'
    '"seeds":3,"judged":3,"definition":"d","code":"c"}'
)


@pytest.fixture
def root(tiny_registry: Path, record: MakeRecord) -> Path:
    """A registry with one sound record, its curves and its line."""
    write_record(tiny_registry, record(panels=[PANEL]), publish=True)
    return tiny_registry


def inspect(root: Path) -> list[Found]:
    return inspect_store(load_registry(root), publish=True)


def only_fault(root: Path, where: str, *words: str) -> None:
    faults = [found for found in inspect(root) if found.is_fault]
    assert len(faults) == 1, faults
    said = str(faults[0])
    assert said.startswith(f"evidence/{where}: "), said
    assert all(word in said for word in words), said
    assert "\n" not in said
    result = CliRunner().invoke(main, ["evidence", "check", "--root", str(root)])
    assert result.exit_code == 1
    assert said in result.output


def test_a_sound_store_has_no_fault(root: Path) -> None:
    assert inspect(root) == []
    result = CliRunner().invoke(main, ["evidence", "check", "--root", str(root)])
    assert (result.exit_code, result.output) == (0, "0 faults, 0 notes\n")


def test_a_damaged_record_is_found_and_its_curves_are_not_orphans(root: Path) -> None:
    (root / FOLDER / "centre.quick.cpu.json").write_text("{")
    only_fault(root, "noise-averages-out/centre.quick.cpu.json", "invalid JSON", "restore it from git")


def test_a_damaged_line_of_history_is_found(root: Path) -> None:
    with (root / "evidence/history/2026-01.jsonl").open("a") as file:
        file.write('{"claim": 1}\n')
    only_fault(root, "history/2026-01.jsonl", "line 2 is not a line of history", "remove that line")


@pytest.mark.parametrize("changes", [{"check": "gone"}, {"claim": "no-claim"}, {"check": "above-half"}])
def test_a_foreign_record_is_found_and_its_line_is_noted(
    root: Path, record: MakeRecord, changes: dict[str, str]
) -> None:
    foreign = record(**changes)
    write_record(root, foreign, publish=True)
    only_fault(root, f"{foreign.claim}/{foreign.check}.quick.cpu.json", "is foreign", "no claim file names")
    assert [found.is_fault for found in inspect(root)].count(False) == 1


def test_a_file_of_a_strange_name_is_found(root: Path) -> None:
    (root / "evidence/notes.txt").write_text("hello")
    only_fault(root, "notes.txt", "is foreign", "move it elsewhere")


def test_a_record_from_the_future_is_found(root: Path, record: MakeRecord) -> None:
    write_record(root, record(started="2099-01-01T00:00:00Z", panels=[PANEL]), publish=True)
    said = [str(found) for found in inspect(root) if found.is_fault]
    assert len(said) == 2, said
    assert all("still to come" in text for text in said)


def test_what_killed_writers_left_is_found(root: Path) -> None:
    (root / FOLDER / ".centre.quick.cpu.json.abc").write_text("{")
    only_fault(root, "noise-averages-out/.centre.quick.cpu.json.abc", "writer that was killed", "delete it")


def test_curves_without_a_record_are_found(root: Path) -> None:
    (root / FOLDER / "other.quick.cpu.curves.json").write_text("{}")
    only_fault(root, "noise-averages-out/other.quick.cpu.curves.json", "orphaned", "delete it")


def test_curves_of_another_run_are_found(root: Path) -> None:
    (root / FOLDER / "centre.quick.cpu.curves.json").write_text("{}")
    only_fault(root, "noise-averages-out/centre.quick.cpu.curves.json", "another run", "restore it")


def test_a_record_without_its_line_is_found(root: Path) -> None:
    (root / "evidence/history/2026-01.jsonl").write_text("")
    only_fault(root, "noise-averages-out/centre.quick.cpu.json", "no line of history", "verify it again")


def test_one_run_told_otherwise_is_found_and_exact_repeats_are_noted(root: Path) -> None:
    path = root / "evidence/history/2026-01.jsonl"
    line = path.read_text()
    path.write_text(line + line)
    assert [(found.is_fault, found.what) for found in inspect(root)] == [(False, "holds exact repeats, 1 of 2 lines")]
    path.write_text(line + line.replace('"o":"p"', '"o":"f"', 1))
    only_fault(root, "history/2026-01.jsonl", "2 lines tell of one run of noise-averages-out/centre")


def test_foreign_and_damaged_cells_of_maps_are_found(root: Path) -> None:
    path = root / FOLDER / "maps/no-map.quick.cpu.jsonl"
    path.parent.mkdir()
    path.write_text(CELL % "2026-01-01T00:00:00Z" + "\n")
    only_fault(root, "noise-averages-out/maps/no-map.quick.cpu.jsonl", "no map 'no-map'")
    path.write_text(CELL % "2099-01-01T00:00:00Z" + "\nnonsense\n")
    said = " ".join(str(found) for found in inspect(root))
    assert "line 2 is no cell of a map" in said
    assert "still to come" in said


def test_the_list_says_what_there_is(root: Path) -> None:
    said = CliRunner().invoke(main, ["evidence", "list", "--root", str(root)]).output
    assert said.startswith("quick  cpu           1 record, the oldest of ")
    assert "1 line of history; files or lines that are damaged: 0" in said
    kinds = {line.split()[0]: line.split()[1] for line in said.splitlines()[1:5]}
    assert kinds == {"records": "1", "curves": "1", "history": "1", "maps": "0"}


def test_the_list_counts_damaged_lines_of_maps_in_its_own_store_alone(root: Path) -> None:
    for store in ("evidence", ".lawbook/evidence"):
        path = root / store / "noise-averages-out/maps/a-map.quick.cpu.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CELL % "2026-01-01T00:00:00Z" + "\nnonsense\n")
    said = CliRunner().invoke(main, ["evidence", "list", "--root", str(root)]).output
    assert "files or lines that are damaged: 1" in said
