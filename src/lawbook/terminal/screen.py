"""How wide the terminal is, and whether it can show more than ASCII."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass

WIDEST, NARROWEST = 110, 40
# What drawings are made of: if its encoding has these, it has the others.
DRAWN_WITH = "⣿░█│└─−⁻"


@dataclass(frozen=True)
class Screen:
    """columns: how wide a drawing may be. is_ascii: whether it must do with ASCII."""

    columns: int = 80
    is_ascii: bool = False


def screen() -> Screen:
    """That of standard output; the width follows COLUMNS, within what is read at a glance."""
    columns = shutil.get_terminal_size().columns
    try:
        DRAWN_WITH.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return Screen(_within(columns), is_ascii=True)
    return Screen(_within(columns))


def _within(columns: int) -> int:
    return max(NARROWEST, min(columns, WIDEST))
