"""Hand-written Markdown pages with their formulas typeset, ready for any Markdown reader that passes HTML through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from lawbook.prose import MathError, render_math
from lawbook.publishing.settings import SiteError

_PIECES = re.compile(
    r"(?P<code>^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)|`+[^`]+`+|\\\$)"
    r"|\$\$(?P<display>.+?)\$\$"
    r"|\$(?P<inline>[^$\n]+(?:\n[^$\n]+)?)\$",
    re.DOTALL | re.MULTILINE,
)
_TEXT = re.compile(r">([^<]+)<")
_TEX = re.compile(r'(?<= data-tex=")[^"]*')
_MARKS = re.compile(r"[\\`*_{}\[\]()#+\-.!|~^$]")


def handwritten_pages(folder: Path) -> Iterator[tuple[str, str]]:
    """(path, Markdown) of every page below `site/pages`, paths relative to the site's root.

    Raises SiteError where a formula is refused, or a page is not UTF-8.
    """
    for path in sorted(folder.rglob("*.md")):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise SiteError(f"{path}: byte {error.start} is not UTF-8; save it in that encoding") from None
        yield path.relative_to(folder).as_posix(), _typeset(path, text)


def _typeset(path: Path, text: str) -> str:
    def formula(match: re.Match[str]) -> str:
        tex = match["display"] or match["inline"]
        if tex is None:
            return match[0]
        try:
            html = render_math(tex.strip(), display=match["display"] is not None)
        except MathError as error:
            line = text.count("\n", 0, match.start()) + 1
            raise SiteError(f"{path}:{line}: bad formula {match[0]}: {error}") from None
        return _shielded(html)

    return _PIECES.sub(formula, text)


def _shielded(html: str) -> str:
    """A formula's HTML with every character that Markdown might take for a mark written as an entity."""
    told = _TEX.sub(lambda match: re.sub(r"[^\w ]|_", _entity, unescape(match[0])), html)
    return _TEXT.sub(lambda match: f">{_MARKS.sub(_entity, match[1])}<", told)


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
