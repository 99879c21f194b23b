"""The index of the search: a line for each claim, problem, page and source, small enough for a thousand of them.

`search/index.js` is JSON between `lawbookSearch(` and `);`, since a page read from a file may load a script and may
not fetch data. Numbers and the code of formulas stay out of it.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lawbook.book import Book, EntryState
from lawbook.prose import plain_text, spelled_out
from lawbook.publishing.addresses import entry_page
from lawbook.publishing.search_words import fold, fold_formula, once, readable
from lawbook.publishing.words import names
from lawbook.registry.models import Claim
from lawbook.relations.edges import relations

SEARCH_PATH = "search/index.js"
# A text's formulas, to be folded by rules of their own.
_FORMULA = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$", re.DOTALL)
_NUMBER = re.compile(r"(?<![a-z])\d+(?![a-z])")
_TAG = re.compile(r"<[^>]*>")
_CODE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_MOST_WORDS = 220


def search_file(book: Book, pages: Mapping[str, str]) -> str:
    """The content of `search/index.js`. pages: the other pages' Markdown by path, such as `method.md`."""
    ends = Counter(end for source, _, target in relations(book) for end in (source, target))
    lines = [_entry(book, state, ends[id]) for id, state in book.states.items()]
    lines += [line for path, text in sorted(pages.items()) for line in _page(path, text)]
    cited = {source.cite for state in book.states.values() for source in state.entry.content.sources}
    lines += _sources(book, cited)
    written = ",\n".join(json.dumps(line, separators=(",", ":")) for line in lines)
    return f"lawbookSearch([\n{written}\n]);\n"


def _entry(book: Book, state: EntryState, ends: int) -> dict[str, Any]:
    """u: address; t: title, as a reader sees it; n: what stands beside it; k: its kind. Folded: h: title; a: other
    names; f: formula of its prediction and title; g: words of its other formulas; o: authors and years of its
    origins; p: those of its other sources; w: words of its texts. r: how many relations it has.
    """
    entry, content = state.entry, state.entry.content
    claim = content if isinstance(content, Claim) else None
    if isinstance(content, Claim):
        prose = [content.statement, *content.regime, content.limits, content.use or ""]
        main = [content.title, content.prediction]
    else:
        prose = [content.question, content.why, content.known, *content.resolution]
        main = [content.title, content.question]
    prose += [check.observable for check in content.checks]
    called = [*(claim.aliases if claim else []), entry.id.replace("-", " ")]
    people = {
        is_origin: fold(" ; ".join(_people(book, cite)))
        for is_origin in (True, False)
        for cite in [[s.cite for s in content.sources if (s.role == "origin") is is_origin]]
    }
    shown = " · ".join([claim.kind.replace("-", " "), state.status]) if claim else "open problem"
    return _line(
        u=entry_page(book.registry, entry.id),
        t=plain_title(content.title),
        n=shown,
        k="claim" if claim else "problem",
        h=_folded(content.title),
        a=" ; ".join(map(fold, called)),
        f=_formulas(main),
        g=once([_formulas(prose)]),
        o=people[True],
        p=people[False],
        w=_words(prose),
        r=ends,
    )


def plain_title(title: str) -> str:
    """A title as one line of plain words, its formulas in the letters that a reader would write."""
    return " ".join(spelled_out(plain_text(_FORMULA.sub(lambda m: readable(m[1] or m[2]), title))).split())


def _people(book: Book, cites: Sequence[str]) -> Iterator[str]:
    for cite in cites:
        reference = book.registry.references.get(cite)
        if reference is not None:
            names = [author.split()[-1] for author in reference.authors if author.split()]
            yield " ".join([*names, reference.fields.get("year", "")])


def _folded(text: str) -> str:
    """A text with its formulas, in its order."""
    return fold(_FORMULA.sub(lambda match: f" {fold_formula(match[1] or match[2])} ", text))


def _formulas(texts: Iterable[str]) -> str:
    found = [fold_formula(match[1] or match[2]) for text in texts for match in _FORMULA.finditer(text)]
    return " ; ".join(dict.fromkeys(filter(None, found)))


def _words(texts: Iterable[str]) -> str:
    folded = (fold(_NUMBER.sub(" ", _FORMULA.sub(" ", text).lower())) for text in texts)
    return " ".join(once(folded).split()[:_MOST_WORDS])


def _page(path: str, page: str) -> Iterator[dict[str, Any]]:
    """A page by its title, and by each of its headings; the words of those that people wrote."""
    body = page.partition("\n---\n")[2] if page.startswith("---\n") else page
    given = re.search(r"^title: (.*)$", page, re.MULTILINE)
    heading = re.search(r"^# (.+?)(?: \{#.*\})?$", body, re.MULTILINE) or re.search(r"<h1[^>]*>(.*?)</h1>", body)
    title = html.unescape(_TAG.sub("", heading[1] if heading else given[1].strip('"') if given else path))
    address = f"{path.removesuffix('.md')}.html"
    is_written = heading is not None and "<h1" not in body
    words = _words([html.unescape(_TAG.sub(" ", _CODE.sub("", body)))]) if is_written else ""
    yield _line(u=address, t=title, n="page", k="page", h=fold(title), w=words)
    for part in re.finditer(r"^##+ (.+?) \{#([\w.-]+)\}$", body, re.MULTILINE):
        yield _line(u=f"{address}#{part[2]}", t=f"{title}: {part[1]}", n="page", k="part", h=fold(part[1]))


def _sources(book: Book, cited: set[str]) -> Iterator[dict[str, Any]]:
    for key, reference in sorted(book.registry.references.items()):
        year = reference.fields.get("year", "")
        title = plain_title(reference.fields.get("title", key))
        yield _line(
            u=f"bibliography.html#{key}",
            t=f"{names(reference.authors, 2)} {year}: {title}",
            n="source" if key in cited else "source, not cited yet",
            k="source",
            h=_folded(reference.fields.get("title", "")),
            p=fold(" ; ".join(_people(book, [key]))),
        )


def _line(**parts: str | int) -> dict[str, Any]:
    return {name: part for name, part in parts.items() if part}
