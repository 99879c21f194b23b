"""Every record ever made leaves a line, and lines survive merges and torn writes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lawbook.evidence.fingerprint import DIGITS
from lawbook.evidence.history import HistoryLine, history_line, line_text
from lawbook.evidence.record import Record
from lawbook.evidence.store import read_evidence, write_record
from lawbook.registry.ids import LONGEST_PAIR
from lawbook.verification.seeds import LARGEST_BASE

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
        ('"e":0.01', '"e":1e999'),
        ('"e":0.01', '"e":"0.01"'),
        ('"e":0.01', '"e":0.01,"e":0.02'),
        ('"e":0.01', '"e":0.01,"e" :0.02'),
        ('"e":0.01', '"e":0.01,"e"\t:0.02'),
        ('"e":0.01', '"e":0.01,"estimate":0.02'),
        ('"o":"p"', '"o":true'),
        ('"o":"p"', '"o":"x"'),
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


FINITE = st.floats(allow_nan=False, allow_infinity=False)
ENDS = st.one_of(st.none(), FINITE)
NAMES = st.integers(1, LONGEST_PAIR - 1)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_verdict_takes_400_bytes_and_none_loses_a_digit(record: MakeRecord, data: st.DataObject) -> None:
    draw = data.draw
    taken = draw(NAMES)
    made = record(
        claim="c" * taken,
        check="k" * (LONGEST_PAIR - taken),
        tier=draw(st.sampled_from(["quick", "full"])),
        device="rtx6000ada99",
        outcome=draw(st.sampled_from(["pass", "inconclusive"])),
        estimate=draw(ENDS),
        standard_error=draw(ENDS),
        interval=draw(st.one_of(st.none(), st.tuples(ENDS, ENDS))),
        accept=draw(st.tuples(ENDS, ENDS)),
        seeds=range(draw(st.integers(0, 100_000))),
        seed_base=draw(st.integers(0, 2 * LARGEST_BASE)),
        confirms=draw(st.one_of(st.none(), st.integers(0, LARGEST_BASE))),
        definition="d" * DIGITS,
        measures="m" * DIGITS,
        seconds=draw(st.floats(0, 9_999_999)),
        environment=record().environment.model_copy(update={"commit": "0" * 40}),
    )
    line = history_line(made, draw(st.one_of(st.none(), st.just(made))), awaits=draw(st.booleans()))
    text = line_text(line) + b"\n"
    assert len(text) < 400
    assert HistoryLine.model_validate_json(text, strict=True) == line
    for short, exact in ((line.estimate, made.estimate), (line.accept[0], made.accept[0])):
        assert short is exact is None or short == pytest.approx(exact, rel=6e-7, abs=0)


WORST = -1.234567e-300


def test_the_longest_line_of_all_takes_less_than_400_bytes(record: MakeRecord) -> None:
    made = record(
        claim="c" * (LONGEST_PAIR - 1),
        check="k",
        device="rtx6000ada99",
        outcome="inconclusive",
        estimate=WORST,
        standard_error=-WORST,
        interval=(WORST, WORST),
        accept=(WORST, WORST),
        seeds=range(100_000),
        seed_base=2 * LARGEST_BASE,
        confirms=LARGEST_BASE,
        definition="d" * DIGITS,
        measures="m" * DIGITS,
        seconds=999_999.9,
        environment=record().environment.model_copy(update={"commit": "0" * 40}),
    )
    line = history_line(made, made, awaits=True)
    assert all(getattr(line, name) != field.default for name, field in HistoryLine.model_fields.items())
    assert 380 < len(line_text(line)) + 1 < 400


@pytest.mark.parametrize(
    "older",
    [
        '{"started":"2026-01-31T12:00:00Z","claim":"noise-averages-out","check":"centre","tier":"quick",'
        '"device_kind":"cpu","outcome":"pass","status_before":"fail","estimate":0.01,"interval":[-0.1,0.12],'
        '"seed_base":7,"commit":"c0ffee","accept":[-0.3,0.3],"measures":"m","seeds":3}',
        '{"started":"2026-01-31T12:00:00Z","claim":"noise-averages-out","check":"centre","tier":"quick","device":"cpu",'
        '"outcome":"pass","before":"fail","estimate":0.01,"interval":[-0.1,0.12],"seeds":3,"seed_base":7,'
        '"accept":[-0.3,0.3],"measures":"m","commit":"c0ffee"}',
    ],
)
def test_a_line_of_any_form_says_the_same(tmp_path: Path, older: str) -> None:
    read = HistoryLine.model_validate_json(older, strict=True)
    present = line_text(read).decode()
    assert len(present) < 0.75 * len(older)
    for number, text in enumerate((older, present), start=1):
        path = tmp_path / str(number) / "evidence/history/2026-01.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text(text + "\n")
    one, other = (read_evidence(tmp_path / str(number)) for number in (1, 2))
    assert one.history == other.history == (read,)
    assert (one.history[0].device, one.history[0].before, one.history[0].seed_base) == ("cpu", "fail", 7)
    assert one.damaged == other.damaged == ()
