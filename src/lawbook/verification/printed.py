"""What a checker prints, kept so that somebody can be told of it, and passed on as it comes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any, TextIO

from lawbook.verification.jobs import Measured, Result

# Characters, the last of them: enough to see what was asked, too few to flood a pipe.
KEPT = 4000


class Printed:
    """A stream that passes everything on and remembers its end. lines: how many were printed in all."""

    def __init__(self, onward: TextIO) -> None:
        self._onward = onward
        self._end = ""
        self.lines = 0

    def write(self, text: str) -> int:
        self.lines += text.count("\n")
        self._end = (self._end + text)[-KEPT:]
        return self._onward.write(text)

    def __getattr__(self, name: str) -> Any:
        # Whatever else a stream can do is the affair of the one behind.
        return getattr(self._onward, name)

    @property
    def text(self) -> str:
        """The end of what was printed."""
        return self._end


def printed_by(result: Result) -> tuple[str, int]:
    """The end of what a checker printed that measured, and how many lines in all; an error has its output instead."""
    return (result.printed, result.printed_lines) if isinstance(result, Measured) else ("", 0)


@contextmanager
def listening() -> Iterator[Printed]:
    """Hears what is printed to standard output while it lasts."""
    heard = Printed(sys.stdout)
    with redirect_stdout(heard):
        yield heard
