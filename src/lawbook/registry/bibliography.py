"""Reads `claims/references.bib`: each source once, LaTeX decoded to Unicode, every mistake with its line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from pybtex import textutils
from pybtex.bibtex.utils import split_name_list, split_tex_string
from pybtex.database.input.bibtex import LowLevelParser, month_names

from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import Position, Reference
from lawbook.registry.latex_text import UnknownLatex, decode_latex, decode_verbatim
from lawbook.registry.layout import BIBLIOGRAPHY
from lawbook.registry.yaml_reader import read_text

REQUIRED_FIELDS = ("title", "year")
PEOPLE_FIELDS = ("author", "editor")
PREMATURE_END = "premature end of file"
VERBATIM_FIELDS = frozenset(("url", "doi", "eprint", "archiveprefix", "primaryclass", "howpublished"))


@dataclass(frozen=True)
class Bibliography:
    """The references by key, with what is wrong with them.

    keys holds every key that the file mentions, also those of entries too damaged to be references, so that a
    damaged entry does not also make its citations look unknown. is_whole: False where the file could not be
    read to its end, so that there may be keys that nobody has seen.
    """

    references: Mapping[str, Reference]
    keys: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]
    is_whole: bool = True


def read_bibliography(root: Path) -> Bibliography:
    """The bibliography of the registry at `root`; never raises for what the file holds."""
    if not (root / BIBLIOGRAPHY).exists():
        missing = Diagnostic(BIBLIOGRAPHY, 1, 1, "the bibliography is missing", "every claim cites from it")
        return Bibliography({}, frozenset(), (missing,), is_whole=False)
    text = read_text(root, BIBLIOGRAPHY)
    if isinstance(text, Diagnostic):
        return Bibliography({}, frozenset(), (text,), is_whole=False)
    return parse_bibliography(text)


def parse_bibliography(text: str) -> Bibliography:
    """Parses BibTeX source; `@string` macros are expanded, `@comment` and `@preamble` passed over."""
    reader = _Reader(text)
    reader.read()
    found = tuple(sorted(set(reader.diagnostics)))
    return Bibliography(reader.references, frozenset(reader.keys), found, is_whole=not reader.ends_early)


@dataclass
class _Reader:
    text: str
    references: dict[str, Reference] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    first: dict[str, tuple[str, Position]] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    ends_early: bool = False

    def __post_init__(self) -> None:
        lengths = (len(line) for line in self.text.splitlines(keepends=True))
        self.line_starts = [0, *accumulate(lengths)]

    def position(self, offset: int) -> Position:
        line = bisect_right(self.line_starts, offset)
        return (line, offset - self.line_starts[line - 1] + 1)

    def report(self, position: Position, what: str, meant: str = "") -> None:
        self.diagnostics.append(Diagnostic(BIBLIOGRAPHY, *position, what, meant))

    def read(self) -> None:
        broken: set[int] = set()

        def handle_error(error: Any) -> None:
            """Reports the first error of each entry; those after it are its consequences."""
            start = parser.command_start
            if start not in broken:
                broken.add(start)
                what = str(error.args[0] if error.args else "syntax error")
                self.ends_early |= PREMATURE_END in what
                self.report(self.position(parser.pos), *_syntax_words(what))

        parser = LowLevelParser(self.text, macros=dict(month_names), handle_error=handle_error)
        for command, content in parser:
            if command.lower() in ("string", "preamble"):
                continue
            key, raw_fields = content
            if key is None:
                continue
            position = self.position(parser.command_start)
            if self.is_new(key, position) and parser.command_start not in broken:
                source = self.text[parser.command_start : parser.pos]
                self.add(command.lower(), key, raw_fields, position, source)

    def is_new(self, key: str, position: Position) -> bool:
        self.keys.add(key)
        earlier = self.first.setdefault(key.lower(), (key, position))
        if earlier == (key, position):
            return True
        what = f"the key '{key}' is taken by '{earlier[0]}' at line {earlier[1][0]}"
        self.report(position, what, "keys are unique, whatever their case")
        return False

    def add(self, type: str, key: str, raw_fields: Any, position: Position, source: str) -> None:
        raw = {name.lower(): textutils.normalize_whitespace("".join(parts)) for name, parts in raw_fields}
        given = [name.lower() for name, _ in raw_fields]
        before = len(self.diagnostics)
        for name in sorted({name for name in given if given.count(name) > 1}):
            self.report(position, f"'{key}' gives the field '{name}' twice", "keep one")
        for name in REQUIRED_FIELDS:
            if not raw.get(name):
                self.report(position, f"'{key}' has no {name}")
        if not any(raw.get(name) for name in PEOPLE_FIELDS):
            self.report(position, f"'{key}' has no author", "an editor will do")
        try:
            names = {name: _people(raw[name]) for name in PEOPLE_FIELDS if raw.get(name)}
            fields = {name: _decode(name, value) for name, value in raw.items() if name not in names}
            fields |= {name: ", ".join(people) for name, people in names.items()}
        except UnknownLatex as error:
            self.report(position, f"'{key}': {error}", "write the character itself; the file is UTF-8")
        except TooManyCommas as error:
            self.report(position, f"'{key}': {error}", "separate people by 'and': Family, Given and …")
        if len(self.diagnostics) == before:
            authors = next(people for people in names.values())
            self.references[key] = Reference(key, type, fields, authors, source)


class TooManyCommas(ValueError):
    """A name that BibTeX cannot take apart."""


def _people(names: str) -> tuple[str, ...]:
    return tuple(decode_latex(_reading_order(name)) for name in split_name_list(names))


def _reading_order(name: str) -> str:
    """BibTeX's "Family, Given" and "Family, Suffix, Given" as people say them."""
    parts = split_tex_string(name, ",") if "{" in name else name.split(",")
    match [part.strip() for part in parts]:
        case [whole]:
            return whole
        case [family, given]:
            return f"{given} {family}".strip()
        case [family, suffix, given]:
            return f"{given} {family} {suffix}"
        case _:
            raise TooManyCommas(f"too many commas in the name '{name}'")


def _decode(name: str, value: str) -> str:
    return decode_verbatim(value) if name in VERBATIM_FIELDS else decode_latex(value)


def _syntax_words(what: str) -> tuple[str, str]:
    if PREMATURE_END in what:
        return ("the file ends inside an entry", "close its braces and quotes")
    if "unbalanced braces" in what:
        return ("a '}' closes nothing", "balance the braces of this value")
    if what.startswith("undefined") or what.isidentifier():
        return (f"'{what}' is not defined", "put the value in braces: {…}")
    if what == "'}' expected":
        return ("expected ',' or '}' here", "end the field before it with ','")
    return (f"not valid BibTeX: {what}", "a ',' ends each field, braces enclose each value")
