"""Runs MkDocs over the generated tree; the same as `mkdocs build -f site/mkdocs.yml --strict` by hand."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lawbook.places.lock import locked
from lawbook.places.owned_folder import files_below, read_marker, refuse_strangers, remove_owned, write_marker
from lawbook.places.registry_places import PlaceError, refuse_folder
from lawbook.places.swap import new_beside, put_in_place
from lawbook.publishing.lighten import lighten
from lawbook.publishing.settings import BUILT_FOLDER, DOCS_FOLDER, SITE_FOLDER, SiteError

WATCHED = ("claims", "checkers", "evidence", ".lawbook/evidence", SITE_FOLDER)
MADE_BY_MKDOCS = frozenset({"404.html", "sitemap.xml", "sitemap.xml.gz", "assets/images/favicon.png"})
FOLDERS_OF_MKDOCS = ("assets/javascripts/", "assets/stylesheets/", "search/")
# The last line of a traceback that ends in what the system would not do.
REFUSED_BY_SYSTEM = re.compile(r"^(?:\w+Error): \[Errno \d+\] (.+)\s*\Z", re.MULTILINE)


def check_target(root: Path, out: Path) -> Path:
    """Where the site will stand, links followed; raises PlaceError where `build` may not put it there."""
    target = refuse_folder(root, out, "--out")
    docs = (root / DOCS_FOLDER).resolve()
    if target == docs or docs in target.parents:
        raise PlaceError(
            f"--out {out} is or lies in {docs}, the pages that the site is made of; "
            "name a folder of its own, as build/site"
        )
    is_default = target == (root / BUILT_FOLDER).resolve()
    refuse_strangers(target, _left_by_mkdocs(root / DOCS_FOLDER) if is_default else lambda path: False)
    return target


def build(root: Path, out: Path) -> None:
    """The built site at `out`, in place of an earlier one, which stands until the new one is whole.

    Raises SiteError with MkDocs' own words where a page is wrong, and PlaceError as `check_target` does.
    """
    target = check_target(root, out)
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked((root / DOCS_FOLDER).resolve()) as pages, locked(target.parent) as place:
        new = new_beside(target)
        try:
            _run_mkdocs(root, new, (pages, place))
            lighten(new)
            write_marker(new, files_below(new))
            check_target(root, out)
            put_in_place(new, target)
        finally:
            if new.exists():
                remove_owned(new)


def _run_mkdocs(root: Path, out: Path, locks: tuple[int, ...]) -> None:
    arguments = ["build", "--strict", "--config-file", str(root / SITE_FOLDER / "mkdocs.yml")]
    done = subprocess.run(
        [*_mkdocs(), *arguments, "--site-dir", str(out)],
        cwd=root,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        pass_fds=locks,
    )
    if refused := REFUSED_BY_SYSTEM.search(done.stderr):
        raise SiteError(f"the site was not built: {refused[1]}; what stood there before stands as it was")
    if done.returncode:
        raise SiteError(f"mkdocs found mistakes:\n{done.stdout}{done.stderr}".rstrip())


def _left_by_mkdocs(docs: Path) -> Callable[[str], bool]:
    """What `mkdocs build` by hand leaves in the default folder, which then bears no marker, or an older one."""
    pages = {f"{path.removesuffix('.md')}.html" if path.endswith(".md") else path for path in read_marker(docs) or ()}
    return lambda path: path in pages or path in MADE_BY_MKDOCS or path.startswith(FOLDERS_OF_MKDOCS)


def serve(
    root: Path,
    address: str,
    regenerate: Callable[[], None],
    pause: float = 0.8,
    when_up: Callable[[], None] | None = None,
) -> None:
    """Serves the site and calls `regenerate` whenever something it is made of was saved, until interrupted.

    when_up: called once the server answers, as it builds the site first.
    """
    arguments = ["serve", "--config-file", str(root / SITE_FOLDER / "mkdocs.yml"), "--dev-addr", address]
    server = subprocess.Popen([*_mkdocs(), *arguments], cwd=root, env=_environment())
    seen = _saved(root)
    try:
        while server.poll() is None:
            time.sleep(pause)
            if when_up is not None and _answers(address):
                when_up()
                when_up = None
            now = _saved(root)
            if now != seen:
                seen = now
                regenerate()
    finally:
        server.terminate()
        server.wait()
    if server.returncode > 0:
        raise SiteError(f"mkdocs serve ended with status {server.returncode}; its words stand above")


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=1):
            return True
    except OSError:
        return False


def _mkdocs() -> list[str]:
    # -P: a file of the registry that is called like a package of MkDocs' is no part of it.
    return [sys.executable, "-P", "-m", "mkdocs"]


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
