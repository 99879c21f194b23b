"""No text of the registry shows a reader nothing, and none holds a character that nobody sees."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lawbook.registry.load import lint

CLAIM = "claims/laws/noise-averages-out.yaml"
TITLE = "title: Noise averages out"
MakeRegistry = Callable[[Mapping[str, object]], Path]


def only(root: Path) -> str:
    (diagnostic,) = lint(root)
    return str(diagnostic)


INVISIBLE = [
    "\u200b", "\u00ad", "\u202e", "\u2066", "\u200e", "\u061c", "\ufeff", "\u2060", "\u2062", "\u180e", "\u034f",
    "\u115f", "\u3164", "\uffa0", "\u2800", "\ufff9", "\ue000", "\uf8ff", "\U000f0001", "\U0010fffd", "\ufdd0",
    "\U0001fffe", "\U000e0041", "\U000e0001", "\ufe0f", "\ufe00", "\U000e0100", "\u200d", "\u200c", "\u2028",
]  # fmt: skip


@pytest.mark.parametrize("character", INVISIBLE, ids=lambda character: f"U+{ord(character):04X}")
@pytest.mark.parametrize("written", ["literally", "by escape"])
@pytest.mark.parametrize("text", ["{}", "abc {} def", "abc{}def"], ids=["alone", "between words", "in a word"])
def test_an_invisible_character_is_refused_however_it_is_written(
    make_registry: MakeRegistry, character: str, written: str, text: str
) -> None:
    if written == "literally":
        value = "'" + text.format(character) + "'"
    else:
        code = ord(character)
        value = '"' + text.format(f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}") + '"'
    told = only(make_registry({CLAIM: (TITLE, f"title: {value}")}))
    assert told.startswith(f"{CLAIM}:2:")
    assert f"U+{ord(character):04X}" in told


@pytest.mark.parametrize("escape", ["\\0", "\\a", "\\e", "\\x7f", "\\x80", "\\N", "\\P", "\\L"])
def test_a_control_character_by_escape_is_refused(make_registry: MakeRegistry, escape: str) -> None:
    told = only(make_registry({CLAIM: (TITLE, f'title: "abc {escape} def"')}))
    assert told.startswith(f"{CLAIM}:2:8: ")
    assert "U+" in told


@pytest.mark.parametrize("escape", ["\\ud800", "\\udc00", "\\ud83d\\ude80"])
def test_half_of_a_character_is_refused(make_registry: MakeRegistry, escape: str) -> None:
    assert only(make_registry({CLAIM: (TITLE, f'title: "abc {escape} def"')})).startswith(f"{CLAIM}:2:")


@pytest.mark.parametrize("key", ['"ti\\u200btle"', '"\\u202e"', "ti\u200btle"])
def test_an_invisible_character_is_refused_in_a_key(make_registry: MakeRegistry, key: str) -> None:
    told = only(make_registry({CLAIM: (TITLE, f"{key}: x\n{TITLE}")}))
    assert told.startswith(f"{CLAIM}:2:")
    assert "U+20" in told


def test_an_invisible_character_is_refused_in_any_text(make_registry: MakeRegistry) -> None:
    told = only(make_registry({CLAIM: ("note: section III", 'note: "section \\u200b III"')}))
    assert "U+200B" in told


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d🔬",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "e\u0301",
        "∩\ufe00",
        "🫨",
        "葛\U000e0100",
    ],
)
@pytest.mark.parametrize("written", ["literally", "by escape"])
def test_what_shapes_its_neighbours_is_text(make_registry: MakeRegistry, text: str, written: str) -> None:
    value = f"'A {text} b'"
    if written == "by escape":
        value = '"A ' + "".join(f"\\U{ord(character):08x}" for character in text) + ' b"'
    assert lint(make_registry({CLAIM: (TITLE, f"title: {value}")})) == []


@pytest.mark.parametrize(
    "text",
    [
        "[](https://a.b)",
        "[ ](https://a.b)",
        "[x]: https://a.b",
        "---",
        "***",
        "#",
        ">",
        "-",
        "1.",
        "&nbsp;",
        "\u00a0",
        "\u3000",
        "\u0301",
        "$ $",
        "$\\phantom{x}$",
        "$\\text{ }\\quad$",
        "$\\hspace{1em}$",
        "**$\\;$**",
        "` `",
        "```\n\n```",
    ],
)
@pytest.mark.parametrize("key", ["title", "regime"])
def test_a_text_that_shows_nothing_is_refused(make_registry: MakeRegistry, text: str, key: str) -> None:
    # JSON is YAML, whatever the text.
    value = json.dumps(text, ensure_ascii=False)
    change = {"title": (TITLE, f"title: {value}"), "regime": ("  - independent draws", f"  - {value}")}[key]
    assert {diagnostic.line for diagnostic in lint(make_registry({CLAIM: change}))} == {{"title": 2, "regime": 11}[key]}


@pytest.mark.parametrize("text", ["$\\alpha$", "$1$", "…", "&copy;", "[$x$](https://a.b)", "`x`", "é", "-1", "🚀", "𝔼"])
def test_a_text_of_one_visible_character_is_text(make_registry: MakeRegistry, text: str) -> None:
    assert lint(make_registry({CLAIM: (TITLE, f"title: '{text}'")})) == []


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("ab &#x202E; cd", 12),
        ("ab &#8203; cd", 12),
        ("ab &shy; cd", 12),
        ("ab &ZeroWidthSpace; cd", 12),
        ('ab $\\char"202E$ cd', 13),
        ('[ab](https://a.b "c &#8203;")', 14),
    ],
)
def test_a_character_written_by_its_number_is_refused_too(make_registry: MakeRegistry, text: str, column: int) -> None:
    told = only(make_registry({CLAIM: (TITLE, f"title: '{text}'")}))
    assert told.startswith(f"{CLAIM}:2:{column}: in title: this writes the ")


def test_code_may_speak_of_an_entity(make_registry: MakeRegistry) -> None:
    assert lint(make_registry({CLAIM: (TITLE, "title: 'Noise `&#8203;` averages out'")})) == []
