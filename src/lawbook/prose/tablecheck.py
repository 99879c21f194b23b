r"""Where bars break the tables of a text: Markdown ends a cell at every `|`, inside a formula and code too.

A bar behind a backslash stays in its cell but loses the backslash, so that the norm `\|x\|` is set as `|x|`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lawbook.prose.stray_dollars import is_prose

if TYPE_CHECKING:
    from markdown_it.token import Token

BAR_IN_FORMULA = (
    r"a bar inside a formula does not survive in a table: "
    r"write \lVert … \rVert for a norm, \lvert … \rvert for an absolute value, \mid between"
)
BAR_IN_CODE = r"this bar ends the cell, though it stands in code; write \| for it"
NO_TABLE = "the line below marks {marked} columns and this one has {cells} cells, so this is no table"
TOO_MANY = "the table has {columns} columns and this row {cells} cells; the last are dropped"

_DELIMITERS = re.compile(r"[\s>]*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_PIECES = re.compile(r"(?P<code>(?<!`)(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`))|\\.|\$\$.+?\$\$|\$(?:\\.|[^$\\])+\$")


@dataclass(frozen=True)
class TableFault:
    """What is wrong in a line of a table; line and column from 0."""

    line: int
    column: int
    message: str


def table_faults(blocks: list[Token], lines: list[str]) -> Iterator[TableFault]:
    """The faults of every table of the parsed text, and of what was meant as one; at most one a row."""
    closed: set[int] = set()
    columns = 0
    in_head = False
    for block in blocks:
        if block.map and block.type in ("table_open", "fence", "code_block", "math_block"):
            closed.update(range(*block.map))
        if block.type in ("thead_open", "thead_close"):
            in_head = block.type == "thead_open"
            columns = 0 if in_head else columns
        columns += block.type == "th_open"
        if block.type == "tr_open" and block.map:
            yield from _row(lines, block.map[0], None if in_head else columns)
    for number, line in enumerate(lines[1:], start=1):
        if "|" in line and "-" in line and number not in closed and _DELIMITERS.fullmatch(line):
            yield from _would_be_table(lines, number, marked=len(_cells(line)))


def _row(lines: list[str], number: int, columns: int | None) -> Iterator[TableFault]:
    """The fault of a row; columns: how many the table has, None for its head, which says how many."""
    fault = _bar(lines[number], number)
    cells = len(_cells(lines[number]))
    if fault is not None:
        yield fault
    elif columns is not None and cells > columns:
        start = len(lines[number]) - len(lines[number].lstrip(" >"))
        yield TableFault(number, start, TOO_MANY.format(columns=columns, cells=cells))


def _would_be_table(lines: list[str], number: int, marked: int) -> Iterator[TableFault]:
    above = lines[number - 1]
    cells = len(_cells(above))
    if "|" not in above or not above.strip(" >|"):
        return
    if cells == marked:
        return
    start = len(above) - len(above.lstrip(" >"))
    yield _bar(above, number - 1) or TableFault(number - 1, start, NO_TABLE.format(marked=marked, cells=cells))


def _bar(line: str, number: int) -> TableFault | None:
    """The first bar of a row that stands in a formula, or unescaped in code."""
    for piece in _PIECES.finditer(line):
        at, bar = piece.start(), None
        if piece["code"]:
            bar = re.search(r"(?<!\\)\|", piece.group())
        elif piece.group().startswith("$"):
            inside = piece.group().strip("$").replace("|", " ")
            bar = None if is_prose(inside, line[:at], line[piece.end() :]) else re.search(r"\|", piece.group())
        if bar:
            return TableFault(number, at + bar.start(), BAR_IN_CODE if piece["code"] else BAR_IN_FORMULA)
    return None


def _cells(line: str) -> list[str]:
    """The cells of a row as Markdown cuts them: at each bar without a backslash before it."""
    cells = re.split(r"(?<!\\)\|", line.strip(" \t>"))
    return cells[not cells[0].strip() : len(cells) - (not cells[-1].strip())]
