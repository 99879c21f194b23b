"""A checker's source, read and never executed, and source as highlighted HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lawbook.prose import spelled_out
from lawbook.publishing.settings import SiteSettings
from lawbook.registry.checker_modules import CheckerError
from lawbook.registry.checker_source import resolve_checker

_PLAIN = re.compile(r'<span class="(?:n|w|p|o|bp)">([^<]*)</span>')


@dataclass(frozen=True)
class Code:
    """One checker function. text: its lines, coloured by a page's script. url: in the repository's web view or ""."""

    reference: str
    path: str
    line: int
    end_line: int
    text: str
    url: str


def checker_code(root: Path, reference: str, settings: SiteSettings) -> Code | None:
    """The function that a claim names; None where it cannot be found."""
    try:
        source = resolve_checker(root, reference)
        lines = (root / source.module_path).read_text(encoding="utf-8").split("\n")
    except (CheckerError, OSError, UnicodeDecodeError):
        return None
    path = source.module_path.as_posix()
    text = "\n".join(lines[source.line - 1 : source.end_line])
    url = settings.source_url(path, (source.line, source.end_line))
    return Code(reference, path, source.line, source.end_line, text, url)


@lru_cache(maxsize=4096)
def highlighted(text: str, language: str = "python") -> str:
    """Source as spans with Pygments' classes, without an element around them. language: as Pygments names it.

    Names, blanks, operators and punctuation, which look like the rest, stand without one: half of a listing's weight.
    """
    from pygments import highlight  # type: ignore[import-untyped]
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]

    formatter = HtmlFormatter(nowrap=True)
    spans = str(highlight(spelled_out(text), get_lexer_by_name(language), formatter)).rstrip("\n")
    return _PLAIN.sub(r"\1", spans)
