"""Which contents of evidence were read with all care before, by this very code, and found whole.

The same bytes need no second look at what their numbers, keys and lengths may be; they are still read into models.
"""

from __future__ import annotations

from pathlib import Path

from lawbook.places.user_cache import content_digest, reader_digest, recall, remember

NAME = "evidence"
FOLDERS = ("evidence", "registry", "places")
LIBRARIES = ("pydantic", "pydantic_core")


class Checked:
    """What was found whole, of one registry; `save` keeps what this pass has met."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._reader = reader_digest(FOLDERS, LIBRARIES)
        self._before = frozenset(recall(root, NAME, self._reader))
        self._met: set[str] = set()

    def digest(self, content: bytes) -> str:
        """The name under which a content is known."""
        return content_digest(content)

    def holds(self, digest: str) -> bool:
        """Whether it was found whole before."""
        if digest in self._before:
            self._met.add(digest)
        return digest in self._before

    def add(self, digest: str) -> None:
        """Say that a content was found whole."""
        self._met.add(digest)

    def save(self) -> None:
        """Keep it for the next command, where it differs from what was kept."""
        if self._met != self._before:
            remember(self._root, NAME, self._reader, dict.fromkeys(sorted(self._met), 1))
