"""Finds the formulas of a registry file that KaTeX cannot set, and where in the file each stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import KeyPath
from lawbook.registry.latex_symbols import bare
from lawbook.registry.text_places import place_in_file
from lawbook.registry.yaml_reader import Document

PROSE_KEYS = frozenset(
    (
        "title",
        "statement",
        "prediction",
        "regime",
        "use",
        "limits",
        "observable",
        "because",
        "disabled",
        "why",
        "note",
        "meaning",
        "unit",
        "shape",
        "question",
        "known",
        "resolution",
    )
)


def bad_mathematics(document: Document) -> Iterator[Diagnostic]:
    """A diagnostic for each formula of the document's texts that cannot be set."""
    from lawbook.prose import bad_math

    for path, text in _texts(document.content, ()):
        if _name(path) == "symbol":
            yield from _bad_symbol(document, path, text)
            continue
        if "$" not in text and "\\" not in text:
            continue
        for bad in bad_math(text):
            line, column = place_in_file(document, path, text, bad.line, bad.column)
            yield Diagnostic(document.path, line, column, f"in {_name(path)}: {bad.message}")


def _bad_symbol(document: Document, path: KeyPath, text: str) -> Iterator[Diagnostic]:
    """A symbol is a formula by itself, with or without dollar signs around it."""
    from lawbook.prose import MathError, check_math

    formula = bare(text)
    try:
        check_math(formula)
    except MathError as error:
        before = text[: text.find(formula) + (error.position or 0)].split("\n")
        line, column = place_in_file(document, path, text, len(before), len(before[-1]) + 1)
        yield Diagnostic(document.path, line, column, f"in symbol: {error}")


def _texts(content: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(content, dict):
        for key, value in content.items():
            if key != "params":
                yield from _texts(value, (*path, key))
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from _texts(value, (*path, index))
    elif isinstance(content, str) and (_name(path) in PROSE_KEYS or _name(path) == "symbol"):
        yield path, content


def _name(path: KeyPath) -> str:
    """The last key of a path, past the places in lists."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")
