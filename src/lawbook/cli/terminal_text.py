"""Prose and numbers for a terminal: formulas as symbols, lines as wide as it is."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterator

from lawbook.prose.plain_math import set_formulas
from lawbook.terminal.screen import screen

# Where nothing says how wide the terminal is, as in a pipe; and beyond the widest a line is not found again.
WIDTH, NARROWEST, WIDEST = 96, 40, 110
# What begins a line of its own: an item, a quotation, a heading, a row of a table.
_OWN_LINE = re.compile(r"\s*(?:[-*+>#|]|\d+[.)])\s")


def legible(text: str) -> str:
    """The text with its formulas as symbols, where the terminal has these."""
    return text if screen().is_ascii else set_formulas(text)


def section(title: str, text: str) -> Iterator[str]:
    """A title and paragraphs under it; nothing where there is no text."""
    if text:
        yield ""
        yield title
        yield from _paragraphs(legible(text))


def items(title: str, listed: list[str]) -> Iterator[str]:
    """A title and a list under it; nothing where the list is empty."""
    if listed:
        yield ""
        yield title
        for item in listed:
            yield fill(item, "  - ", "    ")


def wrapped(text: str) -> Iterator[str]:
    """One remark, its further lines further in."""
    yield fill(text, "  ", "    ")


def fill(text: str, first: str, rest: str) -> str:
    """The text as lines of the terminal's width. first, rest: what they begin with."""
    columns = max(NARROWEST, min(shutil.get_terminal_size((WIDTH, 24)).columns, WIDEST))
    return textwrap.fill(
        legible(text),
        columns,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def number(value: float | None) -> str:
    """Five digits, or that there is no estimate."""
    return "no estimate" if value is None else f"{value:.5g}"


def interval(ends: tuple[float | None, float | None] | None) -> str:
    """An interval in text; an open end is None."""
    from lawbook.verdicts.intervals import describe

    if ends is None:
        return "none"
    low, high = ends
    return describe((-float("inf") if low is None else low, float("inf") if high is None else high))


def _paragraphs(text: str) -> Iterator[str]:
    """Markdown's paragraphs, each filled anew; items and rows keep their lines, as does code."""
    is_code = False
    gathered: list[str] = []
    lines = text.rstrip().splitlines()
    for number, line in enumerate([*lines, ""]):
        is_fence = line.lstrip().startswith("```")
        if gathered and (not line.strip() or is_code or is_fence or _OWN_LINE.match(line)):
            yield fill(" ".join(part.strip() for part in gathered), "  ", _hanging(gathered[0]))
            gathered = []
        is_code ^= is_fence
        if is_code or is_fence or line.startswith("    "):
            yield f"  {line}"
        elif line.strip():
            gathered.append(line)
        elif number < len(lines):
            yield ""


def _hanging(first: str) -> str:
    return "    " if _OWN_LINE.match(first) else "  "
