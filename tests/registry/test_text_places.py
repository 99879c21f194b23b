from __future__ import annotations

from pathlib import Path

import pytest

from lawbook.registry.text_places import place_in_file
from lawbook.registry.yaml_reader import parse_yaml


@pytest.mark.parametrize(
    "source",
    [
        "a: some text X here\n",
        "a: some\n  text\n  X here\n",
        "a: |\n  some text\n\n    indented X here\n",
        "a: |-\n    some\n    text X\nb: 1\n",
        "a: |2\n    some\n  text X\n",
        "a: >\n  some text\n  folded X here\n\n  and more\n",
        "a: 'it''s a text X here'\n",
        "a: 'folded\n\n   over ''lines'' X'\n",
        'a: "double X"\n',
        "# before\nb: {c: 1, a: flow X text}\na: µ λ X\n",
        "a: X\n",
    ],
)
def test_a_place_in_a_text_is_found_in_its_file(source: str) -> None:
    document = parse_yaml(source, Path("x.yaml"))
    assert document.content is not None
    text = document.content["a"]
    before = text[: text.index("X")]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    found_line, found_column = place_in_file(document, ("a",), text, line, column)
    last = source.rindex("X")
    assert found_line == source[:last].count("\n") + 1
    assert found_column == last - source[:last].rfind("\n")


def test_a_text_with_escapes_is_pointed_at_as_a_whole() -> None:
    document = parse_yaml('a: "tab \\x41 X"\n', Path("x.yaml"))
    assert place_in_file(document, ("a",), "tab A X", 1, 7) == (1, 4)


def test_the_end_of_a_text_lies_in_the_file() -> None:
    document = parse_yaml("a: |\n  x\n  y\n", Path("x.yaml"))
    assert place_in_file(document, ("a",), "x\ny\n", 3, 1) == (3, 3)
