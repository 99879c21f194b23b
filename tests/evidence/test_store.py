"""Records are kept whole, in the right place, and never lost."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lawbook.evidence.curves import DIGITS
from lawbook.evidence.history import HistoryLine, append_history
from lawbook.evidence.record import Record, StoredLine, StoredMap, StoredPanel
from lawbook.evidence.store import (
    DamagedEvidenceError,
    Key,
    check_store,
    published_keys,
    read_evidence,
    read_store,
    record_key,
    with_curves,
    write_record,
)
from lawbook.places.registry_places import PlaceError

MakeRecord = Callable[..., Record]
KEY = Key("noise-averages-out", "centre", "quick", "cpu")


def test_a_record_comes_back_as_it_was_written(tmp_path: Path, record: MakeRecord) -> None:
    line = StoredLine(label="measured", x=[1.0, 2.0], y=[0.5, None], low=[0.4, None], high=[0.6, None])
    cells = StoredMap(label="theory", x=[1.0, 2.0], y=[3.0], z=[[None, 0.1]], role="predicted")
    panel = StoredPanel(title="p", x_label="n", y_scale="log", lines=[line], maps=[cells])
    written = record(panels=[panel], accept=(None, 0.3), values=[0.1, None, 0.3], notes=["<odd> | näme"])
    write_record(tmp_path, written, publish=True)
    read = read_evidence(tmp_path).records[KEY].record
    assert read.panels == []
    assert with_curves(tmp_path, read).model_copy(update={"curves": ""}) == written


def test_curves_of_another_run_are_not_taken_for_its_own(tmp_path: Path, record: MakeRecord) -> None:
    line = StoredLine(label="measured", x=[1.0, 2.0], y=[0.5, 0.6])
    path = write_record(tmp_path, record(panels=[StoredPanel(title="p", lines=[line])]), publish=True)
    curves = tmp_path / path.with_suffix(".curves.json")
    curves.write_text(curves.read_text().replace("0.6", "0.7"))
    read = with_curves(tmp_path, read_evidence(tmp_path).records[KEY].record)
    assert read.panels == []
    assert "curves" in read.notes[-1]


@pytest.mark.parametrize(
    "panel",
    [
        {"title": "p", "lines": [{"label": "a", "x": [1.0, 2.0], "y": [1.0]}]},
        {"title": "p", "lines": [{"label": "a", "x": [1.0, 2.0], "y": [1.0, 2.0], "low": [1.0]}]},
        {"title": "p", "maps": [{"label": "a", "x": [1.0, 2.0], "y": [1.0], "z": [[1.0]]}]},
        {"title": "p", "maps": [{"label": "a", "x": [1.0], "y": [1.0], "z": []}]},
        {"title": "p", "lines": [{"label": "a", "x": ["inf"], "y": ["1"]}]},
        {"title": "\ud800"},
    ],
)
def test_curves_that_cannot_be_drawn_are_not_believed(
    tmp_path: Path, record: MakeRecord, panel: dict[str, object]
) -> None:
    content = json.dumps({"": [panel]}).encode()
    digest = hashlib.sha256(content).hexdigest()[:DIGITS]
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    path.write_text(json.dumps({**json.loads(path.read_text()), "curves": digest}))
    path.with_suffix(".curves.json").write_bytes(content)
    read = with_curves(tmp_path, read_evidence(tmp_path).records[KEY].record)
    assert read.panels == []
    assert "damaged" in read.notes[-1]


def test_a_record_without_curves_leaves_none_of_an_older_one(tmp_path: Path, record: MakeRecord) -> None:
    line = StoredLine(label="measured", x=[1.0, 2.0], y=[0.5, 0.6])
    path = write_record(tmp_path, record(panels=[StoredPanel(title="p", lines=[line])]), publish=True)
    write_record(tmp_path, record(started="2026-02-01T00:00:00Z"), publish=True)
    assert not (tmp_path / path.with_suffix(".curves.json")).exists()


def test_a_record_of_the_first_form_is_still_read(tmp_path: Path, record: MakeRecord) -> None:
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    plain = json.loads(path.read_text())
    for key in ("device", "rivals", "method", "expect", "measures", "predicted", "standard_error"):
        plain.pop(key)
    path.write_text(json.dumps({**plain, "schema_version": 1, "curves": [{"label": "old"}]}))
    found = read_evidence(tmp_path)
    assert found.damaged == ()
    assert (found.records[KEY].record.outcome, found.records[KEY].record.device) == ("pass", "cpu")


def test_published_and_local_records_lie_in_two_places_of_one_form(tmp_path: Path, record: MakeRecord) -> None:
    published = write_record(tmp_path, record(), publish=True)
    local = write_record(tmp_path, record(), publish=False)
    assert published == Path("evidence/noise-averages-out/centre.quick.cpu.json")
    assert local == Path(".lawbook/evidence/noise-averages-out/centre.quick.cpu.json")
    assert (tmp_path / published).read_text() == (tmp_path / local).read_text()
    assert (tmp_path / ".lawbook/.gitignore").read_text() == "*\n"


def test_of_a_published_and_a_local_record_the_newer_is_read(tmp_path: Path, record: MakeRecord) -> None:
    write_record(tmp_path, record(started="2026-02-01T00:00:00Z", outcome="fail"), publish=True)
    write_record(tmp_path, record(started="2026-01-01T00:00:00Z"), publish=False)
    found = read_evidence(tmp_path).records[KEY]
    assert (found.record.outcome, found.local) == ("fail", False)
    write_record(tmp_path, record(started="2026-03-01T00:00:00Z"), publish=False)
    found = read_evidence(tmp_path).records[KEY]
    assert (found.record.outcome, found.local) == ("pass", True)


def test_one_store_can_be_read_alone(tmp_path: Path, record: MakeRecord) -> None:
    write_record(tmp_path, record(), publish=True)
    assert read_store(tmp_path, publish=False).records == {}
    assert KEY in read_store(tmp_path, publish=True).records


def test_a_file_is_readable_line_by_line(tmp_path: Path, record: MakeRecord) -> None:
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    assert '"outcome": "pass",' in path.read_text().splitlines()
    assert json.loads(path.read_text())["schema_version"] == 2


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        (('"estimate": 0.0', '"estimate": NaN'), "invalid JSON"),
        (('"checker": "checkers.', '"checker": "os.'), "checker: String should match pattern"),
        (('"started": "2026', '"started": "yesterday 2026'), "started: Value error"),
        (('"seeds": [0, ', '"seeds": ['), "3 values for 2 seeds"),
        (('"batches": []', '"batches": [4]'), "batches of 4 seeds for 3"),
    ],
)
def test_a_record_whose_parts_disagree_is_damaged(
    tmp_path: Path, record: MakeRecord, spoiled: tuple[str, str], words: str
) -> None:
    panel = StoredPanel(title="p", lines=[StoredLine(label="measured", x=[1.0, 2.0], y=[0.5, 0.5])])
    path = tmp_path / write_record(tmp_path, record(panels=[panel], estimate=0.0), publish=True)
    text = path.read_text()
    assert text.count(spoiled[0]) == 1
    path.write_text(text.replace(*spoiled))
    (damaged,) = read_evidence(tmp_path).damaged
    assert damaged.path == path.relative_to(tmp_path)
    assert words in damaged.reason


def test_what_a_killed_writer_left_is_swept_away_by_the_next(tmp_path: Path, record: MakeRecord) -> None:
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    path.with_name(f".{path.name}.k1lled").write_text("half a rec")
    write_record(tmp_path, record(), publish=True)
    assert list(path.parent.iterdir()) == [path]


@pytest.fixture
def heeding_interrupts() -> Iterator[None]:
    """Ctrl-C interrupts, though whoever started the tests may ignore it (`nohup`, `&` in a script)."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding_interrupts")
