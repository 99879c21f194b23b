"""Reads `claims/references.bib`: each source once, LaTeX decoded to Unicode, every mistake with its line."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from pybtex import textutils
from pybtex.bibtex.utils import split_name_list, split_tex_string
from pybtex.database.input.bibtex import LowLevelParser, month_names

from lawbook.places.user_cache import content_digest, reader_digest, recall, remember
from lawbook.prose.characters import shows
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import Position, Reference
from lawbook.registry.latex_text import UnknownLatex, decode_latex, decode_verbatim
from lawbook.registry.layout import BIBLIOGRAPHY
from lawbook.registry.source_fields import field_mistakes, hidden_in
from lawbook.registry.suggestions import unicode_form
from lawbook.registry.syntax_messages import find_invisible
from lawbook.registry.yaml_reader import read_text

REQUIRED_FIELDS = ("title", "year")
PEOPLE_FIELDS = ("author", "editor")
PREMATURE_END = "premature end of file"
# What would end a key, an address or an attribute of HTML that holds it.
_NOT_OF_KEYS = re.compile(r"[\s\"#%&'(),<=>{}~\\]")
_MORE_OF_AN_ENTRY = re.compile(r"\s*([},]|\w+\s*=\s*[{\"0-9])")
_ENTRY_WITHOUT_AT = re.compile(
    r"^[ \t]*((?:article|book|in\w+|misc|online|phdthesis|techreport|unpublished)\s*\{)\s*[^\s,{}]+\s*,",
    re.I | re.M,
)
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
    positions: Mapping[str, Position] = field(default_factory=dict)


def read_bibliography(root: Path) -> Bibliography:
    """The bibliography of the registry at `root`; never raises for what the file holds."""
    if not os.path.lexists(root / BIBLIOGRAPHY):
        missing = Diagnostic(BIBLIOGRAPHY, 1, 1, "the bibliography is missing", "every claim cites from it")
        return Bibliography({}, frozenset(), (missing,), is_whole=False)
    text = read_text(root, BIBLIOGRAPHY)
    if isinstance(text, Diagnostic):
        return Bibliography({}, frozenset(), (text,), is_whole=False)
    return _remembered(root, text)


def _remembered(root: Path, text: str) -> Bibliography:
    """The bibliography of a text, from memory where it was read before without mistakes."""
    reader, digest = reader_digest(("registry", "prose"), ("pybtex",)), content_digest(text.encode())
    known = recall(root, "bibliography", reader)
    with suppress(KeyError, TypeError, ValueError):
        references = {
            key: Reference(key, type, dict(fields), tuple(authors), bibtex)
            for key, (type, fields, authors, bibtex) in known[digest]["references"].items()
        }
        positions = {key: (line, column) for key, (line, column) in known[digest]["positions"].items()}
        return Bibliography(references, frozenset(references), (), positions=positions)
    read = parse_bibliography(text)
    if not read.diagnostics and read.is_whole and read.keys == read.references.keys():
        plain = {
            key: [reference.type, dict(reference.fields), list(reference.authors), reference.bibtex]
            for key, reference in read.references.items()
        }
        remember(root, "bibliography", reader, {digest: {"references": plain, "positions": dict(read.positions)}})
    return read


def parse_bibliography(text: str) -> Bibliography:
    """Parses BibTeX source; `@string` macros are expanded, `@comment` and `@preamble` passed over."""
    reader = _Reader(text)
    if invisible := find_invisible(text):
        reader.report(*invisible)
        reader.has_unseen = True
    reader.read()
    found = tuple(sorted(set(reader.diagnostics)))
    return Bibliography(reader.references, frozenset(reader.keys), found, not reader.ends_early, reader.positions)


@dataclass
class _Reader:
    text: str
    references: dict[str, Reference] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    first: dict[str, tuple[str, Position]] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    ends_early: bool = False
    has_unseen: bool = False

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

        for lost in _ENTRY_WITHOUT_AT.finditer(self.text):
            meant = "write '@' before it, or '%' where it is meant as a remark"
            self.report(self.position(lost.start(1)), "this entry has no '@', so nobody reads it", meant)
        parser = LowLevelParser(self.text, macros=dict(month_names), handle_error=handle_error)
        for command, content in parser:
            if command.lower() in ("string", "preamble"):
                continue
            key, raw_fields = content
            if key is None:
                continue
            position = self.position(parser.command_start)
            is_whole = parser.command_start not in broken and not self.goes_on(key, parser.pos)
            if self.is_new(key, position) and is_whole:
                source = self.text[parser.command_start : parser.pos]
                self.add(command.lower(), key, raw_fields, parser.command_start, source)

    def goes_on(self, key: str, end: int) -> bool:
        """Whether an entry has ended before its fields have, since a brace too many has closed it."""
        rest = _MORE_OF_AN_ENTRY.match(self.text, end)
        if rest is not None:
            meant = "balance the braces of the field before it"
            self.report(self.position(rest.start(1)), f"the entry '{key}' has ended before this", meant)
        return rest is not None

    def is_new(self, key: str, position: Position) -> bool:
        self.keys.add(key)
        if bad := _NOT_OF_KEYS.search(key):
            self.report(position, f"the key '{key}' holds '{bad.group()}'", "use letters, digits and '-', '_', ':'")
        earlier = self.first.setdefault(unicode_form(key).casefold(), (key, position))
        if earlier == (key, position):
            return True
        what = f"the key '{key}' is taken by '{earlier[0]}' at line {earlier[1][0]}"
        self.report(position, what, "keys are unique, whatever their case and their form in Unicode")
        return False

    def add(self, type: str, key: str, raw_fields: Any, start: int, source: str) -> None:
        position = self.positions[key] = self.position(start)
        raw = {name.lower(): textutils.normalize_whitespace("".join(parts)) for name, parts in raw_fields}
        given = [name.lower() for name, _ in raw_fields]
        before = len(self.diagnostics)
        for name in sorted({name for name in given if given.count(name) > 1}):
            self.report(position, f"'{key}' gives the field '{name}' twice", "keep one")
        if len(self.diagnostics) == before:
            for name, (what, meant) in field_mistakes(raw):
                self.report(self.place_of_field(name, start, source), f"in '{key}': {what}", meant)
        if "crossref" not in raw:
            for name in REQUIRED_FIELDS:
                if not shows(raw.get(name, "").strip("{}~")):
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
        else:
            for name, (what, meant) in () if self.has_unseen else hidden_in(fields):
                self.report(self.place_of_field(name, start, source), f"in '{key}': {what}", meant)
        if len(self.diagnostics) == before:
            authors = next(people for people in names.values())
            self.references[key] = Reference(key, type, fields, authors, source)

    def place_of_field(self, name: str, start: int, source: str) -> Position:
        """Where a field's name stands in its entry, which begins at `start`."""
        found = re.search(rf"(?<![\w-]){re.escape(name)}\s*=", source, re.IGNORECASE)
        return self.position(start + (found.start() if found else 0))


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
    if name not in VERBATIM_FIELDS:
        return decode_latex(value)
    # Whoever asks whether an address leads to the web need not think of HTTPS://.
    return re.sub(r"^https?:", lambda scheme: scheme.group().lower(), decode_verbatim(value), flags=re.IGNORECASE)


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
