"""Whether a built site is still what its registry would give: by what the files hold, never by their dates."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from lawbook.evidence.freshness import installed_torch
from lawbook.evidence.times import latest_believable
from lawbook.places.user_cache import cache_folder, content_digest, reader_digest, recall, remember
from lawbook.publishing.settings import DOCS_FOLDER, SITE_FOLDER

NAME = "site"
MADE_OF = ("claims", "checkers", "evidence", ".lawbook/evidence", SITE_FOLDER)
LIBRARIES = (
    "jinja2", "markdown", "markdown-it-py", "mdit-py-plugins", "mkdocs", "mkdocs-material", "nh3", "pydantic",
    "pymdown-extensions", "pyyaml", "pybtex", "quickjs", "igraph",
)  # fmt: skip


def stands(root: Path, target: Path) -> bool:
    """Whether the site at `target`, and the pages it was made of, are as `keep` left them, and so is all they show."""
    if cache_folder() is None:
        return False
    known = recall(root, NAME, _reader()).get(str(target))
    return known is not None and known == _both(root, target)


def keep(root: Path, target: Path) -> None:
    """Remember a site that was just built."""
    if cache_folder() is not None:
        known = recall(root, NAME, _reader())
        remember(root, NAME, _reader(), known | {str(target): _both(root, target)})


def _reader() -> str:
    return reader_digest(("",), LIBRARIES)


def _both(root: Path, target: Path) -> list[str]:
    # What is dated later than today is told; and a record is stale where another torch stands.
    around = f"{latest_believable()[:10]} {installed_torch()}"
    return [_digest([root / folder for folder in MADE_OF], around), _digest([root / DOCS_FOLDER, target], "")]


def _digest(folders: list[Path], around: str) -> str:
    digest = hashlib.sha256(around.encode())
    for folder in folders:
        for path in _files(folder):
            digest.update(content_digest(os.fsencode(path.relative_to(folder)), path.read_bytes()).encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (path for name in sorted(names) if (path := Path(above, name)).is_file())
