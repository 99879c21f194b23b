"""A stretch of work that a signal may not cut in two."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C and a polite kill back meanwhile, so that no record is left without its line of history.

    By handlers, not by a mask: a mask is one thread's own, and the system gives the signal to any thread.
    """
    came: list[int] = []
    try:
        before = {
            number: signal.signal(number, lambda number, _: came.append(number))
            for number in (signal.SIGINT, signal.SIGTERM)
        }
    except ValueError:
        # Not in the main thread, which alone is interrupted.
        yield
        return
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        for late in came:
            signal.raise_signal(late)
