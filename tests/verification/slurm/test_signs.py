"""The engine and its tasks know of each other whether they live."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lawbook.verification.slurm import signs
from lawbook.verification.slurm.signs import Beat, Engine


def test_an_engine_is_gone_that_is_silent_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs, "SECONDS_WITHOUT_ENGINE", 0.0)
    path = tmp_path / "engine"
    path.write_text("1")
    engine = Engine(path)
    assert not engine.is_gone()
    path.write_text("2")
    assert not engine.is_gone()
    assert engine.is_gone()


@pytest.mark.parametrize(
    "beat",
    [
        Beat(0.5),
        Beat(12.0, 3, 4.5),
        Beat(12.0, 3, 4.5, ("drawing", 3, 8)),
        Beat(12.0, 0, 0.0, ("drawing", 3, None)),
    ],
)
def test_a_beat_is_read_as_it_was_written(tmp_path: Path, beat: Beat) -> None:
    beat.write(tmp_path / "0.beat")
    assert Beat.read(tmp_path / "0.beat") == beat
    assert [path.name for path in tmp_path.iterdir()] == ["0.beat"]


@pytest.mark.parametrize(
    "said",
    [
        "", "null", "[]", "[1.0]", '["x", null, 0, null]', "[1.0, 0, 1.0, [1, 2]]", "[1, [], 0, null]",
        '{"seconds": 1}', "[1.0, Infinity, 1.0, null]", '[1.0, 0, 1.0, ["x", Infinity, null]]', "[NaN, 0, 1.0, null]",
        "[1.0, 0, -1e9, null]", "[1.0, 0, Infinity, null]", "[" * 100_000, "\x00" * 64,
    ],
    ids=lambda said: said[:30],
)  # fmt: skip
def test_what_is_no_beat_is_refused(tmp_path: Path, said: str) -> None:
    (tmp_path / "0.beat").write_text(said)
    with pytest.raises(ValueError):  # noqa: PT011
        Beat.read(tmp_path / "0.beat")


def fill(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**31)


@pytest.mark.parametrize(
    "leave",
    [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero"), fill],
    ids=["pipe", "folder", "link", "huge"],
)
def test_rubbish_in_place_of_a_sign_holds_nobody_up(tmp_path: Path, leave: Callable[[Path], object]) -> None:
    leave(tmp_path / "0.beat")
    with pytest.raises(OSError):  # noqa: PT011
        Beat.read(tmp_path / "0.beat")
    assert not Engine(tmp_path / "0.beat").is_gone()


def test_a_beat_that_cannot_be_written_ends_no_job(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Beat(1.0).write(tmp_path / "gone" / "0.beat")
    assert "no word could be left for the engine" in capsys.readouterr().err
