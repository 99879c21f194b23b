"""Commands do their work, or say in one line why not, whichever of their streams is closed or full."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LAWBOOK = f'"{sys.executable}" -c "from lawbook.cli import main; main()"'


def shell(line: str, root: Path) -> subprocess.CompletedProcess[str]:
    command = f"{LAWBOOK} {line.replace('ROOT', str(root))}"
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_run_with_closed_streams_records_what_it_measures(tiny_registry: Path, closed: str) -> None:
    done = shell(f"verify --force --device cpu --root ROOT {closed}", tiny_registry)
    assert (done.returncode, done.stderr) == (0, "")
    records = sorted((tiny_registry / ".lawbook/evidence").glob("*/*.cpu.json"))
    assert len(records) == 2
    listed = shell("list --root ROOT", tiny_registry)
    assert "damaged" not in listed.stderr  # no output went into a record


@pytest.mark.parametrize("command", ["lint", "list", "report", "show noise-averages-out"])
def test_reading_with_closed_output_is_no_error(tiny_registry: Path, command: str) -> None:
    assert shell(f"{command} --root ROOT >&-", tiny_registry).returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device that is always full is Linux's")
@pytest.mark.parametrize("command", ["verify --device cpu", "list"])
def test_a_full_output_is_one_line_and_status_2(tiny_registry: Path, command: str) -> None:
    done = shell(f"{command} --root ROOT >/dev/full", tiny_registry)
    assert (done.returncode, done.stderr) == (2, "Error: No space left on device\n")
    done = shell(f"{command} --root ROOT >/dev/full 2>/dev/full", tiny_registry)
    assert done.returncode == 2
    assert shell("nonsense 2>/dev/full", tiny_registry).returncode == 2
