"""What stands in the place of a file of evidence and is none: told with its path, never followed, never waited for."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from lawbook.cli import main
from lawbook.evidence.map_cells import MapCell, MapKey, append_cell
from lawbook.evidence.record import Record, StoredLine, StoredPanel
from lawbook.evidence.store import write_record
from lawbook.evidence.strict_json import read_plain_file
from lawbook.places.registry_places import PlaceError

MakeRecord = Callable[..., Record]
PANEL = StoredPanel(title="p", lines=[StoredLine(label="measured", x=[1.0], y=[2.0])])
RECORD, CURVES, CELLS, MONTH, YEAR = FILES = (
    "noise-averages-out/centre.quick.cpu.json",
    "noise-averages-out/centre.quick.cpu.curves.json",
    "noise-averages-out/maps/a-map.quick.cpu.jsonl",
    "history/2026-01.jsonl",
    "history/2025.jsonl",
)
CELL = MapCell(
    started="2026-01-01T00:00:00Z",
    at={"rate": 0.1},
    cell="c",
    outcome="pass",
    accept=(0.0, 1.0),
    seeds=3,
    judged=3,
    definition="d",
    code="c",
)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def open_socket(path: Path) -> None:
    # Their names are short, wherever the folder lies.
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(path.parent)
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.fchdir(here)
        os.close(here)


def device(path: Path) -> None:
    try:
        os.mknod(path, 0o020666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes a device")


def link(path: Path) -> None:
    path.symlink_to("/dev/zero")


STRANGE = [pipe, open_socket, device, link, Path.mkdir]


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """A pipe that nobody writes to must not be waited for."""

    def end(*_: object) -> None:
        raise TimeoutError("it waits")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def root(tiny_registry: Path, record: MakeRecord) -> Path:
    """A registry with a record, its curves, its line, and a cell of a map."""
    write_record(tiny_registry, record(panels=[PANEL]), publish=True)
    append_cell(tiny_registry, MapKey("noise-averages-out", "a-map", "quick", "cpu"), CELL, publish=True)
    return tiny_registry


def put(root: Path, name: str, make: Callable[[Path], None]) -> Path:
    path = root / "evidence" / name
    path.unlink(missing_ok=True)
    make(path)
    return path


def run(*arguments: str, root: Path) -> str:
    result = CliRunner().invoke(main, [*arguments, "--root", str(root)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.output


@pytest.mark.parametrize("make", STRANGE)
@pytest.mark.parametrize("name", FILES)
def test_it_is_found_and_told_with_its_path(root: Path, name: str, make: Callable[[Path], None]) -> None:
    put(root, name, make)
    said = run("evidence", "check", root=root)
    assert f"evidence/{name}: cannot be read: it is " in said
    assert "Errno" not in said
    run("evidence", "prune", root=root)
    # Curves are read with their record's page alone.
    damaged = 0 if name == CURVES else 1
    assert f"files or lines that are damaged: {damaged}" in run("evidence", "list", root=root)


@pytest.mark.parametrize("make", STRANGE)
@pytest.mark.parametrize("name", FILES)
def test_a_merge_refuses_it_on_either_side(
    root: Path, tmp_path: Path, record: MakeRecord, name: str, make: Callable[[Path], None]
) -> None:
    other, whole = tmp_path / "other", tmp_path / "whole"
    for folder in (other, whole):
        folder.mkdir()
        write_record(folder, record(panels=[PANEL], started="2026-01-31T13:00:00Z"), publish=True)
        write_record(folder, record(panels=[PANEL], started="2025-01-31T13:00:00Z", check="other"), publish=True)
        (folder / "evidence/history/2025-01.jsonl").rename(folder / "evidence" / YEAR)
        append_cell(folder, MapKey("noise-averages-out", "a-map", "quick", "cpu"), CELL, publish=True)
    put(other, name, make)
    said = run("evidence", "merge", str(other), root=root)
    # A folder is looked into, and is empty.
    assert make is Path.mkdir or f"refused: {name}: it is no plain file" in said, said
    put(root, name, make)
    said = run("evidence", "merge", str(whole), root=root)
    # Curves are no part of what is compared; newer ones take the place of what stood there.
    assert name in said or name == CURVES, said
    assert "Errno" not in said


@pytest.mark.parametrize("make", STRANGE)
def test_a_record_is_not_begun_where_its_line_could_not_stand(
    root: Path, record: MakeRecord, make: Callable[[Path], None]
) -> None:
    put(root, MONTH, make)
    with pytest.raises(PlaceError, match=r"evidence/history/2026-01\.jsonl (is a link|cannot be added to: it is )"):
        write_record(root, record(check="other"), publish=True)
    assert not (root / "evidence/noise-averages-out/other.quick.cpu.json").exists()
    said = run("verify", "--publish", root=root)
    assert "no record can be written to evidence: evidence/history/2026-01.jsonl " in " ".join(said.split())


@pytest.mark.parametrize("make", STRANGE)
def test_a_cell_is_not_added_to_it(root: Path, make: Callable[[Path], None]) -> None:
    put(root, CELLS, make)
    with pytest.raises(PlaceError, match=r"evidence/noise-averages-out/maps/a-map\.quick\.cpu\.jsonl "):
        append_cell(root, MapKey("noise-averages-out", "a-map", "quick", "cpu"), CELL, publish=True)


def test_what_takes_the_place_of_a_file_while_it_is_opened_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, plain = tmp_path / "record.json", tmp_path / "plain"
    plain.write_text("{}")
    status = plain.lstat()
    os.mkfifo(path)
    monkeypatch.setattr(Path, "lstat", lambda _: status)
    with pytest.raises(OSError, match="it is no plain file") as told:
        read_plain_file(path)
    assert told.value.filename == str(path)
