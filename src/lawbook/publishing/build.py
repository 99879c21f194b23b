"""Runs MkDocs over the generated tree; the same as `mkdocs build -f site/mkdocs.yml --strict` by hand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from lawbook.places.lock import locked
from lawbook.places.owned_folder import files_below, read_marker, refuse_strangers, remove_owned, write_marker
from lawbook.places.registry_places import PlaceError, refuse_folder
from lawbook.places.swap import new_beside, put_in_place
from lawbook.publishing.lighten import lighten
from lawbook.publishing.settings import BUILT_FOLDER, DOCS_FOLDER, SITE_FOLDER, SiteError

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
        [*mkdocs(), *arguments, "--site-dir", str(out)],
        cwd=root,
        env=mkdocs_environment(),
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


def mkdocs() -> list[str]:
    """The command of MkDocs."""
    # -P: a file of the registry that is called like a package of MkDocs' is no part of it.
    return [sys.executable, "-P", "-m", "mkdocs"]


def mkdocs_environment() -> dict[str, str]:
    """Material's notice about the future of MkDocs is known (see DESIGN) and would drown real warnings."""
    return {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
