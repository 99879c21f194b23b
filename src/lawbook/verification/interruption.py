"""Ends a run politely, whichever way it is asked to end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible() -> Iterator[None]:
    """Make a polite kill end the run as Ctrl-C does; and Ctrl-C too where whoever started us ignores it.

    A script that runs us in the background passes its deafness on, and `timeout --signal=INT` would wait for ever.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    except ValueError:
        # Not in the main thread, to which alone signals come.
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
