"""The standard streams, where whoever started us closed them (`lawbook verify >&-`)."""

from __future__ import annotations

import os
import sys


def open_missing_streams() -> None:
    """Lead closed standard streams nowhere, so that no file of ours takes a stream's number and is written into."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)
    # Python's own may be missing though the number is taken by now: by something that is not to be written into.
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - as long as the process
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
