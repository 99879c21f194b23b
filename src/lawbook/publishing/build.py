"""Runs MkDocs over the generated tree; the same as `mkdocs build -f site/mkdocs.yml --strict` by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lawbook.publishing.settings import SITE_FOLDER, SiteError

WATCHED = ("claims", "checkers", "evidence", ".lawbook/evidence", SITE_FOLDER)


def build(root: Path, out: Path) -> None:
    """The built site at `out`; raises SiteError with MkDocs' own words where a page is wrong."""
    arguments = ["build", "--strict", "--config-file", str(root / SITE_FOLDER / "mkdocs.yml")]
    done = subprocess.run(
        [*_mkdocs(), *arguments, "--site-dir", str(out.resolve())],
        cwd=root,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SiteError(f"mkdocs found mistakes:\n{done.stdout}{done.stderr}".rstrip())


def serve(root: Path, address: str, regenerate: Callable[[], None], pause: float = 0.8) -> None:
    """Serves the site and calls `regenerate` whenever something it is made of was saved, until interrupted."""
    arguments = ["serve", "--config-file", str(root / SITE_FOLDER / "mkdocs.yml"), "--dev-addr", address]
    server = subprocess.Popen([*_mkdocs(), *arguments], cwd=root, env=_environment())
    seen = _saved(root)
    try:
        while server.poll() is None:
            time.sleep(pause)
            now = _saved(root)
            if now != seen:
                seen = now
                regenerate()
    finally:
        server.terminate()
        server.wait()
    if server.returncode > 0:
        raise SiteError(f"mkdocs serve ended with status {server.returncode}; its words stand above")


def _mkdocs() -> list[str]:
    return [sys.executable, "-m", "mkdocs"]


def _environment() -> dict[str, str]:
    """Material's notice about the future of MkDocs is known (see DESIGN) and would drown real warnings."""
    return {**os.environ, "NO_MKDOCS_2_WARNING": "1"}


def _saved(root: Path) -> frozenset[tuple[str, int]]:
    """Every watched file with the time of its last change."""
    found = set()
    for folder in WATCHED:
        for path in (root / folder).rglob("*"):
            try:
                if path.is_file() and "__pycache__" not in path.parts:
                    found.add((str(path), path.stat().st_mtime_ns))
            except OSError:
                continue
    return frozenset(found)
