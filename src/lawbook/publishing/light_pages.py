"""Pages whose HTML lies in their front matter, for MkDocs reads a body tag by tag, three times over.

A body of headings with HTML of our own between them becomes the same headings with a comment `<!--part N-->` for each
stretch of HTML; the theme's template puts the parts of `page.meta.parts` back in their places. Links between pages,
headings and the table of contents stay MkDocs' own.
"""

from __future__ import annotations

import json
import re

from lawbook.publishing.escaping import MARKS

MARK = "<!--part {}-->"
_FRONT = re.compile(r"---\n(?P<front>.*?\n)---\n", re.DOTALL)
_HEADING = re.compile(r"#{2,6} .+ \{#[\w.:-]+\}")
# A value without blanks and signs of HTML, and the slash that may end its tag, which must not be taken for its end.
_QUOTED = re.compile(r'(?<=[a-z12])="([\w./#:+-]+)"(?=[ >]|/>)')
_UNSEARCHED = re.compile(r'(<[a-z]+(?: [\w-]+="[^"]*")*) data-search-exclude(?=[ >])')
_UNNEEDED = ("</td>", "</th>", "</tr>", "</li>", "</dt>", "</dd>")
# Before a box, and before the end of one that holds boxes, a line break is nothing.
_HOLDERS = "details|div|dl|figure|header|nav|ol|section|table|tbody|thead|ul"
_BOXES = f"{_HOLDERS}|dd|dt|figcaption|h[2-6]|li|p|pre|summary|td|th|tr"
_BEFORE_A_BOX = re.compile(rf"\n(?=<(?:{_BOXES}|/(?:{_HOLDERS}))\b)")
_NAMED = [(f"&#{ord(mark)};", mark) for mark in MARKS]
# What YAML does not take as it is, or folds like the end of a line.
_REFUSED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def light(page: str) -> str:
    """The page with its HTML in the front matter. Every line of its body must be a heading with an id, or HTML."""
    front = _FRONT.match(page)
    if front is None:
        return page
    lines: list[str] = []
    parts: list[str] = []
    stretch: list[str] = []
    for line in [*page[front.end() :].splitlines(), ""]:
        if _HEADING.fullmatch(line):
            _close(stretch, parts, lines)
            lines += [line, ""]
        else:
            stretch.append(line)
    _close(stretch, parts, lines)
    held = "".join(f"  - {_written(part)}\n" for part in parts)
    return f"---\n{front['front']}parts:\n{held}---\n" + "\n".join(lines) + "\n"


def _close(stretch: list[str], parts: list[str], lines: list[str]) -> None:
    html = "\n".join(line for line in stretch if line.strip())
    stretch.clear()
    if html:
        lines += [MARK.format(len(parts)), ""]
        parts.append(_plain(html))


def _plain(html: str) -> str:
    """The HTML without what only Markdown and an index of the theme's ask for, without the ends of elements that what
    follows tells, and without quotes around what needs none.
    """
    for named, mark in _NAMED:
        html = html.replace(named, mark)
    return _BEFORE_A_BOX.sub("", in_fewest_signs(html))


def in_fewest_signs(html: str) -> str:
    """HTML whose texts are escaped, but perhaps for quotes, as a browser reads it all the same."""
    for unneeded in _UNNEEDED:
        html = html.replace(unneeded, "")
    parts = _QUOTED.split(_UNSEARCHED.sub(r"\1", html))  # in a tenth of the time of a substitution
    in_a_tag = False
    for at in range(1, len(parts), 2):
        before, value, after = parts[at - 1 : at + 2]
        if (opened := before.rfind("<")) != (closed := before.rfind(">")):
            in_a_tag = opened > closed
        if not in_a_tag:  # the words of a text, whose quotes are its own
            parts[at] = f'="{value}"'
        else:
            parts[at] = f"={value} " if after.startswith("/") else f"={value}"
    return "".join(parts)


def _written(html: str) -> str:
    """A text of YAML: its lines as they are, where YAML takes them so."""
    if _REFUSED.search(html):
        return _REFUSED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(html, ensure_ascii=False))
    return "|2-\n" + "\n".join(f"    {line}" for line in html.split("\n"))
