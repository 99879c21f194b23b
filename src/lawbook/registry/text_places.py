"""From a place inside a text of a YAML file to its place in the file."""

from __future__ import annotations

from collections.abc import Iterator

from lawbook.registry.entry import KeyPath, Position
from lawbook.registry.yaml_reader import Document


def place_in_file(document: Document, path: KeyPath, text: str, line: int, column: int) -> Position:
    """Where line and column (from 1) of the text at `path` stand in its file.

    YAML folds and strips white space but keeps every other character in order, so the n-th visible character
    of a text is the n-th of its source. Escapes in double quotes break this; there its start is returned.
    """
    start = document.values[path]
    style = document.styles.get(path, "")
    lines = text.splitlines(keepends=True)
    before = "".join(lines[: line - 1]) + (lines[line - 1] if line <= len(lines) else "")[: column - 1]
    wanted = len("".join(before.split()))
    visible = "".join(text.split())
    for seen, (place, character) in enumerate(_visible(document.source, start, style)):
        if seen == min(wanted, len(visible) - 1):
            return place
        if character != visible[seen]:
            break
    return start


def _visible(source: str, start: Position, style: str) -> Iterator[tuple[Position, str]]:
    """The visible characters of a scalar that starts at `start`, with their places."""
    lines = source.splitlines()
    first, column = start
    if style in ("|", ">"):
        first, column = first + 1, 1
    elif style:
        column += 1
    skip_quote = False
    for number in range(first, len(lines) + 1):
        line = lines[number - 1]
        for index in range(column - 1 if number == first else 0, len(line)):
            if skip_quote:
                skip_quote = False
            elif not line[index].isspace():
                skip_quote = style == "'" and line[index : index + 2] == "''"
                yield (number, index + 1), line[index]
