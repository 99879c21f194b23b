from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lawbook.registry import yaml_reader
from lawbook.registry.yaml_reader import LARGEST, Document, parse_yaml, read_yaml, resolve_scalar

FILE = Path("claims/laws/x.yaml")


def only_diagnostic(document: Document) -> str:
    assert len(document.diagnostics) == 1, document.diagnostics
    return str(document.diagnostics[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 1e-3),
        ("1E+3", 1e3),
        ("-.5", -0.5),
        ("3.", 3.0),
        ("0o17", 15),
        ("0x1F", 31),
        ("017", 17),
        ("-2", -2),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("-.inf", -math.inf),
        ("9" * 5000, math.inf),
        ("0x" + "f" * 5000, math.inf),
    ],
)
def test_plain_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    resolved = resolve_scalar(text)
    assert resolved == value
    assert type(resolved) is type(value)


@pytest.mark.parametrize(
    "text",
    ["no", "yes", "on", "Off", "y", "1_000", "12:30", "2001-01-01", "0b1", "1e", ".", "-", "tRUE", "+.nan"],
)
def test_what_only_yaml_1_1_resolves_stays_text(text: str) -> None:
    assert resolve_scalar(text) == text


def test_a_quoted_number_is_text() -> None:
    assert parse_yaml("a: '1'\nb: \"2\"\nc: |\n  3\n", FILE).content == {"a": "1", "b": "2", "c": "3\n"}


def test_every_key_and_value_has_its_place() -> None:
    document = parse_yaml("a: 1\nb:\n  - {c: x, d: [5]}\n  - µ: y\n", FILE)
    assert document.keys["a",] == (1, 1)
    assert document.values["a",] == (1, 4)
    assert document.keys["b", 0] == (3, 5)
    assert document.keys["b", 0, "d"] == (3, 12)
    assert document.values["b", 0, "d", 0] == (3, 16)
    assert document.values["b", 1, "µ"] == (4, 8)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: 1\n\tb: 2\n", "2:1", "a tab"),
        ("a: |\n  x\n\ty\n", "3:1", "a tab"),
        ("a: 1\nb: 2\na: 3\n", "3:1", "'a' is given twice, first at line 1, column 1"),
        ("a: {b: 1, b: {c: [1]}}\n", "1:11", "'b' is given twice"),
        (
            "a: !!python/object/apply:os.system [x]\n",
            "1:4",
            "'!!python/object/apply:os.system' is not allowed",
        ),
        ("a: !local x\n", "1:4", "'!local' is not allowed"),
        ("a: &x 1\nb: *x\n", "1:4", "'&x' is not allowed"),
        ("a: *x\n", "1:4", "'*x' is not allowed"),
        ("a: 1\n---\nb: 2\n", "2:1", "second document"),
        ("- a\n- b\n", "1:1", "a list"),
        ("just text\n", "1:1", "a single value"),
        ("# only a comment\n", "1:1", "empty"),
        ("", "1:1", "empty"),
        ("---\n", "2:1", "empty"),
        ("1: x\n", "1:1", "'1' cannot be a key"),
        ("true: x\n", "1:1", "'true' cannot be a key"),
        ("? [a]\n: b\n", "1:3", "cannot be a key"),
        ("a: x: y\n", "1:5", "a second ':'"),
        ("a: 'x\nb: y\n", "1:4", "quote that opens here is never closed"),
        ("a: [1, 2\n", "1:4", "'[' that opens here is never closed"),
        ("a: [\n", "2:1", "the file ends where a value should stand"),
        ("a: {b: 1\nc: 2}\n", "2:2", "expected ',' or '}'"),
        ("a: @x\n", "1:4", "cannot start with '@'"),
        ("a: 'x' y\n", "1:8", "text after the end of a value"),
        ('a: "\\lambda"\n', "1:5", "a backslash inside double quotes"),
        ("a:\n  b: 1\n c: 2\n", "3:2", "does not continue the mapping"),
        ("a: \x07\n", "1:4", "U+0007"),
        (f"{'9' * 400}: x\n", "1:1", "cannot be a key"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_at_its_place(text: str, place: str, words: str) -> None:
    said = only_diagnostic(parse_yaml(text, FILE))
    assert said.startswith(f"{FILE}:{place}: ")
    assert words in said
    assert "\n" not in said


@pytest.mark.parametrize("text", ["[" * 300_000, "{a: " * 300_000, "- " * 300_000, "a: 1\na: " + "[" * 300_000])
def test_nesting_without_end_is_refused_at_once(text: str) -> None:
    said = [str(diagnostic) for diagnostic in parse_yaml(text, FILE).diagnostics]
    assert "nested deeper than 32 levels" in said[-1]


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("limit", [34, 64, 1000])
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[" * 2000, "1:34"),
        ("a: " + "[" * 2000, "1:36"),
        ("a: 1\na: " + "[" * 2000, "2:36"),
        ("- " * 2000, "1:67"),
    ],
)
def test_a_library_with_a_depth_of_its_own_changes_neither_words_nor_place(
    monkeypatch: pytest.MonkeyPatch, loader: str, limit: int, text: str, place: str
) -> None:
    parse = yaml.parse

    def refusing(given: str, **options: Any) -> Any:
        """Looks ahead as far as it likes, and gives up there before it hands out anything."""
        opened = [at for at, character in enumerate(given) if character in "[-"]
        if len(opened) > limit:
            line = given[: opened[limit]].count("\n")
            mark = yaml.Mark("", opened[limit], line, opened[limit], None, None)
            raise yaml.scanner.ScannerError("while increasing flow level", mark, "exceeded maximum nesting depth", mark)
        yield from parse(given, **options)

    monkeypatch.setattr(yaml_reader, "Loader", getattr(yaml, loader))
    monkeypatch.setattr(yaml_reader.yaml, "parse", refusing)
    *_, told = parse_yaml(text, FILE).diagnostics
    assert str(told) == f"{FILE}:{place}: nested deeper than 32 levels; write the file flatter"


