"""Markdown with `$…$` and `$$…$$` to sanitised HTML.

Raw HTML and images are not part of the language, and what nobody can see is spelled out. Formulas leave
placeholders behind while the sanitiser works, and KaTeX's output takes their place afterwards, so that neither
has to know of the other.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from lawbook.prose.math import MathError, render_math
from lawbook.prose.plain_math import plain_formula
from lawbook.prose.visible import spelled_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

HEADING_SHIFT = 3
TAGS = {
    "p",
    "br",
    "hr",
    "em",
    "strong",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "h4",
    "h5",
    "h6",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "span",
    "div",
}
# No class of code: the language of a block is the writer's, and nothing here colours code.
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
_SCHEME = re.compile(r"[^/?#]*?:")
MATH_TOKENS = {"math_inline": False, "math_inline_double": True, "math_block": True}

_OPEN, _CLOSE = "\ue000", "\ue001"
# A comma with room after it, as between the words of a list: where a line of text may end inside a formula.
_ROOMY_COMMA = re.compile(r",(\\[ ;]|\\quad(?![A-Za-z]))")
_PLACEHOLDER = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


def render_markdown(
    text: str, hint: Callable[[str], str] | None = None, address: Callable[[str], str] | None = None
) -> str:
    """Markdown with math as safe HTML; headings begin at level 4, a bad formula shows as marked code.

    hint: what the pointer is told over a formula that stands in a line, given its LaTeX; empty for nothing.
    address: the element id that a formula on lines of its own gets, given its LaTeX.
    """
    parser = markdown_parser()
    environment: dict[str, Any] = {}
    return _rendered(parser, parser.parse(text, environment), environment, hint, address)


@lru_cache(maxsize=4096)  # the same title, prediction or condition stands in several places
def render_inline(text: str) -> str:
    """One line of Markdown with math as safe HTML, without a paragraph around it."""
    parser = markdown_parser()
    environment: dict[str, Any] = {}
    line = " ".join(text.split())
    return _rendered(parser, parser.parseInline(line, environment), environment)


@lru_cache(maxsize=4096)
def plain_text(text: str, symbols: bool = False) -> str:
    """Markdown without its marks, formulas as their LaTeX, or as symbols: for titles, feeds and search."""
    words: list[str] = []
    for block in markdown_parser().parse(text):
        for token in [block] if block.children is None else block.children:
            shown = token.type in ("text", "code_inline", "code_block", "fence") or token.type in MATH_TOKENS
            content = plain_formula(token.content) if symbols and token.type in MATH_TOKENS else token.content
            words.append(content if shown else " " if token.type.endswith("break") else "")
        words.append(" ")
    return " ".join("".join(words).split())


@lru_cache(maxsize=2)
def markdown_parser(join_text: bool = True) -> MarkdownIt:
    """CommonMark with tables and math, without raw HTML and images; unjoined text keeps escapes apart."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    setattr(parser, "validateLink", _leads_somewhere)  # noqa: B010  (a method of theirs, so not an assignment)
    parser.use(dollarmath_plugin, double_inline=True, allow_labels=False)
    if not join_text:
        parser.core.ruler.disable("text_join")
    return parser


def _leads_somewhere(address: str) -> bool:
    """Whether an address may be a link: one of the web or a relative one; others stay as they were written."""
    scheme = _SCHEME.match(address.strip())
    return scheme is None or scheme[0][:-1].lower() in SCHEMES


def _rendered(
    parser: MarkdownIt,
    tokens: list[Token],
    environment: dict[str, Any],
    hint: Callable[[str], str] | None = None,
    address: Callable[[str], str] | None = None,
) -> str:
    import nh3

    formulas: list[str] = []
    _prepare(tokens, formulas, hint, address)
    html = parser.renderer.render(tokens, parser.options, environment)
    safe = nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener nofollow ugc")
    return _PLACEHOLDER.sub(lambda match: formulas[int(match[1])], safe).strip()


def _prepare(
    tokens: Sequence[Token],
    formulas: list[str],
    hint: Callable[[str], str] | None,
    address: Callable[[str], str] | None,
) -> None:
    """Spells out what nobody sees, puts a placeholder for every formula, and lowers headings, in place.

    A token at a time, since Markdown turns entities such as `&#x202E;` into the characters that they name.
    """
    for token in tokens:
        token.content = spelled_out(token.content)
        for name, value in token.attrs.items():
            token.attrs[name] = spelled_out(value) if isinstance(value, str) else value
        if token.type in MATH_TOKENS:
            tex, display = token.content.strip(), MATH_TOKENS[token.type]
            said = hint(tex) if hint and not display else ""
            place = address(tex) if address and display else ""
            formulas.append(_placed(_hinted(_formula(tex, display), said), place))
            token.content = f"{_OPEN}{len(formulas) - 1}{_CLOSE}"
            token.type = "text"
        elif token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + HEADING_SHIFT)}"
        if token.children:
            _prepare(token.children, formulas, hint, address)


def _hinted(formula: str, said: str) -> str:
    """The formula with words for the pointer alone: nothing that print shows or that the keyboard stops at."""
    return f'<span class="lb-symbol" title="{escape(spelled_out(said))}">{formula}</span>' if said else formula


def _placed(formula: str, place: str) -> str:
    """The formula with an address, and a link that shows it; the link says nothing that text around it would hold."""
    if not place:
        return formula
    link = f'<a class="lb-formula-link" aria-label="Address of this formula" href="#{place}"></a>'
    return f'<span class="lb-formula" id="{place}">{formula}{link}</span>'


def _formula(tex: str, display: bool) -> str:
    try:
        return render_math(tex if display else _ROOMY_COMMA.sub(r",\1\\allowbreak ", tex), display)
    except MathError as error:
        return f'<code class="lb-bad-math" title="{escape(str(error))}">{escape(tex)}</code>'
