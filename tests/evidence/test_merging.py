"""Trees of evidence made one, and the branch that keeps them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lawbook.cli import main as cli
from lawbook.evidence.branch import BRANCH, BranchError, publish
from lawbook.evidence.merging import main, merge_evidence
from lawbook.evidence.record import Record, StoredLine, StoredPanel
from lawbook.evidence.store import PUBLISHED, read_store, write_record

MakeRecord = Callable[..., Record]
PANEL = StoredPanel(title="p", lines=[StoredLine(label="measured", x=[1.0], y=[2.0])])


def write(root: Path, *records: Record) -> Path:
    root.mkdir(exist_ok=True)
    for each in records:
        write_record(root, each, publish=True)
    return root / PUBLISHED


def content(tree: Path) -> dict[str, bytes]:
    return {str(path.relative_to(tree)): path.read_bytes() for path in tree.rglob("*") if path.is_file()}


def lines(tree: Path) -> dict[str, set[bytes]]:
    return {path.name: set(path.read_bytes().splitlines()) for path in tree.rglob("*.jsonl")}


def test_the_newest_record_wins_with_its_curves_and_history_is_united(tmp_path: Path, record: MakeRecord) -> None:
    here = write(tmp_path / "a", record(started="2026-01-02T00:00:00Z"), record(check="other", panels=[PANEL]))
    there = write(
        tmp_path / "b",
        record(started="2026-02-02T00:00:00Z", panels=[PANEL], outcome="fail"),
        record(check="other", started="2025-01-01T00:00:00Z"),
    )
    merged = merge_evidence(there, here)
    assert merged.newer == ["noise-averages-out/centre.quick.cpu.json"]
    assert (merged.kept, merged.refused) == (1, [])
    read = read_store(tmp_path / "a", publish=True)
    outcomes = {key.check: stored.record.outcome for key, stored in read.records.items()}
    assert outcomes == {"centre": "fail", "other": "pass"}
    assert len(read.history) == 4
    assert (here / "noise-averages-out/centre.quick.cpu.curves.json").is_file()
    assert merge_evidence(there, here).newer == []


TIMES = st.sampled_from([f"2026-0{month}-01T00:00:00Z" for month in range(1, 5)])
TREES = st.lists(
    st.lists(st.tuples(st.sampled_from(["centre", "other"]), TIMES, st.floats(-1, 1)), max_size=4),
    min_size=2,
    max_size=3,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees=TREES, data=st.data())
def test_merges_commute_and_lose_no_line(
    tmp_path_factory: pytest.TempPathFactory,
    record: MakeRecord,
    trees: list[list[tuple[str, str, float]]],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    built = [
        write(folder / str(number), *(record(check=c, started=s, estimate=e) for c, s, e in tree))
        for number, tree in enumerate(trees)
    ]
    orders = [built, data.draw(st.permutations(built))]
    results = []
    for number, order in enumerate(orders):
        target = folder / f"to-{number}" / "evidence"
        target.mkdir(parents=True)
        for tree in order:
            if tree.is_dir():
                merge_evidence(tree, target)
        results.append(target)
    one, other = results
    records = [{name: text for name, text in content(tree).items() if name.endswith(".json")} for tree in results]
    assert records[0] == records[1]
    assert lines(one) == lines(other)
    everything = set().union(*(found for tree in built for found in lines(tree).values()))
    assert set().union(*lines(one).values()) == everything


def test_what_is_no_evidence_is_refused_and_dot_files_are_passed_over(tmp_path: Path, record: MakeRecord) -> None:
    there = write(tmp_path / "b", record())
    (there / "README.md").write_text("hello")
    (there / "noise-averages-out/.centre.quick.cpu.json.abc").write_text("{")
    (there / "noise-averages-out/other.quick.cpu.json").write_text("{}")
    (there / "noise-averages-out/third.quick.cpu.json").symlink_to("/etc/passwd")
    (there / "history/2026-13.jsonl").write_text('{"claim": 1}\n')
    (there / "noise-averages-out/folder.quick.cpu.json").mkdir()
    (there / "history/2026-02.jsonl").mkdir()
    (there / "history/hooks").mkdir()
    (there / "history/hooks/pre-push").write_text("#!/bin/sh\nexit 1\n")
    here = tmp_path / "a" / "evidence"
    merged = merge_evidence(there, here)
    assert merged.newer == ["noise-averages-out/centre.quick.cpu.json"]
    told = "\n".join(merged.refused)
    for said in (
        "README.md: no file",
        "hooks/pre-push: no file",
        "third.quick.cpu.json: it is no plain",
        "folder.quick.cpu.json: it is no plain",
        "2026-02.jsonl: it is no plain",
        "other.quick.cpu.json: not a record",
        "2026-13.jsonl: line 1",
    ):
        assert said in told
    assert len(merged.refused) == 7
    assert set(content(here)) == {"noise-averages-out/centre.quick.cpu.json", "history/2026-01.jsonl"}
    assert main([str(there), str(here)]) == 1


def test_a_damaged_file_here_is_left_alone(tmp_path: Path, record: MakeRecord) -> None:
    here, there = (
        write(tmp_path / "a", record()),
        write(tmp_path / "b", record(started="2026-05-05T00:00:00Z")),
    )
    path = here / "noise-averages-out/centre.quick.cpu.json"
    path.write_text("half a rec")
    merged = merge_evidence(there, here)
    assert path.read_text() == "half a rec"
    assert "the file here is damaged" in merged.refused[0]


def test_a_folder_that_is_not_there_brings_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none"), str(tmp_path / "into")]) == 0
    assert "nothing to merge" in capsys.readouterr().out


def git(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository whose hooks refuse nothing."""
    path = tmp_path / "remote.git"
    path.mkdir()
    git(path, "init", "--quiet", "--bare")
    return path


