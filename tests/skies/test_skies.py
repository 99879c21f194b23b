"""The same registry is read, verified and published under every sky: locale, zone, home, width, path, tools."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LAWBOOK = (sys.executable, "-c", "from lawbook.cli import main; main()")
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}

# Each goes through everything, which takes seconds; so those that cannot hide one another share a sky.
SKIES: dict[str, dict[str, str | None]] = {
    "the C locale, in a narrow terminal": {
        "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "COLUMNS": "20", "LINES": "2",
    },
    "a zone that is none, without a home": {
        "TZ": ":no/such zone", "HOME": None, "XDG_CACHE_HOME": None, "XDG_CONFIG_HOME": None,
    },
    "a zone far east, without tools on the path": {
        "TZ": "Pacific/Kiritimati", "PATH": "/nowhere", "PYTHONHASHSEED": "12345",
    },
}  # fmt: skip


def plant(root: Path) -> Path:
    """The tiny registry with the repository's site at `root`."""
    shutil.copytree(TESTS / "tiny_registry", root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(TESTS.parent / "site", root / "site")
    return root


def run(root: Path, *arguments: str, sky: Mapping[str, str | None], code: int = 0) -> subprocess.CompletedProcess[str]:
    """A command that must end with `code`, without a traceback."""
    given = {**PLAIN, **sky}
    done = subprocess.run(
        [*LAWBOOK, *arguments],
        cwd=root,
        env={name: value for name, value in given.items() if value is not None},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done


def go_through(root: Path, sky: Mapping[str, str | None]) -> None:
    """Read, verify, report and publish, and find what is found everywhere."""
    assert "2 claims, 1 problem, 2 references: no errors" in run(root, "lint", sky=sky).stdout
    said = run(root, "verify", "--device", "cpu", "--report", "build/run.xml", sky=sky).stdout
    assert "2 ran, 0 fresh" in " ".join(said.split())
    listed = json.loads(run(root, "list", "--json", sky=sky).stdout)
    assert [(entry["status"], entry["stale"]) for entry in listed] == [
        ("pass", False),
        ("fail", False),
        ("unverified", False),
    ]
    assert "control" in run(root, "show", "noise-averages-out", sky=sky).stdout
    run(root, "site", "build", sky=sky)
    assert "Noise averages out" in (root / "build/site/claims/noise-averages-out.html").read_text("utf-8")
    record = json.loads((root / ".lawbook/evidence/noise-averages-out/centre.quick.cpu.json").read_text("utf-8"))
    assert record["estimate"] == pytest.approx(0.0471067, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("sky", SKIES.values(), ids=SKIES)
def test_everything_works_under(tmp_path: Path, sky: dict[str, str | None]) -> None:
    go_through(plant(tmp_path / "registry"), sky)


@pytest.mark.slow
def test_everything_works_in_any_path_though_interrupts_are_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        go_through(plant(tmp_path / "a place, é & 'λ'"), {})
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def read_only(tmp_path: Path) -> tuple[Path, tuple[str, ...]]:
    """A registry that nothing can be written to, and the words to put before a command there."""
    root = plant(tmp_path / "registry")
    if os.geteuid() != 0:
        for path in (root, *root.rglob("*")):
            path.chmod(path.stat().st_mode & 0o555)
        return root, ()
    # Root writes where it likes, except to what is mounted to be read only.
    script = f"mount --bind '{root}' '{root}' && mount -o remount,ro,bind '{root}' && cd '{root}' && exec \"$@\""
    words = ("unshare", "--mount", "sh", "-c", script, "sh")
    if not shutil.which("unshare") or subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be made read only here")
    return root, words


def test_a_checkout_that_is_read_only_can_be_read_and_verified_without_a_record(
    read_only: tuple[Path, tuple[str, ...]], tmp_path: Path
) -> None:
    root, words = read_only

    def lawbook(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*words, *LAWBOOK, *arguments]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    for arguments in (["lint"], ["list"], ["show", "noise-averages-out"], ["report"]):
        done = lawbook(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
    run_there = ("verify", "--device", "cpu")
    assert "2 ran" in lawbook(*run_there, "--no-record", "--report", str(tmp_path / "out.json")).stdout
    for arguments in (run_there, ("site", "build"), ("new", "problem", "my-problem")):
        done = lawbook(*arguments)
        assert done.returncode == 2
        assert "Read-only file system" in done.stderr or "Permission denied" in done.stderr
        assert "Traceback" not in done.stderr