def test_an_interruption_waits_until_record_and_history_are_written_whichever_thread_it_comes_to(
    tmp_path: Path, record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    other = threading.Thread(target=over.wait, daemon=True)
    other.start()

    def append_and_interrupt(store: Path, line: HistoryLine) -> int:
        end = append_history(store, line)
        assert other.ident is not None
        signal.pthread_kill(other.ident, signal.SIGINT)
        time.sleep(0.1)
        return end

    monkeypatch.setattr("lawbook.evidence.store.append_history", append_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_record(tmp_path, record(), publish=True)
    over.set()
    found = read_evidence(tmp_path)
    assert len(found.records) == len(found.history) == 1


def test_a_link_that_leads_nowhere_is_left_alone_too(tmp_path: Path, record: MakeRecord) -> None:
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(DamagedEvidenceError, match="cannot be read"):
        write_record(tmp_path, record(), publish=True)
    assert path.is_symlink()


def test_keys_of_later_versions_are_kept(tmp_path: Path, record: MakeRecord) -> None:
    write_record(tmp_path, record(colour="blue"), publish=True)
    assert read_evidence(tmp_path).records[KEY].record.model_extra == {"colour": "blue"}


@pytest.mark.parametrize("content", [b"", b'{"claim": "noise-aver', b"[]", b"\xff\xfe", b'{"claim": 1}'])
def test_a_damaged_file_is_listed_and_left_alone(tmp_path: Path, record: MakeRecord, content: bytes) -> None:
    path = write_record(tmp_path, record(), publish=True)
    other = record(check="other")
    write_record(tmp_path, other, publish=True)
    (tmp_path / path).write_bytes(content)
    found = read_evidence(tmp_path)
    assert [damaged.path for damaged in found.damaged] == [path]
    assert list(found.records) == [record_key(other)]
    with pytest.raises(DamagedEvidenceError, match=r"centre.quick.cpu.json: not a record.*left as it is"):
        write_record(tmp_path, record(), publish=True)
    assert (tmp_path / path).read_bytes() == content


def test_a_record_in_the_wrong_place_is_damaged(tmp_path: Path, record: MakeRecord) -> None:
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    path.rename(path.with_name("elsewhere.quick.cpu.json"))
    (damaged,) = read_evidence(tmp_path).damaged
    assert "belongs elsewhere" in damaged.reason


def test_what_is_published_can_be_told_from_names_alone(tmp_path: Path, record: MakeRecord) -> None:
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    path.write_text("damaged")
    assert published_keys(tmp_path) == [KEY]


def test_nothing_recorded_is_no_error(tmp_path: Path) -> None:
    found = read_evidence(tmp_path)
    assert (found.records, found.damaged, found.history) == ({}, (), ())


def _write_many(root: Path, first: int, record: Record) -> None:
    for number in range(first, first + 20):
        write_record(root, record.model_copy(update={"check": f"check-{number}"}), publish=True)


def test_writers_at_once_lose_nothing(tmp_path: Path, record: MakeRecord) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(tmp_path, first, record())) for first in (0, 10, 20)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = read_evidence(tmp_path)
    assert found.damaged == ()
    assert {key.check for key in found.records} == {f"check-{number}" for number in range(40)}
    assert {line.check for line in found.history} == {f"check-{number}" for number in range(40)}
    assert not list((tmp_path / "evidence").glob("*/.*"))


SPOILED = {
    "an infinite value": ('"values": [0.0,', '"values": [1e999,', "the number 1e999 is too large"),
    "an infinite estimate": ('"estimate": 0.01', '"estimate": -1e999', "the number -1e999 is too large"),
    "infinite seconds": ('"seconds": 1.5', '"seconds": 1E+400', "the number 1E+400 is too large"),
    "an infinity in params": (
        '"centre": 0.0',
        '"centre": [{"deep": 1e999}]',
        "the number 1e999 is too large",
    ),
    "an infinity without a dot": (
        '"seconds": 1.5',
        f'"seconds": {"9" * 400}.0',
        "of 402 digits is too large",
    ),
    "an infinity of a later version": ('"looks": 1', '"looks": 1, "later": 1e999', "too large"),
    "a huge integer": ('"seed_base": 0', f'"seed_base": {"7" * 5000}', "of 5000 digits is too large"),
    "a key twice": (
        '"outcome": "pass"',
        '"outcome": "fail", "outcome": "pass"',
        "the key 'outcome' stands twice",
    ),
    "a key twice, deep": ('"centre": 0.0', '"centre": 0.0, "centre": 1.0', "the key 'centre' stands twice"),
    "a number as text": ('"seconds": 1.5', '"seconds": "1.5"', "seconds: Input should be a valid number"),
    "a truth as a seed": ('"seeds": [0,', '"seeds": [false,', "seeds.0: Input should be a valid integer"),
    "Infinity": ('"seconds": 1.5', '"seconds": Infinity', "Infinity is no number of JSON"),
    "half a surrogate pair": ('"reason": ""', '"reason": "\\ud800"', "not a record"),
    "a NUL": ('"reason": ""', '"reason": "\0"', "Invalid control character"),
    "a comma too many": ('"seconds": 1.5', '"seconds": 1.5,', "invalid JSON"),
    "a bottomless nest": ('"centre": 0.0', f'"centre": {"[" * 5000}{"]" * 5000}', "not a record"),
}


@pytest.mark.parametrize(("old", "new", "words"), SPOILED.values(), ids=SPOILED)
def test_a_record_that_is_no_strict_json_is_one_line_and_the_rest_is_served(
    tmp_path: Path, record: MakeRecord, old: str, new: str, words: str
) -> None:
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    other = record(check="other")
    write_record(tmp_path, other, publish=True)
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    found = read_evidence(tmp_path)
    (damaged,) = found.damaged
    assert words in damaged.reason
    assert "\n" not in str(damaged)
    assert len(str(damaged)) < 300
    assert list(found.records) == [record_key(other)]


def test_a_byte_order_mark_is_told(tmp_path: Path, record: MakeRecord) -> None:
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    (damaged,) = read_evidence(tmp_path).damaged
    assert "begins with a byte order mark" in damaged.reason


def test_a_merge_left_half_done_is_told_with_its_line_and_both_ways_out(tmp_path: Path, record: MakeRecord) -> None:
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    lines = path.read_text().splitlines()
    lines[5:6] = ["<<<<<<< HEAD", lines[5], "=======", lines[5], ">>>>>>> theirs"]
    path.write_text("\n".join(lines))
    (damaged,) = read_evidence(tmp_path).damaged
    assert damaged.reason == "not a record: line 6 is a mark of an unfinished merge (<<<<<<<)"
    assert damaged.advice == f"git checkout --theirs {damaged.path}, or delete it and verify again"


def test_what_is_no_plain_file_is_never_opened(tmp_path: Path, record: MakeRecord) -> None:
    path = tmp_path / write_record(tmp_path, record(), publish=True)
    for number, make in enumerate((os.mkfifo, os.mkdir, lambda link: os.symlink(path, link))):
        make(path.with_name(f"other-{number}.quick.cpu.json"))
    reasons = [damaged.reason for damaged in read_evidence(tmp_path).damaged]
    assert reasons == [
        f"cannot be read: it is {what}" for what in ("no plain file", "a folder, not a file", "a link, not a file")
    ]


def test_records_behind_a_linked_folder_are_neither_read_nor_written(tmp_path: Path, record: MakeRecord) -> None:
    path = write_record(tmp_path, record(), publish=True)
    (tmp_path / path).parent.rename(tmp_path / "moved")
    (tmp_path / path).parent.symlink_to(tmp_path / "moved")
    (damaged,) = read_evidence(tmp_path).damaged
    assert damaged.reason == "cannot be read: its folder is a link"
    with pytest.raises(DamagedEvidenceError):
        write_record(tmp_path, record(check="other"), publish=True)
    assert len(list((tmp_path / "moved").iterdir())) == 1


def test_a_store_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("")
    (damaged,) = read_evidence(tmp_path).damaged
    assert str(damaged).startswith("evidence: is no folder")


@pytest.mark.parametrize("link", ["evidence", "evidence/history", "evidence/history/2026-01.jsonl"])
def test_no_link_leads_evidence_into_other_files(tmp_path: Path, record: MakeRecord, link: str) -> None:
    root = tmp_path / "registry"
    (root / "claims").mkdir(parents=True)
    (root / "claims/references.bib").write_text("% mine\n")
    (root / link).parent.mkdir(parents=True, exist_ok=True)
    (root / link).symlink_to(root / ("claims/references.bib" if link.endswith("l") else "claims"))
    for write in (
        lambda: write_record(root, record(), publish=True),
        lambda: check_store(root, publish=True),
    ):
        with pytest.raises(PlaceError, match=f"{link} is a link"):
            write()
    assert [path.name for path in (root / "claims").iterdir()] == ["references.bib"]
    assert (root / "claims/references.bib").read_text() == "% mine\n"
    assert not list(root.glob("evidence/noise*"))


def test_a_store_on_another_disk_may_be_reached_by_a_link(tmp_path: Path, record: MakeRecord) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry/evidence").symlink_to(tmp_path / "disk")
    write_record(tmp_path / "registry", record(), publish=True)
    assert KEY in read_evidence(tmp_path / "registry").records


def test_a_writer_that_is_stopped_is_not_waited_for_for_ever(
    tmp_path: Path, record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    from filelock import FileLock

    from lawbook.evidence.state import make_state_folder

    monkeypatch.setattr("lawbook.evidence.store.LOCK_PATIENCE", 0.2)
    with FileLock(make_state_folder(tmp_path) / "evidence.lock"), pytest.raises(OSError, match="lock"):
        write_record(tmp_path, record(), publish=True)
