"""`make check` runs every linter to its end, and `make lint` ends at the first that finds something."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / ".ci/check"
LINTERS = ("ruff", "mypy", "lawbook", "check-jsonschema", "zizmor")


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder with a command for each linter that says its name and fails where there is a file `NAME.fails`."""
    for name in LINTERS:
        command = tmp_path / name
        command.write_text('#!/bin/sh\necho "$(basename "$0") $1"\n[ ! -e "$0.fails" ]\n')
        command.chmod(0o755)
    return tmp_path


def check(commands: Path, *failing: str, first: bool = False) -> tuple[int, list[str]]:
    for name in failing:
        (commands / f"{name}.fails").touch()
    ran = subprocess.run(
        ["bash", str(CHECK), *(["--first"] if first else [])],
        env={**os.environ, "BIN": str(commands)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout.splitlines()


def test_where_nothing_is_found_it_says_so(commands: Path) -> None:
    status, lines = check(commands)
    assert (status, lines[-1]) == (0, "Every linter passes.")
    assert [line.split()[0] for line in lines[:-1]] == [
        "ruff", "ruff", "mypy", "lawbook", "check-jsonschema", "check-jsonschema", "zizmor",
    ]  # fmt: skip


def test_every_linter_runs_whatever_the_others_found(commands: Path) -> None:
    status, lines = check(commands, "ruff", "lawbook")
    assert status == 1
    assert any(line.startswith("zizmor") for line in lines)
    assert "Found something: ruff, ruff format, lawbook lint." in lines
    assert "make format" in lines[-1]


def test_what_no_formatter_mends_is_not_promised(commands: Path) -> None:
    status, lines = check(commands, "mypy")
    assert status == 1
    assert lines[-1] == "Found something: mypy."


def test_asked_for_the_first_it_ends_there(commands: Path) -> None:
    status, lines = check(commands, "mypy", "zizmor", first=True)
    assert status == 1
    assert lines[-1] == "Found something: mypy."
    assert not any(line.startswith("zizmor") for line in lines)