def commits(remote: Path) -> list[str]:
    return git(remote, "log", "--format=%s", BRANCH).splitlines()


def show(remote: Path, path: str) -> str:
    return git(remote, "show", f"{BRANCH}:{path}")


def test_a_night_makes_the_branch_and_the_next_replaces_its_commit(
    tmp_path: Path, remote: Path, record: MakeRecord
) -> None:
    publish(str(remote), [write(tmp_path / "one", record())], {"quick": 0})
    publish(str(remote), [write(tmp_path / "two", record(check="other"))], {"quick": 3})
    assert len(commits(remote)) == 1
    assert json.loads(show(remote, "heartbeat.json"))["quick"] == 3
    files = git(remote, "ls-tree", "-r", "--name-only", BRANCH).split()
    assert {name.rpartition("/")[2] for name in files} >= {"centre.quick.cpu.json", "other.quick.cpu.json"}
    assert len(show(remote, "evidence/history/2026-01.jsonl").splitlines()) == 2


def test_a_new_year_begins_a_new_commit(
    tmp_path: Path, remote: Path, record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(str(remote), [write(tmp_path / "one", record())], {})
    monkeypatch.setattr("lawbook.evidence.branch._now", lambda: "2999-01-01T00:00:00Z")
    publish(str(remote), [write(tmp_path / "two", record(check="other"))], {})
    assert len(commits(remote)) == 2
    # What git calls the commit's year is today's, as its clock is: each further night stands on the year before.


def test_a_push_that_comes_between_is_merged_and_not_lost(tmp_path: Path, remote: Path, record: MakeRecord) -> None:
    publish(str(remote), [write(tmp_path / "one", record())], {})
    rival = write(tmp_path / "rival", record(check="rival"))
    meddled: list[int] = []

    def meddle() -> None:
        if not meddled:
            meddled.append(1)
            publish(str(remote), [rival], {})

    publish(str(remote), [write(tmp_path / "two", record(check="other"))], {}, before_push=meddle)
    names = git(remote, "ls-tree", "-r", "--name-only", BRANCH)
    assert all(f"{name}.quick.cpu.json" in names for name in ("centre", "rival", "other"))


def test_a_remote_that_cannot_be_had_is_told(tmp_path: Path, record: MakeRecord) -> None:
    with pytest.raises(BranchError, match="git ls-remote"):
        publish(str(tmp_path / "nowhere.git"), [write(tmp_path / "one", record())], {})


def test_a_record_from_the_future_never_wins(tmp_path: Path, record: MakeRecord) -> None:
    here, late = (
        write(tmp_path / "a", record()),
        write(tmp_path / "b", record(started="2099-01-01T00:00:00Z")),
    )
    assert "still to come" in merge_evidence(late, here).refused[0]
    (found,) = read_store(tmp_path / "a", publish=True).records.values()
    assert found.record.started == "2026-01-31T12:00:00Z"
    # It gives way to one that can be believed, though that seems older.
    sound = write(tmp_path / "c", record())
    assert merge_evidence(sound, late).newer == ["noise-averages-out/centre.quick.cpu.json"]


CELL = (
    '{"started":"%s","at":{"a":1},"cell":"c","outcome":"pass","accept":[0,1],'
    '"seeds":3,"judged":3,"definition":"d","code":"c"}'
)


def test_lines_from_the_future_are_told_and_left_out(tmp_path: Path, record: MakeRecord) -> None:
    there = write(tmp_path / "b", record(), record(started="2099-01-01T00:00:00Z", check="other"))
    with (there / "history/2026-01.jsonl").open("ab") as file:
        file.write((there / "history/2099-01.jsonl").read_bytes())
    cells = "noise-averages-out/maps/a-map.quick.cpu.jsonl"
    (there / cells).parent.mkdir()
    (there / cells).write_text("\n".join(CELL % f"{year}-01-01T00:00:00Z" for year in (2026, 2099)) + "\n")
    here = tmp_path / "a" / "evidence"
    merged = merge_evidence(there, here)
    late = "is dated 2099-01-01T00:00:00Z, which is still to come"
    assert [told for told in merged.refused if late in told] == [
        f"history/2026-01.jsonl: line 2 {late}",
        f"history/2099-01.jsonl: line 1 {late}",
        f"{cells}: line 2 {late}",
    ]
    assert merged.lines == 2
    assert not (here / "history/2099-01.jsonl").exists()
    assert "2099" not in (here / cells).read_text()
    assert main([str(there), str(here)]) == 1


def test_curves_that_only_one_side_has_are_taken_whatever_the_order(tmp_path: Path, record: MakeRecord) -> None:
    whole, bare = (write(tmp_path / name, record(panels=[PANEL])) for name in "ab")
    curves = "noise-averages-out/centre.quick.cpu.curves.json"
    (bare / curves).unlink()
    before = content(whole)
    merge_evidence(bare, whole)
    assert content(whole) == before
    merge_evidence(whole, bare)
    assert content(bare) == before


def test_the_command_takes_stores_and_checkouts_and_refuses_its_own(
    tiny_registry: Path, tmp_path: Path, record: MakeRecord
) -> None:
    write(tmp_path / "checkout", record())
    store = write(tmp_path / "other", record(check="other"))
    merge = ["evidence", "merge", "--root", str(tiny_registry)]
    result = CliRunner().invoke(cli, [*merge, str(tmp_path / "checkout"), str(store)])
    assert result.exit_code == 0, result.output
    assert {key.check for key in read_store(tiny_registry, publish=True).records} == {"centre", "other"}
    assert CliRunner().invoke(cli, [*merge, str(tiny_registry)]).exit_code == 2
    (store / "noise-averages-out/other.quick.cpu.json").write_text("{")
    assert CliRunner().invoke(cli, [*merge, str(store)]).exit_code == 1
