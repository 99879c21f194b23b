"""A built site stays where nothing changed that it shows, and is made anew where anything did."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from lawbook.cli import main

REPOSITORY = Path(__file__).parents[2]


def build(root: Path) -> str:
    done = CliRunner().invoke(main, ["site", "build", "--root", str(root)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.slow
def test_what_is_unchanged_stays_and_any_change_is_built(
    tiny_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAWBOOK_CACHE", str(tmp_path / "cache"))
    shutil.copytree(REPOSITORY / "site", tiny_registry / "site")
    page = tiny_registry / "build/site/claims/noise-averages-out.html"
    assert "built from" in build(tiny_registry)
    made = page.stat().st_mtime_ns
    for path in (tiny_registry / "claims").rglob("*.yaml"):
        os.utime(path)
    assert "nothing changed" in build(tiny_registry)
    assert page.stat().st_mtime_ns == made

    claim = tiny_registry / "claims/laws/noise-averages-out.yaml"
    dates = claim.stat()
    claim.write_text(claim.read_text(encoding="utf-8").replace("limits: |\n", "limits: |\n  Quokkas. ", 1))
    os.utime(claim, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    assert "built from" in build(tiny_registry)
    assert "Quokkas" in page.read_text(encoding="utf-8")

    page.write_text("spoilt")
    assert "built from" in build(tiny_registry)
    assert "Quokkas" in page.read_text(encoding="utf-8")
