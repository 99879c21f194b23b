"""Each kind of place has its rule, and texts reach pages by no other way."""

import json
import math
import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from lawbook.book import Book
from lawbook.evidence.record import Record
from lawbook.publishing.api_checks import record_data
from lawbook.publishing.changes import Change
from lawbook.publishing.escaping import (
    front_matter,
    markup,
    strict_json,
    text,
    web_address,
    xml_text,
)
from lawbook.publishing.feed import feed
from lawbook.publishing.figures import svg
from lawbook.publishing.settings import SiteSettings
from lawbook.publishing.source_code import highlighted
from lawbook.publishing.templates import environment
from lawbook.publishing.words import address, venue
from lawbook.registry.entry import Reference

SOURCES = Path(__file__).parents[2] / "src" / "lawbook" / "publishing"
ATTACK = "\"><b x='\x1b\u202e\ufffe`~{{\n\t&amp;"


def test_text_is_one_line_without_marks_of_html_or_markdown() -> None:
    shown = text(ATTACK)
    assert not set(shown) & set("<>\"'`~{}\n\t\x1b\u202e\ufffe")
    assert unescape(shown) == "\"><b x='␛⟨U+202E⟩⟨U+FFFE⟩`~{{\n\t&amp;"


def test_html_of_our_making_is_not_escaped_twice() -> None:
    html = markup("<pre>a\n```\n{: x }</pre>")
    assert html.startswith("<pre>")
    assert unescape(html) == "<pre>a\n```\n{: x }</pre>"
    assert not set(html) & set("`{}\n")
    assert markup(html) == html


@pytest.mark.parametrize("said", ["A & B <c>", 'a: "b" # c', "🚀 𝒩 𝔼", "--- {x}", "%YAML 'x' \\n", "no", "1e3", ATTACK])
def test_front_matter_is_yaml_that_holds_the_text_as_html(said: str) -> None:
    line = front_matter(said)
    assert "\n" not in line
    loaded = yaml.load(f"title: {line}\n", yaml.CSafeLoader)["title"]
    assert loaded == text(said)
    assert not re.search(r"\\u[0-9a-f]{4}", line)


def test_json_has_no_number_that_a_parser_might_refuse(make_record: object) -> None:
    written = strict_json({"a": [math.inf, -math.inf, math.nan, 1.5], "b": {"c": (math.inf,)}})
    assert json.loads(written, parse_constant=pytest.fail)["a"] == ["Infinity", "-Infinity", "NaN", 1.5]
    record = make_record("a", "b", params={"bound": math.inf})  # type: ignore[operator]
    assert isinstance(record, Record)
    assert json.loads(strict_json(record_data(record)), parse_constant=pytest.fail)["params"] == {"bound": "Infinity"}


def test_xml_holds_any_text() -> None:
    element = ElementTree.Element("a")
    element.text = xml_text(ATTACK + "\x00\uffff")
    assert ElementTree.fromstring(ElementTree.tostring(element)).text == element.text


def test_the_feed_is_whole_whatever_it_is_told(book: Book) -> None:
    settings = SiteSettings(Path(), ATTACK, "d", "https://a.example/\x1b\uffff", "", "")
    id, state = next(iter(book.states.items()))
    line = book.history[0].model_copy(update={"claim": id, "check": ATTACK, "commit": ATTACK})
    root = ElementTree.fromstring(feed(book, [Change(id, "unverified", state.status, line)], settings))
    (told,) = root.findall("{*}entry/{*}id")
    assert re.fullmatch(r"urn:lawbook:[\x21-\x7e]+", told.text or "")
    assert (root.findtext("{*}title") or "").startswith(xml_text(ATTACK))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("HTTPS://A.example/", "HTTPS://A.example/"),
        ('https://a.example/"><b>', "https://a.example/%22%3E%3Cb%3E"),
        ("https://a.example/\u202e x", "https://a.example/%E2%80%AE%20x"),
        ("javascript:alert(1)", ""),
        ("javascript://a.example/%0aalert(1)", ""),
        ("data:text/html,x", ""),
        ("https:alert", ""),
        ("//a.example", ""),
        ("https://[x", ""),
        ("", ""),
    ],
)
def test_only_addresses_of_the_web_become_links(given: str, shown: str) -> None:
    assert web_address(given) == shown


