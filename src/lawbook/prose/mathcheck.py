"""Where the formulas of a text are bad, or are none, for `lawbook lint`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from lawbook.prose.markup import MATH_TOKENS, markdown_parser
from lawbook.prose.math import MathError, check_math
from lawbook.prose.stray_dollars import is_prose
from lawbook.prose.tablecheck import table_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

LONE_DOLLAR = r"this $ opens or closes no formula; write \$ for the sign itself"
STRAY_DOLLAR = (
    r"this $ opens no formula, for prose stands between it and the next; write \$ for the sign itself, "
    r"\text{…} for words in a formula"
)
# A dollar sign, or a command of LaTeX, in a text.
_OUTSIDE = re.compile(r"\$|\\[A-Za-z]{2,}")


@dataclass(frozen=True, order=True)
class BadMath:
    """A formula that cannot be typeset as it was meant: where in the text (line and column from 1) and why."""

    line: int
    column: int
    message: str


def bad_math(text: str) -> list[BadMath]:
    """Every formula that KaTeX or a table spoils, and every dollar sign that belongs to no formula, in order."""
    lines = text.split("\n")
    blocks = markdown_parser(join_text=False).parse(text)
    tables = list(table_faults(blocks, lines)) if "|" in text else []
    found = [BadMath(fault.line + 1, fault.column + 1, fault.message) for fault in tables]
    # What else is odd in such a row follows from how the bars have cut it.
    spoilt = {fault.line for fault in tables}
    place = (0, 0)
    for block in blocks:
        start, end = block.map or (0, 1)
        if block.type in MATH_TOKENS:
            found += _judge(block, lines, start, lines[start].find("$$"))
        elif block.children is not None and spoilt.isdisjoint(range(start, end)):
            place = max(place, (start, 0))
            place = _find(lines, *place, block.content) if place[0] == start else (start, 0)
            found += _inline(block.children, lines, *place)
            place = _behind(lines, *place, block.content)
    return sorted(found)


def _inline(tokens: list[Token], lines: list[str], line: int, column: int) -> Iterator[BadMath]:
    """Walks through the tokens and the source side by side, since inline tokens do not know their place.

    Ends at the first dollar sign that only seems to open a formula: behind it the signs are paired wrongly.
    """
    lone = False
    for token in _texts_joined(tokens):
        for piece in _source_of(token):
            line, column = _find(lines, line, column, piece)
            behind = _behind(lines, line, column, piece)
            if token.type in MATH_TOKENS:
                if is_prose(token.content, lines[line][:column], lines[behind[0]][behind[1] :]):
                    yield BadMath(line + 1, column + 1, STRAY_DOLLAR)
                    return
                yield from _judge(token, lines, line, column)
            elif piece == "$":
                lone = True
                yield BadMath(line + 1, column + 1, LONE_DOLLAR)
            elif token.type == "text" and not lone:
                # Behind a lone sign it stands in the formula that the sign was to open.
                yield BadMath(line + 1, column + 1, f"{piece} stands outside a formula; write it between dollar signs")
            line, column = behind


def _texts_joined(tokens: list[Token]) -> Iterator[Token]:
    """The tokens, with texts that follow one another as one: a backslash before a letter is a token of its own."""
    for is_text, run in groupby(tokens, key=_is_text):
        parts = list(run)
        if is_text and len(parts) > 1:
            yield parts[0].copy(type="text", content="".join(part.content for part in parts))
        else:
            yield from parts


def _is_text(token: Token) -> bool:
    return token.type == "text" or (token.type == "text_special" and token.content[1:].isalpha())


def _source_of(token: Token) -> list[str]:
    """The stretches of source that a token certainly stands for: formulas, code, and what looks like a part of one."""
    if token.type in MATH_TOKENS:
        dollars = token.markup
        return [f"{dollars}{token.content}{dollars}"]
    if token.type == "code_inline":
        return [f"{token.markup}{token.content}"]
    if token.type == "text_special":
        return [token.markup]
    return _OUTSIDE.findall(token.content) if token.type == "text" else []


def _find(lines: list[str], line: int, column: int, piece: str) -> tuple[int, int]:
    """Where a piece of source next begins, by its first line; where it stands already if it is not found."""
    head = piece.split("\n", 1)[0]
    for index in range(line, len(lines)):
        at = lines[index].find(head, column if index == line else 0)
        if at >= 0:
            return index, at
    return line, column


def _behind(lines: list[str], line: int, column: int, piece: str) -> tuple[int, int]:
    """The place just behind a piece of source that begins at the given place."""
    *before, last = piece.split("\n")
    if not before:
        return line, column + len(last)
    end = min(line + len(before), len(lines) - 1)
    return end, max(lines[end].find(last), 0) + len(last)


def _judge(token: Token, lines: list[str], line: int, column: int) -> Iterator[BadMath]:
    """The mistake of a formula whose opening dollar stands at the given place, if it has one."""
    tex = token.content.strip()
    try:
        check_math(tex, MATH_TOKENS[token.type])
    except MathError as error:
        line, column = _find(lines, line, column + len(token.markup), tex)
        before = tex[: min(error.position or 0, len(tex))].split("\n")
        line = min(line + len(before) - 1, len(lines) - 1)
        column = column + len(before[0]) if len(before) == 1 else len(before[-1])
        yield BadMath(line + 1, column + 1, str(error))
