"""What is wrong, where, and what was meant: the one form in which the registry reports mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

LONGEST = 500


@dataclass(frozen=True, order=True)
class Diagnostic:
    """One mistake: `path:line:column: what; meant`.

    path is relative to the registry's root; lines and columns count from 1.
    """

    path: Path
    line: int
    column: int
    what: str
    meant: str = ""

    def __str__(self) -> str:
        said = f"{self.what}; {self.meant}" if self.meant else self.what
        return printable(f"{self.path}:{self.line}:{self.column}: {said}", LONGEST)


def printable(text: str, longest: int) -> str:
    """One line to read: what a stranger's text holds must neither flood nor break nor steer what shows it."""
    shown = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in shown
    )


class RegistryError(Exception):
    """The registry cannot be used; carries every mistake found, never only the first."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(str(diagnostic) for diagnostic in diagnostics))
        self.diagnostics = diagnostics