def test_a_repository_without_a_web_address_has_no_links() -> None:
    given = SiteSettings(Path(), "n", "d", "", "javascript:alert(1)//", "")
    assert given.source_url("claims/x.yaml") == ""


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"doi": "https://doi.org/10.1/x"}, "https://doi.org/10.1/x"),
        ({"doi": "doi:10.1/x#y?z%"}, "https://doi.org/10.1/x%23y%3Fz%25"),
        ({"doi": "10.1016/S0(98)1;2"}, "https://doi.org/10.1016/S0(98)1;2"),
        ({"eprint": "arXiv:2604.21691"}, "https://arxiv.org/abs/2604.21691"),
        ({"eprint": "cond-mat/9901001"}, "https://arxiv.org/abs/cond-mat/9901001"),
        ({"url": "javascript:alert(1)"}, ""),
        ({"url": "HTTP://a.example/<x>"}, "HTTP://a.example/%3Cx%3E"),
    ],
)
def test_a_source_is_read_at_its_doi_its_preprint_or_its_own_address(fields: dict[str, str], shown: str) -> None:
    assert address(Reference("k", "article", fields, (), "")) == shown


def test_the_name_of_a_preprint_is_said_once() -> None:
    assert venue(Reference("k", "misc", {"eprint": "arXiv:2604.21691"}, (), "")) == "arXiv:2604.21691"


@pytest.mark.parametrize(
    "drawn",
    [
        svg.tag("a", href=ATTACK),
        svg.tag("b", svg.escaped(ATTACK)),
        svg.text(ATTACK, 0, 0),
        svg.label(ATTACK + "λ_<max and x^(<b)", 0, 0),
        svg.title(ATTACK),
        svg.figure(1, 1, ATTACK, "", ""),
        svg.figure(1, 1, "", ATTACK, ""),
    ],
)
def test_every_piece_of_a_drawing_keeps_a_text_in_its_place(drawn: str) -> None:
    root = ElementTree.fromstring(drawn)
    assert {element.tag for element in root.iter()} <= {"a", "b", "text", "tspan", "title", "svg", "desc"}
    assert not set(drawn) & set("`~{\n\t\x1b\u202e\ufffe")


def test_templates_show_every_value_by_the_rule_and_html_of_our_making_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "x").write_text('<a b="{{ bad }}">{{ bad }}{{ made }}{{ [bad] | join(", ") }}{{ 1 }}</a>')
    written = environment(tmp_path).get_template("x").render(bad=ATTACK, made=markup("<i>`</i>"))
    assert written == f'<a b="{text(ATTACK)}">{text(ATTACK)}<i>&#96;</i>{text(ATTACK)}1</a>'


def test_source_code_shows_what_it_holds() -> None:
    shown = unescape(re.sub(r"<[^>]*>", "", highlighted("x = 1  # \u202e <b> ```")))
    assert shown == "x = 1  # ⟨U+202E⟩ <b> ```"


def test_html_is_declared_safe_in_one_place() -> None:
    """`Markup(…)`, `|safe`, and autoescaping turned off would each let a text past the rules."""
    for path in SOURCES.rglob("*.py"):
        if path.name != "escaping.py":
            assert "Markup(" not in path.read_text(encoding="utf-8"), path
    templates = Path(__file__).parents[2] / "site" / "templates"
    safe = [
        (path.name, line.strip())
        for path in templates.rglob("*.jinja")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\|\s*(safe|tojson|forceescape)\b|autoescape", line)
    ]
    assert safe == []
