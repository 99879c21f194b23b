"""How far a checker is, in one line of a terminal that leaves prints and debuggers alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sized
from typing import Any

from lawbook.registry.diagnostics import printable

SECONDS_BEFORE_FIRST, SECONDS_BETWEEN = 1.0, 0.5
LONGEST_LABEL = 60
CLEAR = "\r\x1b[K"


def track_on_stderr(iterable: Iterable[Any], label: str) -> Iterator[Any]:
    """The items; where stderr is a terminal, it shows how many are done, and is clean again whenever one is worked on.

    A line that stood while the checker works would be written into by its prints and by a debugger.
    """
    if not sys.stderr.isatty():
        yield from iterable
        return
    total = f" of {len(iterable)}" if isinstance(iterable, Sized) else ""
    told = time.monotonic() + SECONDS_BEFORE_FIRST - SECONDS_BETWEEN
    said = printable(label, LONGEST_LABEL)
    for done, item in enumerate(iterable):
        if time.monotonic() - told >= SECONDS_BETWEEN:
            told = time.monotonic()
            sys.stderr.write(f"{CLEAR}{said}: {done}{total}")
            sys.stderr.flush()
        yield item
    sys.stderr.write(CLEAR)
    sys.stderr.flush()
