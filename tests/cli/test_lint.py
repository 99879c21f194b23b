from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from lawbook.cli import main

CLAIM = "claims/laws/noise-averages-out.yaml"
MakeRegistry = Callable[[Mapping[str, tuple[str, str]]], Path]


def test_a_valid_registry_is_summed_up_in_one_line(tiny_registry: Path) -> None:
    result = CliRunner().invoke(main, ["lint", "--root", str(tiny_registry)])
    assert result.exit_code == 0
    assert result.stdout == "2 claims, 1 problem, 2 references: no errors\n"
    assert result.stderr == ""


def test_errors_go_to_stderr_and_exit_with_2(make_registry: MakeRegistry) -> None:
    root = make_registry({CLAIM: ("kind: theorem", "kind: x")})
    result = CliRunner().invoke(main, ["lint", "--root", str(root)])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"{CLAIM}:3:7: 'kind' must be one of theorem")


def test_paths_are_those_of_the_shell_or_of_the_root(
    make_registry: MakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_registry({CLAIM: ("kind: theorem", "kind: x")})
    monkeypatch.chdir(root / "claims")
    assert CliRunner().invoke(main, ["lint", "laws"]).exit_code == 2
    assert CliRunner().invoke(main, ["lint", "limits", "claims/open-problems"]).exit_code == 0


@pytest.mark.parametrize("path", ["claims/laws/nowhere.yaml", "checkers", ".."])
def test_a_path_outside_the_registry_is_a_usage_error(tiny_registry: Path, path: str) -> None:
    result = CliRunner().invoke(main, ["lint", "--root", str(tiny_registry), path])
    assert result.exit_code == 2
    assert path in result.stderr


def test_without_a_registry_it_says_where_one_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["lint"])
    assert result.exit_code == 2
    assert "no registry here" in result.stderr
    result = CliRunner().invoke(main, ["lint", "--root", str(tmp_path)])
    assert result.exit_code == 2
    assert "holds no 'claims/'" in result.stderr


@pytest.mark.parametrize("arguments", [["lint"], ["schema"], ["cite", "noise-averages-out"]])
def test_reading_the_registry_loads_no_heavy_library(tiny_registry: Path, arguments: list[str]) -> None:
    script = (
        "import sys\n"
        "from lawbook.cli import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        "heavy = {'torch', 'numpy', 'scipy', 'sklearn', 'matplotlib', 'pandas', 'mkdocs', 'checkers'}\n"
        "print('loaded:', *sorted(heavy & sys.modules.keys()))\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script], cwd=tiny_registry, capture_output=True, text=True, check=True
    )
    assert finished.stdout.splitlines()[-1] == "loaded:"
