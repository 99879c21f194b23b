"""Whatever a text says, pages say it and do nothing else: no element, attribute, line or character of its making."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lawbook.prose import plain_text, render_inline, render_markdown, spelled_out
from lawbook.prose.markup import TAGS
from lawbook.prose.plain_math import set_formulas

html5lib = pytest.importorskip("html5lib", reason="the test extra has html5lib, a parser as browsers have it")

Node = ElementTree.Element
# What a Markdown reader would take for its own at the start of a line.
MARKS = re.compile(r"\s*(`{3}|~{3}|!{3}|\?{3}|={3}|:{3}|;?-+8<|---\s*$|\{[{%#:])|( {4}|\t)\S")
MATHML = "{http://www.w3.org/1998/Math/MathML}"
UNSEEN = {"Cc", "Cs", "Co", "Zl", "Zp"}
TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pages(hostile_site: Any) -> dict[str, Node]:
    return parsed(hostile_site.built)


@pytest.fixture(scope="module")
def plain_pages(plain_site: Any) -> dict[str, Node]:
    return parsed(plain_site.built)


def parsed(built: Path) -> dict[str, Node]:
    return {
        path.relative_to(built).as_posix(): html5lib.parse(
            path.read_text(encoding="utf-8"), namespaceHTMLElements=False
        )
        for path in built.rglob("*.html")
    }


def elements(page: Node) -> Iterator[Node]:
    return (element for element in page.iter() if isinstance(element.tag, str))


def words(element: Node) -> str:
    return "".join(element.itertext())


def only(page: Node, selector: str) -> Node:
    found = page.findall(f".//{selector}")
    assert len(found) == 1, selector
    return found[0]


def by_class(page: Node, name: str) -> list[Node]:
    return [element for element in elements(page) if name in element.get("class", "").split()]


def is_seen(character: str) -> bool:
    code = ord(character)
    return character in "\t\n" or (
        unicodedata.category(character) not in UNSEEN
        and character not in TURNING
        and code & 0xFFFE != 0xFFFE
        and not 0xFDD0 <= code <= 0xFDEF
    )


def entry_pages(pages: dict[str, Node], texts: dict[str, str]) -> Iterator[tuple[str, Node, str]]:
    for id, text in texts.items():
        folder = "claims" if id.startswith("claim") else "problems"
        yield id, pages[f"{folder}/{id}.html"], text


def test_every_text_of_every_model_was_tried(hostile_site: Any, hostile_models: Any) -> None:
    from lawbook.evidence.history import HistoryLine
    from lawbook.evidence.record import Record
    from lawbook.registry.models import Claim, Notation, Problem

    for model in (Claim, Problem, Notation, Record, HistoryLine):
        places = hostile_models.text_places(model)
        assert places <= hostile_site.filling.filled | hostile_site.filling.refused | {
            ("Record", "claim"),
            ("Record", "check"),
        }
        assert len(places & hostile_site.filling.filled) > len(places) / 2


def test_no_element_or_attribute_comes_from_a_text(pages: dict[str, Node], plain_pages: dict[str, Node]) -> None:
    def kinds(page: Node) -> set[tuple[str, str]]:
        found = {(element.tag, name) for element in elements(page) for name in ["", *element.attrib]}
        # Which elements of MathML there are depends on the formula, all of them KaTeX's.
        return {(tag, name) for tag, name in found if not tag.startswith(MATHML) or re.match("on|.*href|src", name)}

    known = set().union(*map(kinds, plain_pages.values())) | {(tag, "") for tag in TAGS}
    # A formula on lines of its own has an address, made of a digest.
    known |= {("code", "class"), ("code", "title"), ("ol", "start"), ("span", "id")}
    for path, page in pages.items():
        assert kinds(page) - known == set(), path


def test_nothing_in_a_page_can_run(pages: dict[str, Node], plain_pages: dict[str, Node]) -> None:
    scripts = [script for page in plain_pages.values() for script in page.iter("script")]
    ours = {script.get("src", "").split("/")[-1] for script in scripts}
    for path, page in pages.items():
        for element in elements(page):
            if element.tag == "script":
                is_data = element.get("type") == "application/json" and element.get("id") == "__config"
                assert is_data or element.get("src", "").split("/")[-1] in ours - {""}, path
                assert is_data or not words(element).strip(), path
            for name in ("href", "src", "action", "formaction", "xlink:href"):
                scheme = re.match(r"[\s\x00-\x20]*([a-z][a-z0-9+.-]*):", element.get(name, ""), re.I)
                allowed = ("http", "https", "mailto") + (("data",) if element.tag.endswith("image") else ())
                assert scheme is None or scheme[1].lower() in allowed, (path, element.get(name))


def test_every_page_has_a_policy_that_lets_no_script_in(pages: dict[str, Node]) -> None:
    for path, page in pages.items():
        head = page.find("head")
        assert head is not None
        first = head[0]
        assert first.get("http-equiv") == "Content-Security-Policy", path
        rules = dict(rule.split(" ", 1) for rule in first.get("content", "").split("; "))
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == "'self'"
        assert not re.search(r"https?:|\*|unsafe-eval", first.get("content", ""))


def test_titles_read_the_same_everywhere(hostile_site: Any, pages: dict[str, Node]) -> None:
    index = (hostile_site.built / "search/index.js").read_text(encoding="utf-8")
    lines = json.loads(index.removeprefix("lawbookSearch(").removesuffix(");\n"))
    found = {entry["u"]: entry["t"] for entry in lines}
    for id, page, text in entry_pages(pages, hostile_site.texts):
        title = spelled_out(plain_text(text))
        assert words(only(page, "title")) == f"{title} - {hostile_site.name}", id
        topics = by_class(page, "md-header__topic")
        assert " ".join(words(topics[-1]).split()) == " ".join(title.split()), id
        assert words(topics[0]).strip() == hostile_site.name
        location = f"{'claims' if id.startswith('claim') else 'problems'}/{id}.html"
        if "$" not in text:  # formulas stand in the letters that a reader would write
            assert found[location] == " ".join(title.split()), id


def test_front_matter_arrives(hostile_site: Any, pages: dict[str, Node]) -> None:
    for id, page, text in entry_pages(pages, hostile_site.texts):
        description = only(page, "meta[@name='description']").get("content")
        assert description
        assert spelled_out(plain_text(set_formulas(text)))[:100].startswith(description.removesuffix("...")[:100]), id
    for path, page in pages.items():
        article = words(only(page, "article"))
        assert not re.match(r"\s*(---|title:|search:)", article), path


def test_captured_output_shows_character_by_character(hostile_site: Any, pages: dict[str, Node]) -> None:
    for id, page, text in entry_pages(pages, hostile_site.texts):
        shown = [words(block) for block in page.iter("pre")]
        assert spelled_out(text) in shown, id


def test_markdown_reads_as_it_was_written(pages: dict[str, Node], hostile_site: Any) -> None:
    for id, page, text in entry_pages(pages, hostile_site.texts):
        if "lost" in text:  # whose links say more than was written
            continue
        title = html5lib.parseFragment(render_inline(text), namespaceHTMLElements=False)
        assert words(only(page, "h1")).split() == words(title).split(), id
        whole = html5lib.parseFragment(render_markdown(text), namespaceHTMLElements=False)
        shown = [words(block) for block in page.iter("pre")]
        for block in whole.iter("pre"):
            assert shown.count(words(block)) >= 2, id
        assert " ".join(words(whole).split()) in " ".join(words(only(page, "article")).split()), id


def test_no_page_holds_a_character_that_nobody_sees(pages: dict[str, Node]) -> None:
    for path, page in pages.items():
        for element in elements(page):
            held = [element.text or "", element.tail or "", *element.attrib.values()]
            assert all(is_seen(character) for text in held for character in text), (path, element.tag, held)


def test_no_line_of_the_tree_is_a_mark_of_markdown(hostile_site: Any) -> None:
    for path in hostile_site.docs.rglob("*.md"):
        if path.parent == hostile_site.docs and path.stem in ("about", "contribute", "instruments", "method"):
            continue
        body = path.read_text(encoding="utf-8").partition("\n---\n")[2]  # as MkDocs finds the end of what is in front
        assert body
        for number, line in enumerate(body.split("\n")):
            assert not MARKS.match(line), (path, number, line[:100])


def test_drawings_and_the_feed_are_whole_xml_and_data_is_strict_json(hostile_site: Any) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    drawings = 0
    for path in hostile_site.docs.rglob("*.md"):
        for drawing in re.findall(r"<svg.*?</svg>", path.read_text(encoding="utf-8"), re.DOTALL):
            read = html5lib.parseFragment(drawing, namespaceHTMLElements=False)
            (whole,) = read
            assert whole.tag.endswith("svg")
            assert not read.text
            assert not whole.tail
            drawings += 1
    assert drawings > 100
    for path in [*hostile_site.built.rglob("*.svg"), hostile_site.built / "feed.xml"]:
        if "assets" not in path.relative_to(hostile_site.built).parts:
            ElementTree.fromstring(path.read_bytes())
    for path in hostile_site.built.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
