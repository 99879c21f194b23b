"""Finds the formulas of a registry file that KaTeX cannot set, and where in the file each stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lawbook.registry.bibliography import Bibliography
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import KeyPath
from lawbook.registry.latex_symbols import bare
from lawbook.registry.latex_text import FORMULA
from lawbook.registry.layout import BIBLIOGRAPHY
from lawbook.registry.models import TIERS as TIER_NAMES
from lawbook.registry.text_places import place_in_file
from lawbook.registry.yaml_reader import Document

TIERS = frozenset(TIER_NAMES)
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
        "contributors",
        "adds",
        "aliases",
        "reason",
    )
)


def bad_mathematics(document: Document) -> Iterator[Diagnostic]:
    """A diagnostic for each formula of the document's texts that cannot be set, or that is none."""
    from lawbook.prose import bad_math

    for path, text in prose_texts(document.content, with_symbols=True):
        if last_key(path) == "symbol":
            yield from _bad_symbol(document, path, text)
            continue
        if not any(sign in text for sign in "$\\|"):
            continue
        for bad in bad_math(text):
            line, column = place_in_file(document, path, text, bad.line, bad.column)
            yield Diagnostic(document.path, line, column, f"in {last_key(path)}: {bad.message}")


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


def unseen_texts(document: Document) -> Iterator[Diagnostic]:
    """A diagnostic for each text that shows a reader nothing, or hides a character behind its number."""
    from lawbook.prose.showcheck import hidden_character, shows_nothing

    spoken = {(diagnostic.line, diagnostic.column) for diagnostic in document.diagnostics}
    for path, text in prose_texts(document.content):
        if not text.strip() or document.values[path] in spoken:
            continue  # the models say that it is blank, the reader what it hides
        hidden = hidden_character(text)
        if hidden is not None:
            line, column, kind = hidden
            place = place_in_file(document, path, text, line, column)
            what = f"in {last_key(path)}: this writes the {kind}"
            yield Diagnostic(document.path, *place, what, "remove it: no reader sees it")
        elif shows_nothing(text):
            what = f"'{last_key(path)}' shows a reader nothing"
            yield Diagnostic(document.path, *document.values[path], what, "write it")


def bad_sources(bibliography: Bibliography) -> Iterator[Diagnostic]:
    """A diagnostic for each formula in a field of the bibliography that cannot be set, or that is none."""
    from lawbook.prose import MathError, check_math
    from lawbook.prose.stray_dollars import is_prose

    for key, reference in bibliography.references.items():
        for name, value in reference.fields.items():
            for formula in FORMULA.finditer(value) if "$" in value else ():
                what = ""
                try:
                    check_math(formula[1])
                except MathError as error:
                    what = f"in '{key}': the formula {formula[0]} of the {name} cannot be set: {error}"
                if is_prose(formula[1], value[: formula.start()], value[formula.end() :]):
                    what = rf"in '{key}': '{formula[0]}' of the {name} is no formula; write \$ for the sign itself"
                if what:
                    yield Diagnostic(BIBLIOGRAPHY, *bibliography.positions[key], what)


def prose_texts(content: Any, path: KeyPath = (), *, with_symbols: bool = False) -> Iterator[tuple[KeyPath, str]]:
    """Every prose text of a file's content with its key path; `params` hold none. with_symbols: and every symbol."""
    if not isinstance(content, dict | list):
        return
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        if isinstance(value, str):
            within = (*path, key)
            if is_prose(within) or (with_symbols and last_key(within) == "symbol"):
                yield within, value
        elif key != "params":
            yield from prose_texts(value, (*path, key), with_symbols=with_symbols)


def is_prose(path: KeyPath) -> bool:
    """Whether a text at this key path is written for readers."""
    holds_params = "params" in path or ("controls" in path and not TIERS.isdisjoint(path))
    return (last_key(path) in PROSE_KEYS or path[-2:-1] == ("answers",)) and not holds_params


def last_key(path: KeyPath) -> str:
    """The last key of a path, past the places in lists."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")
