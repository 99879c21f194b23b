"""Characters that nobody can see, spelled out: what stands in a text is what its reader sees.

Control characters can end a string early for a parser or drive a terminal, direction marks turn the words
around them, XML and YAML refuse some, and no font has a shape for the rest. Private ones are spelled out too:
`lawbook.prose.markup` puts two of them where a formula stands.
"""

from __future__ import annotations

import re

# Joiners belong to scripts and to emoji where they stand behind a visible character; nowhere else.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, but for tab and line feed
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff"  # halves of a pair
    "\ufdd0-\ufdef\ufffe\uffff"  # not characters
    + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 15))
    + "\ue000-\uf8ff\U000f0000-\U0010ffff"  # private
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![^\\s\u200c\u200d])[\u200c\u200d]"
)


def spelled_out(text: str) -> str:
    r"""The text with `␛` for an escape, `␀` for a NUL and the like, and `⟨U+202E⟩` for what has no picture.

    Tabs and line feeds stay; so does every character that can be seen, of whatever plane.
    """
    if text.isascii() and text.isprintable():
        return text
    return _INVISIBLE.sub(_picture, text.replace("\r\n", "\n"))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
