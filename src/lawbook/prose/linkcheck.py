"""Where the links of a text lead, and what only looks like a link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lawbook.prose.characters import shows
from lawbook.prose.markup import MATH_TOKENS, markdown_parser

if TYPE_CHECKING:
    from markdown_it.token import Token


_MAY_LINK = re.compile(r"\]\(|\]:|<[A-Za-z0-9]")
_LIKE_A_LINK = re.compile(r"\[[^\]]*\]\(")


@dataclass(frozen=True, order=True)
class Link:
    """A link of a text: where it stands (line and column from 1), its address, whether it has words to click on.

    address: None where Markdown makes no link of what is written like one, because of its address.
    """

    line: int
    column: int
    address: str | None
    has_words: bool = True


def links(text: str) -> list[Link]:
    """Every link of the text, in whichever way it is written, in order."""
    if not _MAY_LINK.search(text):
        return []
    lines = text.split("\n")
    found: list[Link] = []
    for block in markdown_parser(join_text=False).parse(text):
        if block.children is not None:
            found += _links(block.children, lines, block.map[0] if block.map else 0)
    return found


def _links(tokens: list[Token], lines: list[str], start: int) -> Iterator[Link]:
    line, column = start, 0
    for place, token in enumerate(tokens):
        if token.type == "link_open":
            address = str(token.attrs.get("href", ""))
            inside = _inside(tokens, place)
            seen = any(part.type in MATH_TOKENS or shows(part.content) for part in inside)
            line, column = _place(lines, line, column, address or "](")
            yield Link(line + 1, column + 1, address, seen)
            column += 1
    shown = "".join(token.content if token.type == "text" else " " for token in tokens)
    if _LIKE_A_LINK.search(shown):
        line, column = _place(lines, start, 0, "](")
        yield Link(line + 1, column + 1, None)


def _inside(tokens: list[Token], opening: int) -> list[Token]:
    closing = next(place for place, token in enumerate(tokens) if place > opening and token.type == "link_close")
    return tokens[opening + 1 : closing]


def _place(lines: list[str], line: int, column: int, sought: str) -> tuple[int, int]:
    """Where an address next stands, from 0: behind the given place, or else anywhere, or else at the given place."""
    for first, start in ((line, column), (0, 0)):
        for index in range(first, len(lines)):
            at = lines[index].find(sought, start if index == first else 0)
            if at >= 0:
                return index, at
    return line, column
