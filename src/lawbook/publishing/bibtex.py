"""What to cite for a claim of the book, for an open problem, and for the book: BibTeX files for programs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from lawbook.book import Book, EntryState
from lawbook.prose import spelled_out
from lawbook.publishing.addresses import entry_page
from lawbook.publishing.settings import SiteSettings

BOOK_PATH = "api/lawbook.bib"
# What BibTeX or TeX would take for its own, outside of formulas.
_SPECIAL = {
    **{mark: f"\\{mark}" for mark in "$%#&_"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    # BibTeX counts braces even behind a backslash.
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
}
_FORMULA = re.compile(r"\$[^$]+\$")


def bibtex_files(book: Book, settings: SiteSettings) -> dict[str, str]:
    """`api/claims/ID.bib` and `api/problems/ID.bib`: the entry, and which its sources are; `api/lawbook.bib`: all of
    them whole.
    """
    files: dict[str, str] = {}
    cited: dict[str, None] = {}
    own = []
    for state in book.states.values():
        keys = dict.fromkeys(source.cite for source in state.entry.content.sources)
        cited |= keys
        entry = entry_bibtex(book, state, settings)
        own.append(entry)
        # BibTeX passes over what stands between entries.
        rests_on = [f"Its sources, in {Path(BOOK_PATH).name}: {', '.join(keys)}"] if keys else []
        files[bibtex_path(state)] = _joined([entry, *rests_on])
    files[BOOK_PATH] = _joined([book_bibtex(book, settings), *own, *_sources(book, sorted(cited))])
    return files


def bibtex_path(state: EntryState) -> str:
    """Where the BibTeX of an entry lies in the site."""
    return f"api/{'problems' if state.entry.is_problem else 'claims'}/{state.entry.id}.bib"


def entry_bibtex(book: Book, state: EntryState, settings: SiteSettings) -> str:
    """A claim or problem as one BibTeX entry, with where it stood when it was last measured."""
    entry = state.entry
    measured = max((check.record.started[:10] for check in state.checks if check.record), default="")
    stands = "open problem" if entry.is_problem else f"{entry.claim.kind.replace('-', ' ')}, {entry.claim.standing}"
    note = "; ".join(filter(None, [stands, f"{state.status} on {measured}" if measured else state.status]))
    return _misc(
        f"lawbook:{entry.id}",
        {
            "author": " and ".join(map(_text, entry.content.contributors)) or _contributors(settings),
            "title": f"{{{_text(entry.title)}}}",
            "howpublished": f"{_text(settings.name)}, {entry.id}",
            "year": (measured or _last(book))[:4],
            "note": _text(note),
            "url": settings.absolute(entry_page(book.registry, entry.id)) if settings.site_url else "",
        },
    )


def book_bibtex(book: Book, settings: SiteSettings) -> str:
    """The whole book as one BibTeX entry."""
    return _misc(
        "lawbook",
        {
            "author": _contributors(settings),
            "title": f"{{{_text(settings.name)}}}",
            "note": _text(settings.description),
            "year": _last(book)[:4],
            "url": settings.site_url,
        },
    )


def _contributors(settings: SiteSettings) -> str:
    return f"{{The {_text(settings.name)} contributors}}"


def _last(book: Book) -> str:
    return book.history[-1].started if book.history else ""


def _sources(book: Book, keys: Iterable[str]) -> list[str]:
    references = book.registry.references
    return [references[key].bibtex.strip() for key in keys if key in references]


def _misc(key: str, fields: dict[str, str]) -> str:
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}}}"


def _joined(entries: list[str]) -> str:
    return "\n\n".join(entries) + "\n"


def _text(text: str) -> str:
    """A text as BibTeX takes it; formulas stay as they are where their braces match."""
    line, parts, end = " ".join(spelled_out(text).split()), [], 0
    for formula in _FORMULA.finditer(line):
        if not _is_balanced(formula[0]):
            continue
        parts += [_escaped(line[end : formula.start()]), formula[0]]
        end = formula.end()
    return unicodedata.normalize("NFC", "".join([*parts, _escaped(line[end:])]))


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)


def _is_balanced(formula: str) -> bool:
    depth = 0
    for character in formula.replace(r"\{", "").replace(r"\}", ""):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0
