"""Source as highlighted HTML."""

from __future__ import annotations

import re
from functools import lru_cache

from lawbook.prose import spelled_out

_PLAIN = re.compile(r'<span class="(?:n|w|p|o|bp)">([^<]*)</span>')


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
