"""A page whose HTML lies in its front matter is the same page to a reader."""

from __future__ import annotations

import re
from html import unescape

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lawbook.prose import render_markdown, spelled_out
from lawbook.publishing.escaping import markup, text
from lawbook.publishing.light_pages import light

PAGE = """---
title: "A: b"
---

<header><h1 id="top">T</h1>

<p>one</p></header>

## Part {#part}

<div>two</div>
### Inner {#check-x}
<p>three</p>
"""


def whole(page: str) -> tuple[dict[str, object], str]:
    """The front matter but for the parts, and the body with the parts in their places."""
    _, front, body = page.split("---\n", 2)
    held = yaml.load(front, yaml.CSafeLoader)
    for number, part in enumerate(held.pop("parts", [])):
        assert body.count(f"<!--part {number}-->") == 1
        body = body.replace(f"<!--part {number}-->", part)
    return held, body


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def test_the_body_keeps_its_headings_and_no_html() -> None:
    body = light(PAGE).split("---\n", 2)[2]
    assert lines(body) == [
        "<!--part 0-->",
        "## Part {#part}",
        "<!--part 1-->",
        "### Inner {#check-x}",
        "<!--part 2-->",
    ]
    held, put_back = whole(light(PAGE))
    assert held == {"title": "A: b"}
    # A line break before a box is nothing to a reader.
    same = PAGE.split("---\n", 2)[2].replace('id="top"', "id=top").replace("</h1>\n\n<p>", "</h1><p>")
    assert lines(put_back) == lines(same)


def test_line_breaks_go_before_boxes_and_stay_between_words() -> None:
    _, put_back = whole(light("---\ntitle: x\n---\n<ul>\n<li>a\n<em>b</em>\n</ul>\n<p>c\n</p>\n<pre>d\n e</pre>\n"))
    assert put_back.strip() == "<ul><li>a\n<em>b</em></ul><p>c\n</p><pre>d\n e</pre>"


def test_html_is_written_in_the_fewest_signs_that_say_the_same() -> None:
    long = (
        '<p class="one" data-search-exclude title="a b">q&#123;x&#125; &#34;</p>'
        '<table><tr><td class="two">1</td><td>="x" </td></tr></table><svg><path d="M1 2" class="line"/></svg>'
    )
    _, put_back = whole(light(f"---\ntitle: x\n---\n{long}\n"))
    assert put_back.strip() == (
        '<p class=one title="a b">q{x} &#34;</p>'
        '<table><tr><td class=two>1<td>="x" </table><svg><path d="M1 2" class=line /></svg>'
    )


@pytest.mark.parametrize(
    "words",
    [
        'class="wide" or rate="0.1" >',
        'a > b="c" d="e" f',
        '`config="x" y="z"`',
        '```\nwidth="64" \n```',
        "a data-search-exclude b",
        "<td data-search-exclude>",
        '[a](b.md "c data-search-exclude d")',
    ],
)
def test_what_looks_like_a_tag_in_a_text_stays_as_it_was_written(words: str) -> None:
    shown = str(markup(render_markdown(words)))
    _, put_back = whole(light(f'---\ntitle: x\n---\n<header class="a">{shown}</header>\n'))
    before, after = (unescape(re.sub("<[a-z/][^<>]*>", "", html)).strip() for html in (shown, put_back))
    assert after == before
    assert put_back.count("data-search-exclude") == shown.count("data-search-exclude")
    assert "<header class=a>" in put_back


def test_a_page_without_front_matter_stays_as_it_is() -> None:
    assert light("# A\n\n<p>b</p>\n") == "# A\n\n<p>b</p>\n"


@pytest.mark.parametrize("odd", ["\x85", "\u2028", "\ufeff", "  leading", "- [a]: {b}", "---", "...", "'\"\\", "𝒩🚀"])
def test_html_of_any_characters_arrives(odd: str) -> None:
    page = f"---\ntitle: x\n---\n<p>{odd}</p>\n  {odd}\n## H {{#h}}\n"
    _, put_back = whole(light(page))
    assert odd.strip() in put_back


@given(st.text())
def test_what_the_site_writes_of_any_text_arrives(said: str) -> None:
    shown = str(text(said))
    _, put_back = whole(light(f"---\ntitle: x\n---\n<p>{shown}</p>\n## H {{#h}}\n<p>{shown}</p>\n"))
    paragraphs = [part.partition("</p>")[0] for part in put_back.split("<p>")[1:]]
    assert [unescape(part) for part in paragraphs] == [unescape(shown)] * 2
    assert spelled_out(shown) == shown
