"""Characters that a reader cannot see: which of them a text may hold, and where they mean something.

A text may hold what shapes its own neighbours: the joiner inside an emoji, the non-joiner between letters of a
script whose letters join, one variation selector behind a character that has variants. Everything else that is
drawn as nothing, or turns the direction of what is drawn, can only make a text look other than it is.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

_JOINER, _NON_JOINER = "\u200d", "\u200c"
_NOT_PLAIN = re.compile("[^\n\x20-\x7e]")
# First and last of each run: controls, what Unicode calls default-ignorable, surrogates, private use and
# non-characters; also the line ends that editors do not count, the blank Braille cell, the null note head, and
# the marks of annotations.
_SUSPECT = (
    (0x00, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C),
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F),
    (0x2800, 0x2800), (0x3164, 0x3164), (0xD800, 0xF8FF), (0xFDD0, 0xFDEF), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0xFFFE, 0xFFFF), (0x1BCA0, 0x1BCA3), (0x1D159, 0x1D159),
    (0x1D173, 0x1D17A), *((plane | 0xFFFE, plane | 0xFFFF) for plane in range(0x10000, 0xE0000, 0x10000)),
    (0xE0000, 0xE0FFF), (0xEFFFE, 0x10FFFF),
)  # fmt: skip
_FIRST, _LAST = zip(*_SUSPECT, strict=True)
# Scripts whose letters change shape beside each other: Arabic to Sinhala, Tibetan and Myanmar, Khmer and Mongolian.
_JOINING = re.compile("[\u0620-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18aa\ufb50-\ufdcf\ufe70-\ufefc]")
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
# The three flags that are written with tags: England, Scotland, Wales.
_FLAG_OF_TAGS = re.compile(
    "\U0001f3f4("
    + "|".join("".join(chr(0xE0000 + ord(c)) for c in name) for name in ("gbeng", "gbsct", "gbwls"))
    + ")\U000e007f"
)
_KINDS = {"Cc": "control character", "Cs": "surrogate", "Co": "private-use character"}


def unseen(text: str) -> tuple[int, str] | None:
    """Where the first character stands that no text may hold, from 0, and what it is: "invisible character U+200B".

    None where there is none: every character is seen, is a blank, a tab or a line end, or shapes its neighbours.
    """
    for found in _NOT_PLAIN.finditer(text):
        at, character = found.start(), found.group()
        if _is_suspect(character) and not _shapes(text, at, character):
            return at, f"{_kind(character)} U+{ord(character):04X}"
    return None


def shows(text: str) -> bool:
    """Whether plain text has a character to see: one that is no blank and no mark upon another character."""
    return any(_is_seen(character) for character in text)


def _is_seen(character: str) -> bool:
    if character.isascii():
        return "!" <= character <= "~"
    return unicodedata.category(character)[0] not in "MZ" and not _is_suspect(character)


def _is_suspect(character: str) -> bool:
    run = bisect_right(_FIRST, ord(character)) - 1
    return run >= 0 and ord(character) <= _LAST[run]


def _kind(character: str) -> str:
    code = ord(character)
    if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return "non-character"
    return _KINDS.get(unicodedata.category(character), "invisible character")


def _shapes(text: str, at: int, character: str) -> bool:
    """Whether an invisible character does what it is there for: shape the character before it, or join two."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if not before:
        return False
    if character == _NON_JOINER or (character == _JOINER and _JOINING.match(before)):
        return bool(_JOINING.match(before) and _JOINING.match(after))
    if character == _JOINER:
        behind_emoji = before == "\ufe0f" and _is_symbol(text[at - 2 : at - 1])
        return bool(after) and _is_symbol(after) and (behind_emoji or _is_symbol(before))
    if "\ufe0e" <= character <= "\ufe0f":
        return _is_symbol(before) or (before in "0123456789#*" and after == "\u20e3") or before in "‼⁉〰〽ℹ"
    if character == "\ufe00" and unicodedata.category(before) == "Sm":
        return True
    if "\ufe00" <= character <= "\ufe02" or "\U000e0100" <= character <= "\U000e01ef":
        return bool(_IDEOGRAPH.match(before))
    if "\U000e0020" <= character <= "\U000e007f":
        flag = text.rfind("\U0001f3f4", max(0, at - 6), at)
        whole = _FLAG_OF_TAGS.match(text, flag) if flag >= 0 else None
        return whole is not None and at < whole.end()
    return False


def _is_symbol(character: str) -> bool:
    """Emoji, arrows, signs and the like; new emoji are unassigned in an older Python's table."""
    category = unicodedata.category(character) if character else ""
    is_newer = category == "Cn" and "\U0001f000" <= character <= "\U0001faff"
    return is_newer or (category in ("So", "Sm", "Sk") and not character.isascii())
