"""Values of defaults in source text, read without running anything."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Unread:
    """A default that is no literal, as its source text: its value is known only when the checker runs."""

    text: str


@lru_cache(maxsize=4096)
def read_literal(text: str) -> Any:
    """The value of a literal's source text, or `Unread` where it is none."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return Unread(text)
    return list(value) if isinstance(value, tuple) else value
