"""What all commands have in common: names that are nearly right, and a system that refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lawbook.cli import main


def lawbook(command: str, root: Path) -> list[str]:
    """The command line that runs a command in a process of its own."""
    return [sys.executable, "-c", "from lawbook.cli import main; main()", command, "--root", str(root)]


def test_a_command_that_is_nearly_right_is_named() -> None:
    result = CliRunner().invoke(main, ["lits"])
    assert result.exit_code == 2
    assert "no command 'lits'; did you mean 'list'?" in result.stderr


@pytest.mark.parametrize("command", ["show", "cite", "verify", "reproduce"])
@pytest.mark.parametrize(
    ("id", "meant"),
    [
        ("nothing-like-it", "`lawbook list` shows every id"),
        ("noise-averges-out", "mean 'noise-averages-out'?"),
    ],
)
def test_an_unknown_id_is_told_alike_everywhere(tiny_registry: Path, command: str, id: str, meant: str) -> None:
    result = CliRunner().invoke(main, [command, id, "--root", str(tiny_registry)])
    assert result.exit_code == 2
    assert f"no claim or open problem has the id '{id}'; " in result.stderr
    assert result.stderr.rstrip().endswith(meant)


@pytest.mark.parametrize(
    "command", ["show", "cite", "verify", "reproduce", "try", "map", "review", "rehearse", "report"]
)
@pytest.mark.parametrize("shape", ["{}", "noise-averages-out/{}", "--{}", "--tier={}"])
def test_what_was_typed_never_steers_the_terminal(tiny_registry: Path, command: str, shape: str) -> None:
    typed = shape.format("a\x1b[31mb\u202ec\x9b")
    result = CliRunner().invoke(main, [command, typed, "--root", str(tiny_registry)], color=True)
    assert result.exit_code == 2
    assert all(character.isprintable() or character == "\n" for character in result.output)


@pytest.mark.parametrize("command", ["verify", "reproduce", "try", "map"])
def test_a_part_that_is_left_out_is_not_the_whole(tiny_registry: Path, command: str) -> None:
    result = CliRunner().invoke(main, [command, "noise-averages-out/", "--root", str(tiny_registry)])
    assert result.exit_code == 2
    assert "has no" in result.stderr


def test_reproducing_what_is_not_recorded_says_what_to_run(tiny_registry: Path) -> None:
    arguments = ["reproduce", "noise-averages-out", "--tier", "full", "--root", str(tiny_registry)]
    assert "run: lawbook verify noise-averages-out --tier full" in CliRunner().invoke(main, arguments).stderr


def test_what_the_system_refuses_is_one_line_and_status_2(tiny_registry: Path) -> None:
    (tiny_registry / "checkers/limits").write_text("a file in the way")
    arguments = ["new", "claim", "my-law", "--strand", "limits", "--root", str(tiny_registry)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: {tiny_registry / 'checkers/limits'}")


def test_a_command_that_is_interrupted_ends_with_130(tiny_registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(root: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("lawbook.registry.load.load_registry", interrupt)
    result = CliRunner().invoke(main, ["list", "--root", str(tiny_registry)])
    assert (result.exit_code, result.stderr) == (130, "interrupted\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
def test_a_full_disk_behind_the_output_is_one_line(tiny_registry: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(lawbook("list", tiny_registry), stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr == b"Error: No space left on device\n"


def test_signs_that_the_output_cannot_hold_are_spelled_out(tiny_registry: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    done = subprocess.run(lawbook("list", tiny_registry), env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"\\u2013" in done.stdout