@pytest.mark.parametrize("value", ["[" * 32 + "]" * 32, "[" * 31 + "1" + "]" * 31])
def test_what_is_passed_over_may_be_as_deep_as_what_is_read(value: str) -> None:
    assert parse_yaml(f"a: {value}\n", FILE).diagnostics == ()
    assert "is given twice" in only_diagnostic(parse_yaml(f"a: 1\na: {value}\n", FILE))


def test_a_duplicate_key_does_not_hide_what_follows_it() -> None:
    document = parse_yaml("a: 1\na: {x: [1, {y: 2}]}\nb: 2\nb: 3\n", FILE)
    assert document.content == {"a": 1, "b": 2}
    assert [diagnostic.line for diagnostic in document.diagnostics] == [2, 4]


def test_bytes_that_are_not_utf8_are_named_with_their_place(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("title: é\nkind: ".encode() + b"caf\xe9\n")
    said = only_diagnostic(read_yaml(tmp_path, Path("x.yaml")))
    assert said == "x.yaml:2:10: byte 0xe9 is not valid UTF-8; save the file in the UTF-8 encoding"


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(tmp_path, Path("x.yaml")).content == {"a": 1}
    (tmp_path / "y.yaml").write_bytes(b"\xef\xbb\xbfa: \xff\n")
    assert only_diagnostic(read_yaml(tmp_path, Path("y.yaml"))).startswith("y.yaml:1:4: byte 0xff")


def test_files_that_are_too_large_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"#" * (LARGEST + 1))
    assert f"the file has {LARGEST + 1} bytes" in only_diagnostic(read_yaml(tmp_path, Path("x.yaml")))


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a: secret\n")
    (tmp_path / "x.yaml").symlink_to(tmp_path / "secret")
    document = read_yaml(tmp_path, Path("x.yaml"))
    assert document.content is None
    assert "not a plain file" in only_diagnostic(document)


YAML_PIECES = st.sampled_from(
    [
        "a",
        "b: ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "\\",
        "\n",
        "  ",
        "\t",
        "|",
        ">",
        "&x ",
        "*x",
        "!t ",
        "? ",
        ",",
        "#",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(YAML_PIECES, max_size=40).map("".join)))
def test_any_text_gives_content_or_diagnostics_and_never_an_exception(text: str) -> None:
    document = parse_yaml(text, FILE)
    assert document.content is not None or document.diagnostics
    lines = max(1, len(text.splitlines()) + 1)
    assert all(1 <= diagnostic.line <= lines for diagnostic in document.diagnostics)
