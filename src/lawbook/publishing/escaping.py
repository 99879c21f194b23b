"""The one place through which texts reach the site: a rule for each kind of place that they can stand in.

What claims, problems, the bibliography, evidence, settings and git say is a stranger's. Templates pass every
plain text through `text` (see `lawbook.publishing.templates`), and `Markup` is made nowhere but here, so that
none can be forgotten. Two readers come after us: Markdown, which must take nothing for its own, and a browser.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

from lawbook.prose import spelled_out

DIGITS = 7
COMPACT = (",", ":")
WEB_SCHEMES = ("https", "http")
# Everything that may stand in an address but for quotes, brackets of HTML, white space and what is not ASCII.
ADDRESS_MARKS = "!#$%&()*+,/:;=?@[]~"
# What begins a fence, an attribute list or a macro of some Markdown reader, and what begins its lines: with no
# line of its own, no text can be an admonition, an indented block, a snippet, or front matter. Tabs would become
# blanks.
MARKS = "`~{}\n\t"
_MARKS = re.compile(f"[{MARKS}]")
_MARKDOWN = [(mark, f"&#{ord(mark)};") for mark in MARKS]


def text(content: str) -> Markup:
    """Plain text as it may stand inside an element or a quoted attribute of HTML and SVG."""
    return markup(escape(spelled_out(content)))


def markup(html: str) -> Markup:
    """HTML or SVG of our own making, its texts escaped already, as one line in which Markdown sees nothing."""
    plain = str(html)
    if _MARKS.search(plain):
        for mark, named in _MARKDOWN:
            plain = plain.replace(mark, named)
    return Markup(plain)


def front_matter(content: str) -> Markup:
    """Plain text as a value of a page's front matter, in YAML that every loader takes.

    It is HTML already, for the theme puts titles and descriptions into pages, attributes and the search index as
    they come.
    """
    return Markup(json.dumps(text(content), ensure_ascii=False))


def xml_text(content: str) -> str:
    """Plain text for an XML writer that escapes: without the characters that XML cannot hold."""
    return spelled_out(content)


def web_address(address: str) -> str:
    """An address of the web as it may stand in a link; "" where it is none."""
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return ""
    known = scheme in WEB_SCHEMES and address[len(scheme) :].startswith("://")
    return quote(address, safe=ADDRESS_MARKS, errors="replace") if known else ""


def strict_json(content: Any) -> str:
    """JSON that every parser takes: a number that is not finite becomes text, as in `"Infinity"`."""
    try:
        written = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=COMPACT)
    except ValueError:
        written = json.dumps(_finite(content), ensure_ascii=False, allow_nan=False, separators=COMPACT)
    return written + "\n"


def short_numbers(content: Any) -> Any:
    """What a page's script gives out as a table, for JSON: numbers in the digits of a line of history, for a record
    holds them whole, and what nobody sees in words.
    """
    return _finite(_rounded(content))


def _rounded(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _rounded(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_rounded(value) for value in content]
    if isinstance(content, str):
        return spelled_out(content)
    return float(f"{content:.{DIGITS}g}") if isinstance(content, float) else content


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return "NaN" if math.isnan(content) else "Infinity" if content > 0 else "-Infinity"
    return content
