"""Serves the site while its registry is worked on: what was edited is seen first, all that speaks of it a little later.

MkDocs' server builds again what changed in the tree of pages, and nothing else. After a save we write the pages of the
entries that it touched, which takes seconds in a registry of any size, and then the whole tree in a process of its
own, which the next save ends.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import IO

from lawbook.publishing.build import mkdocs, mkdocs_environment
from lawbook.publishing.settings import SITE_FOLDER, SiteError

WATCHED = ("claims", "checkers", "evidence", ".lawbook/evidence", SITE_FOLDER)
# What stands in every page: after a change of it MkDocs must build them all.
IN_EVERY_PAGE = ("overrides", "mkdocs.yml")
GENERATE = "from lawbook.cli import main; main()"
# MkDocs warns of its own way to build what changed; what it fears is looked after here.
KNOWN_WARNING = "'dirty' build is being performed"
PAUSE = 0.5
Saved = frozenset[tuple[str, int]]


def serve(
    root: Path, address: str, show_edited: Callable[[frozenset[Path]], bool], when_up: Callable[[], None] | None = None
) -> None:
    """Serves the site until interrupted.

    show_edited: writes the pages that changed files touch, and says whether the registry can be read, so that the
    whole tree may follow. when_up: called once the server answers, as it builds the site first.
    """
    server = _Server(root, address)
    rest = _Rest(root)
    seen = _saved(root)
    try:
        while server.is_running:
            time.sleep(PAUSE)
            if when_up is not None and _answers(address):
                when_up()
                when_up = None
            now = _saved(root)
            if now != seen:
                changed = frozenset(Path(path) for path, _ in now ^ seen)
                seen = now
                rest.stop()
                if show_edited(changed):
                    rest.start(is_whole=any(is_in_every_page(root, path) for path in changed))
            if rest.is_done_and_wants_all_pages:
                server.restart()
    finally:
        rest.stop()
        server.stop()
    if server.status > 0:
        raise SiteError(f"mkdocs serve ended with status {server.status}; its words stand above")


@dataclass
class _Server:
    """MkDocs' own server."""

    root: Path
    address: str
    _process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        config = self.root / SITE_FOLDER / "mkdocs.yml"
        arguments = ["serve", "--dirty", "--config-file", str(config), "--dev-addr", self.address]
        self._process = subprocess.Popen(
            [*mkdocs(), *arguments], cwd=self.root, env=mkdocs_environment(), stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        Thread(target=_pass_on, args=(self._process.stderr,), daemon=True).start()

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def status(self) -> int:
        """How it ended; below nought where we ended it."""
        return self._process.returncode

    def restart(self) -> None:
        self.stop()
        self._start()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@dataclass
class _Rest:
    """The whole tree, made by a process of its own."""

    root: Path
    _process: subprocess.Popen[str] | None = None
    _is_whole: bool = False

    def start(self, *, is_whole: bool) -> None:
        """is_whole: whether MkDocs must then build every page."""
        self._is_whole = is_whole or self._is_whole
        arguments = ["site", "generate", "--root", str(self.root)]
        self._process = subprocess.Popen([sys.executable, "-c", GENERATE, *arguments], text=True)

    def stop(self) -> None:
        """What it has written stands; what it has not, the next one will."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    @property
    def is_done_and_wants_all_pages(self) -> bool:
        """True once."""
        if self._process is None or self._process.poll() is None:
            return False
        wants, self._process, self._is_whole = self._is_whole, None, False
        return wants


def _pass_on(words: IO[str]) -> None:
    with suppress(ValueError):  # closed under us as the server ends
        for line in words:
            if KNOWN_WARNING not in line:
                sys.stderr.write(line)
                sys.stderr.flush()


def is_in_every_page(root: Path, path: Path) -> bool:
    """Whether every page holds something of that file, so that MkDocs must build them all again."""
    site = root / SITE_FOLDER
    return any(path.is_relative_to(site / part) for part in IN_EVERY_PAGE)


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=1):
            return True
    except OSError:
        return False


def _saved(root: Path) -> Saved:
    """Every watched file with the time of its last change."""
    found = set()
    for folder in WATCHED:
        for above, folders, names in os.walk(root / folder):
            folders[:] = [name for name in folders if name != "__pycache__"]
            for name in names:
                path = os.path.join(above, name)
                with suppress(OSError):
                    found.add((path, os.stat(path).st_mtime_ns))
    return frozenset(found)
