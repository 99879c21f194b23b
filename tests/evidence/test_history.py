"""Every record ever made leaves a line, and lines survive merges and torn writes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lawbook.evidence.record import Record
from lawbook.evidence.store import read_evidence, write_record

MakeRecord = Callable[..., Record]
JANUARY = Path("evidence/history/2026-01.jsonl")


def test_a_line_says_what_came_out_and_what_it_replaced(tmp_path: Path, record: MakeRecord) -> None:
    write_record(tmp_path, record(), publish=True)
    write_record(tmp_path, record(outcome="fail", started="2026-02-01T00:00:00Z", seed_base=7), publish=True)
    first, second = read_evidence(tmp_path).history
    assert (first.outcome, first.before, first.estimate) == ("pass", None, 0.01)
    assert (second.outcome, second.before, second.seed_base) == ("fail", "pass", 7)
    assert (second.claim, second.check, second.tier, second.device) == (
        "noise-averages-out",
        "centre",
        "quick",
        "cpu",
    )
    assert second.commit == "c0ffee"


def test_there_is_a_file_a_month(tmp_path: Path, record: MakeRecord) -> None:
    for month in ("01", "01", "02"):
        write_record(tmp_path, record(started=f"2026-{month}-01T00:00:00Z"), publish=True)
    files = sorted((tmp_path / "evidence/history").iterdir())
    assert [file.name for file in files] == ["2026-01.jsonl", "2026-02.jsonl"]
    assert len(files[0].read_text().splitlines()) == 2


def test_lines_are_read_oldest_first_and_repeats_of_a_merge_once(tmp_path: Path, record: MakeRecord) -> None:
    for day in ("09", "03", "05"):
        write_record(tmp_path, record(started=f"2026-01-{day}T00:00:00Z"), publish=True)
    path = tmp_path / JANUARY
    path.write_text(path.read_text() * 2)
    days = [line.started[8:10] for line in read_evidence(tmp_path).history]
    assert days == ["03", "05", "09"]


def test_half_a_line_is_reported_and_costs_no_other(tmp_path: Path, record: MakeRecord) -> None:
    write_record(tmp_path, record(), publish=True)
    path = tmp_path / JANUARY
    path.write_bytes(path.read_bytes() + b'{"started": "2026-01-31T1')
    write_record(tmp_path, record(started="2026-01-31T13:00:00Z"), publish=True)
    found = read_evidence(tmp_path)
    assert [line.started for line in found.history] == ["2026-01-31T12:00:00Z", "2026-01-31T13:00:00Z"]
    (damaged,) = found.damaged
    assert (damaged.path, damaged.reason) == (JANUARY, "line 2 is not a line of history")
    assert str(damaged).endswith("left as it is (restore that line from git, or remove that line)")


def test_each_mark_of_a_merge_is_told_with_its_line_and_costs_no_other(tmp_path: Path, record: MakeRecord) -> None:
    for day in ("03", "05"):
        write_record(tmp_path, record(started=f"2026-01-{day}T00:00:00Z"), publish=True)
    path = tmp_path / JANUARY
    first, second = path.read_text().splitlines()
    path.write_text("\n".join(["<<<<<<< HEAD", first, "=======", second, ">>>>>>> theirs", ""]))
    found = read_evidence(tmp_path)
    assert len(found.history) == 2
    assert [damaged.reason for damaged in found.damaged] == [
        f"line {number} is a mark of an unfinished merge ({mark})"
        for number, mark in ((1, "<<<<<<<"), (3, "======="), (5, ">>>>>>>"))
    ]
    assert all("remove that line" in damaged.advice for damaged in found.damaged)


def test_a_line_from_the_future_is_told_and_not_taken_for_the_last(tmp_path: Path, record: MakeRecord) -> None:
    write_record(tmp_path, record(), publish=True)
    write_record(tmp_path, record(started="2999-01-01T00:00:00Z"), publish=True)
    found = read_evidence(tmp_path)
    assert [line.started for line in found.history] == ["2026-01-31T12:00:00Z"]
    assert "line 1 is dated 2999-01-01T00:00:00Z, which is still to come" in str(found.damaged)


@pytest.mark.parametrize(
    "spoiled",
    [
        ('"estimate":0.01', '"estimate":1e999'),
        ('"estimate":0.01', '"estimate":"0.01"'),
        ('"estimate":0.01', '"estimate":0.01,"estimate":0.02'),
        ('"outcome":"pass"', '"outcome":true'),
    ],
)
def test_a_line_is_read_strictly(tmp_path: Path, record: MakeRecord, spoiled: tuple[str, str]) -> None:
    write_record(tmp_path, record(), publish=True)
    path = tmp_path / JANUARY
    assert spoiled[0] in path.read_text()
    path.write_text(path.read_text().replace(*spoiled))
    found = read_evidence(tmp_path)
    assert (len(found.history), len(found.damaged)) == (0, 1)


def test_a_history_that_is_no_folder_or_holds_a_pipe_is_told(tmp_path: Path, record: MakeRecord) -> None:
    write_record(tmp_path, record(), publish=True)
    os.mkfifo(tmp_path / "evidence/history/2026-02.jsonl")
    (damaged,) = read_evidence(tmp_path).damaged
    assert damaged.reason == "cannot be read: it is no plain file"
    shutil.rmtree(tmp_path / "evidence/history")
    (tmp_path / "evidence/history").write_text("")
    (damaged,) = read_evidence(tmp_path).damaged
    assert damaged.reason == "is no folder"
