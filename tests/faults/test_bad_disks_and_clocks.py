"""Disks that fill or refuse, clocks that jump, bytes that flip: evidence stays whole, or says that it is not."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lawbook.evidence.store import read_evidence, read_store
from tests.faults.in_full import CLOCKS, DISKS, FLIPPED, READ_ONLY, SCRATCH, TIMES

FULL = os.environ.get("LAWBOOK_FAULTS") == "full"
PAGE = 4096


@pytest.fixture
def small_disk(ward: Any) -> Iterator[Path]:
    """The local store on a disk of its own that can be filled; only root can make one."""
    store = ward.root / ".lawbook"
    store.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(store)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("only root can mount a small disk")
    yield store
    subprocess.run(["umount", "-l", str(store)], check=False)


def fill(disk: Path, leaving: int) -> None:
    """Fill a disk but for so many pages."""
    free = os.statvfs(disk).f_bavail
    (disk / "filler").write_bytes(b"x" * PAGE * max(0, free - leaving))


@pytest.mark.parametrize("leaving", range(TIMES[DISKS]) if FULL else [1, 4])
def test_on_a_disk_with_few_pages_left_every_record_has_its_line_and_every_line_its_record(
    ward: Any, small_disk: Path, tell: Callable[..., None], leaving: int
) -> None:
    tell(DISKS)
    ward.plant("a-claim")
    ward.plant("b-claim")
    assert ward.verify("--jobs", "1")[0] == 0
    before = ward.evidence()
    fill(small_disk, leaving)
    code, output = ward.verify("--jobs", "1", "--force", "--seed-base", "1")
    assert code in (0, 2), output
    assert "Traceback" not in output
    after = ward.evidence()
    measured = {key for key, stored in after.records.items() if stored.record.seed_base == 1}
    assert len(after.history) == len(before.history) + len(measured)
    assert all(after.records[key] == before.records[key] for key in before.records.keys() - measured)
    # Some come with no room for even the file that shows whether there is any: then nothing runs, and it is said.
    if code == 2:
        assert "Not recorded:" in output or "no record can be written" in output
    (small_disk / "filler").unlink()
    assert ward.verify("--jobs", "1", "--seed-base", "1")[0] == 0


def test_a_disk_that_is_read_only_is_told_before_the_work(
    ward: Any, small_disk: Path, tell: Callable[..., None]
) -> None:
    tell(READ_ONLY)
    ward.plant("a-claim")
    assert ward.verify()[0] == 0
    before = ward.evidence().records
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    code, output = ward.verify("--force")
    assert code == 2
    assert "no record can be written" in output
    assert "Traceback" not in output
    assert ward.evidence().records == before


def test_a_full_disk_for_scratch_is_the_machines_fault(ward: Any, tmp_path: Path, tell: Callable[..., None]) -> None:
    tell(SCRATCH)
    ward.plant("a-claim")
    assert ward.verify()[0] == 0
    before = ward.evidence()
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,nr_inodes=3", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("only root can mount a small disk")
    try:
        # So much that it seems to be a place for temporary files, and no more.
        fill(disk, 1)
        code, output = ward.verify("--force", TMPDIR=str(disk))
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
    assert code == 4, output
    assert "Not measured; what was recorded before stays:\n  a-claim/centre: the disk of" in output
    assert ward.evidence() == before


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=3653)])
def test_a_clock_that_jumps_loses_nothing(
    ward: Any, monkeypatch: pytest.MonkeyPatch, tell: Callable[..., None], jump: timedelta
) -> None:
    tell(CLOCKS)
    ward.plant("a-claim")
    ward.laboratory.verify(exit_code=0)

    class Jumped(datetime):
        @classmethod
        def now(cls, zone: Any = None) -> datetime:
            return datetime.now(zone) + jump

    monkeypatch.setattr("lawbook.verification.check_run.datetime", Jumped)
    ward.laboratory.verify("--force", exit_code=0)
    monkeypatch.undo()
    output = ward.laboratory.verify("--seed-base", "5", exit_code=0)
    assert "1 ran" in output
    found = read_store(ward.root, publish=False)
    (stored,) = found.records.values()
    assert stored.record.seed_base == 5
    assert abs(datetime.now(UTC) - datetime.fromisoformat(stored.record.started)) < timedelta(hours=1)
    (month, *others) = (ward.root / ".lawbook/evidence/history").glob("*.jsonl")
    assert sum(len(path.read_text().splitlines()) for path in (month, *others)) == 3
    if jump > timedelta(0):
        assert any("still to come" in damaged.reason for damaged in found.damaged)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a store with a record, its curves and its history."""
    import importlib.util
    import sys

    from lawbook.evidence.record import StoredLine, StoredPanel
    from lawbook.evidence.store import write_record

    path = Path(__file__).parents[1] / "evidence/conftest.py"
    specification = importlib.util.spec_from_file_location("evidence_conftest", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["evidence_conftest"] = module
    specification.loader.exec_module(module)
    root = tmp_path_factory.mktemp("recorded")
    panel = StoredPanel(title="p", lines=[StoredLine(label="measured", x=[1.0, 2.0], y=[0.5, None])])
    write_record(root, module.make_record(panels=[panel]), publish=True)
    write_record(root, module.make_record(check="other"), publish=True)
    tree = root / "evidence"
    return {str(found.relative_to(tree)): found.read_bytes() for found in tree.rglob("*") if found.is_file()}


@settings(
    max_examples=TIMES[FLIPPED] if FULL else 40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_flipped_bytes_are_told_and_stop_nothing(
    recorded: dict[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
    tell: Callable[..., None],
    data: st.DataObject,
) -> None:
    tell(FLIPPED)
    root = tmp_path_factory.mktemp("flipped")
    hurt = data.draw(st.sampled_from(sorted(recorded)))
    content = bytearray(recorded[hurt])
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    for name, whole in recorded.items():
        path = root / "evidence" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(content) if name == hurt else whole)
    found = read_evidence(root)
    # What was not hurt is there; what was is believed whole, or told; and it lies as it lay.
    others = {"centre", "other"} - ({hurt.partition("/")[2].partition(".")[0]} if "curves" not in hurt else set())
    assert others <= {key.check for key in found.records}
    if hurt.endswith(".quick.cpu.json"):
        kept = [key for key in found.records if hurt.endswith(f"{key.check}.quick.cpu.json")]
        assert kept or found.damaged
    assert (root / "evidence" / hurt).read_bytes() == bytes(content)
    assert all(str(damaged).isprintable() for damaged in found.damaged)
