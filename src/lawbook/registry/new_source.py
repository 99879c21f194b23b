"""A new entry of `claims/references.bib`, put at its place among the sorted ones; every other byte stays as it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from lawbook.registry.bibliography import Bibliography, parse_bibliography, read_bibliography
from lawbook.registry.entry import Position, Reference
from lawbook.registry.layout import BIBLIOGRAPHY

_HEAD = re.compile(r"(@\s*\w+\s*[{(]\s*)([^\s,]*)(\s*,)")
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:-]*")
_VERSION = re.compile(r"v\d+$")
# What names a work: two entries that agree in one are the same work.
IDENTIFIERS = ("doi", "eprint")


class SourceRefused(Exception):
    """Why nothing was written."""


def written_out(key: str, fields: Mapping[str, str]) -> str:
    """An entry in the form of the house from its fields, such as `{"title": …, "doi": …}`; an eprint is arXiv's."""
    told = {name: value for name, value in fields.items() if value}
    if "eprint" in told:
        told["archivePrefix"] = "arXiv"
    width = max(map(len, told), default=0)
    lines = [f"  {name.ljust(width)} = {{{value}}}," for name, value in told.items()]
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def with_source(root: Path, key: str, bibtex: str) -> tuple[str, Reference]:
    """The text of the bibliography with one entry more, under `key` whatever its own is; and the entry as it is read.

    Raises SourceRefused where the file or the entry is not valid, or the key or the work is there already.
    """
    if not _KEY.fullmatch(key):
        raise SourceRefused(f"'{key}' cannot be a key; it is first author, year, word of the title: hooke1678spring")
    before = read_bibliography(root)
    if before.diagnostics:
        raise SourceRefused(f"{before.diagnostics[0]}\nmend {BIBLIOGRAPHY} first; nothing was written")
    entry, reference = _only_entry(key, bibtex)
    _refuse_known(before, key, reference)
    text = (root / BIBLIOGRAPHY).read_bytes().decode("utf-8")
    if "\r\n" in text:
        entry = entry.replace("\n", "\r\n")
    joined = _inserted(text, before, key, entry)
    if mistakes := parse_bibliography(joined.removeprefix("\ufeff")).diagnostics:
        raise SourceRefused(f"{mistakes[0]}\nnothing was written")
    return joined, reference


def usual_key(reference: Reference) -> str:
    """How the house would call a source: first author's last name, year, and `WORD` for a word of the title."""
    folded = unicodedata.normalize("NFKD", reference.authors[0].split()[-1].lower().replace("ø", "o").replace("ł", "l"))
    return f"{re.sub('[^a-z]', '', folded)}{reference.fields['year']}WORD"


def is_usual_key(key: str, reference: Reference) -> bool:
    """Whether a key is of that form."""
    return re.fullmatch(usual_key(reference).removesuffix("WORD") + "[a-z0-9]+", key) is not None


def _only_entry(key: str, bibtex: str) -> tuple[str, Reference]:
    """The one entry of a text under its new key; raises SourceRefused where it is not one, or is not valid."""
    text = bibtex.replace("\r\n", "\n").strip()
    heads = _HEAD.findall(text)
    if not text:
        raise SourceRefused("no BibTeX was given; name a file, paste it, or say --title, --author and --year")
    renamed = _HEAD.sub(lambda head: f"{head[1]}{key}{head[3]}", text, count=1)
    read = parse_bibliography(renamed)
    if read.diagnostics:
        said = "\n".join(
            f"line {mistake.line}, column {mistake.column}: {mistake.what}"
            + (f"; {mistake.meant}" if mistake.meant else "")
            for mistake in read.diagnostics
        )
        raise SourceRefused(f"this is no entry that can be added:\n{said}")
    if len(read.references) != 1 or key not in read.references:
        raise SourceRefused(f"one BibTeX entry is wanted, as in @article{{{key}, …}}; here are {len(heads)}")
    return read.references[key].bibtex, read.references[key]


def _refuse_known(before: Bibliography, key: str, reference: Reference) -> None:
    for known in before.keys:
        if known.casefold() == key.casefold():
            line = before.positions[known][0]
            raise SourceRefused(f"the key '{key}' is taken: {BIBLIOGRAPHY}:{line}; nothing was written")
    for name in IDENTIFIERS:
        mine = _identifier(reference, name)
        for other in before.references.values():
            if mine and mine == _identifier(other, name):
                line = before.positions[other.key][0]
                raise SourceRefused(
                    f"the work is there already as '{other.key}' ({BIBLIOGRAPHY}:{line}, {name} {mine}); cite that"
                )


def _identifier(reference: Reference, name: str) -> str:
    return _VERSION.sub("", reference.fields.get(name, "").lower())


def _inserted(text: str, before: Bibliography, key: str, entry: str) -> str:
    """The text with the entry behind the last of those that come before it, or ahead of all."""
    end_of_line = "\r\n" if "\r\n" in text else "\n"
    between = 2 * end_of_line
    smaller = [known for known in before.references if known.casefold() < key.casefold()]
    if not smaller:
        first = min(before.positions.values(), default=None)
        at = len(text) if first is None else _offset(text, first)
        return text[:at] + entry + (between if first else end_of_line) + text[at:]
    last = max(smaller, key=lambda known: before.positions[known])
    at = _offset(text, before.positions[last]) + len(before.references[last].bibtex)
    return text[:at] + between + entry + (text[at:] or end_of_line)


def _offset(text: str, position: Position) -> int:
    """Where a line and column, from 1, stand in the text; a byte-order mark at its head takes no column."""
    lines = text.splitlines(keepends=True)
    has_mark = position[0] == 1 and text.startswith("\ufeff")
    return sum(map(len, lines[: position[0] - 1])) + position[1] - 1 + has_mark
