"""Whether a text shows a reader anything, and no character that it hides behind an entity such as `&#8203;`."""

from __future__ import annotations

import re

from lawbook.prose.characters import shows, unseen
from lawbook.prose.markup import MATH_TOKENS, markdown_parser
from lawbook.prose.math import MathError, render_math

_SHOWN = frozenset(("text", "text_special", "code_inline", "code_block", "fence"))
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
# What can be judged without the parser, as most texts can.
_ONE_FORMULA = re.compile(r"\s*\$([^$\\]*(?:\\.[^$\\]*)*)\$\s*", re.DOTALL)
_WORDS_FIRST = re.compile(r"\s*(?:[-*+>]\s+|\d+[.)]\s+)?(?:\$[^$\n]+\$[-, ]*)?[*_(]*[^\W\d_]")
_ENTITY = re.compile(r"&#?\w+;")
# Commands that show nothing themselves, and those whose arguments are letters that nobody sees.
_BLANK = re.compile(
    r"\\(?:[^A-Za-z]|(?:q?quad|\w*space|allowbreak|nobreak|\w*strut|\w*style|left|right|null|text\w*|math\w*|mbox"
    r"|operatorname|bm|boldsymbol|limits|nolimits|smash|relax)(?![A-Za-z]))"
)
_HIDING = re.compile(r"\\(?:[hv]?phantom|[hm]?space|[hm]?kern|[hm]?skip|rule|begin|color|textcolor|char|[a-z]*def|let)")
_UNSEEN_PARTS = re.compile(r"<annotation.*|<mphantom>.*?</mphantom>|<[^>]*>", re.DOTALL)


def shows_nothing(text: str) -> bool:
    """Whether the text, as Markdown with math, leaves a reader without a single character to see."""
    if _WORDS_FIRST.match(text):
        return False
    if (formula := _ONE_FORMULA.fullmatch(text)) is not None:
        return not _formula_shows(formula[1])
    for block in markdown_parser().parse(text):
        for token in [block] if block.children is None else block.children:
            if token.type in MATH_TOKENS and _formula_shows(token.content):
                return False
            if token.type in _SHOWN and shows(token.content):
                return False
    return True


def hidden_character(text: str) -> tuple[int, int, str] | None:
    """Line and column, from 1, and kind of the first character that the text writes by its number to hide it."""
    if not _ENTITY.search(text):
        return None
    for block in markdown_parser(join_text=False).parse(text):
        for token in block.children or []:
            if token.type == "text_special" and (found := unseen(token.content)) is not None:
                return (*_place(text, token.markup), found[1])
            if (found := unseen(str(token.attrs.get("title", "")))) is not None:
                return (*_place(text, str(token.attrs.get("href", ""))), found[1])
    return None


def _formula_shows(tex: str) -> bool:
    surely = _COMMAND.search(_BLANK.sub("", tex)) or any(
        shows(character) and character not in "{}[]^_&~%." for character in _COMMAND.sub("", tex)
    )
    if surely and not _HIDING.search(tex):
        return True
    try:
        mathml = render_math(tex.strip()).partition("</math>")[0]
    except MathError:
        return True  # told as the bad formula that it is
    return shows(_UNSEEN_PARTS.sub("", mathml.partition("<annotation")[0]))


def _place(text: str, sought: str) -> tuple[int, int]:
    before = text[: max(text.find(sought), 0)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
