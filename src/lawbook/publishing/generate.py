"""From a book to the tree that MkDocs builds: every page and file, written only where it changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from lawbook.book import Book
from lawbook.evidence.map_cells import MapEvidence, read_maps
from lawbook.prose.math import KATEX
from lawbook.publishing.addresses import PageTools
from lawbook.publishing.api import api_files
from lawbook.publishing.badge import badge
from lawbook.publishing.bibtex import bibtex_files
from lawbook.publishing.bundles import bundled
from lawbook.publishing.cards import cards
from lawbook.publishing.changes import Change, status_changes
from lawbook.publishing.checker_pages import FOLDER as CHECKERS_FOLDER
from lawbook.publishing.checker_pages import checker_pages
from lawbook.publishing.entry_page import links
from lawbook.publishing.entry_pages import entry_texts, page_of
from lawbook.publishing.feed import feed
from lawbook.publishing.gallery_page import examples
from lawbook.publishing.handwritten import handwritten_pages
from lawbook.publishing.history_views import weeks
from lawbook.publishing.light_pages import light
from lawbook.publishing.lists import members, read_lists
from lawbook.publishing.notation import house_rows
from lawbook.publishing.redirects import redirect_files
from lawbook.publishing.registry_pages import (
    bibliography_context,
    claims_by_strand,
    graph_context,
    history_context,
    home_context,
    problem_states,
)
from lawbook.publishing.schema_page import schema_sections
from lawbook.publishing.search_index import SEARCH_PATH, search_file
from lawbook.publishing.settings import PARTS_FOLDER, SiteError, SiteSettings, package_site
from lawbook.publishing.severity_page import severity_context
from lawbook.publishing.strands import read_strands
from lawbook.publishing.templates import environment
from lawbook.publishing.tensions_page import tensions_context
from lawbook.publishing.toolbox_page import shelves
from lawbook.publishing.tree import rewrite, write_tree

LIGHT_FOLDERS = ("lists/", "strands/", CHECKERS_FOLDER)
LIGHT_PAGES = {
    "index.md", "problems/index.md", "graph.md", "bibliography.md", "history.md", "changes.md", "notation.md",
    "severity.md", "tensions.md",
}  # fmt: skip


@dataclass(frozen=True)
class Generated:
    """What a generation did: how many files the tree has, and how many of them changed or went."""

    files: int
    changed: int
    removed: int


def generate(book: Book, settings: SiteSettings, docs: Path) -> Generated:
    """Writes the Markdown tree, the files for programs and the assets below `docs`; removes what is no longer made.

    The same book and settings give the same bytes. Raises SiteError where a template or hand-written page is wrong,
    and PlaceError where `docs` holds what Lawbook did not put there.
    """
    try:
        texts = _each_once(text_files(book, settings))
    except TemplateError as error:
        place = f"{getattr(error, 'filename', None) or 'a template'}:{getattr(error, 'lineno', '') or '?'}"
        raise SiteError(f"{place}: {error.message}") from error
    except UnicodeDecodeError as error:
        raise SiteError(f"{settings.folder / 'templates'}: a template is not UTF-8: {error}") from None
    texts |= {path: light(texts[path]) for path in _light_paths(book, texts)}
    content: dict[str, bytes | Path] = {path: text.encode() for path, text in texts.items()}
    content.update(cards())
    for place, asset in bundled(_files("assets", settings.folder)).items():
        if place in content:
            raise SiteError(f"two files of the site would lie at {place}")
        content[place] = asset
    content.setdefault("assets/katex/katex.min.js", KATEX)  # the same that has checked every formula
    theme = {
        f"theme/{place.removeprefix('overrides/')}": path
        for place, path in _files("overrides", settings.folder).items()
    }
    parts: dict[str, bytes | Path] = {**theme, "mkdocs.yml": package_site() / "mkdocs.yml"}
    write_tree(book.registry.root, book.registry.root / PARTS_FOLDER, parts)
    changed, removed = write_tree(book.registry.root, docs, content)
    return Generated(len(content) + 1, changed, removed)  # the marker is a file too


def _light_paths(book: Book, texts: Collection[str]) -> set[str]:
    """The pages whose bodies are HTML of our own making and headings."""
    made = {path for path in texts if path.endswith(".md") and path.startswith(LIGHT_FOLDERS)}
    return made | LIGHT_PAGES | {page_of(book, id) for id in book.states}


def generate_entries(book: Book, settings: SiteSettings, docs: Path, ids: Collection[str]) -> int:
    """Writes the pages of these entries and of their checkers alone into a tree that stands; how many changed.

    A page whose entry is new waits for `generate`, as does all else that speaks of an entry.
    """
    changes = status_changes(book)
    maps = read_maps(book.registry.root)
    entries = entry_texts(book, settings, changes, maps, links(book), ids)
    texts = (*entries, *_checkers(book, settings, ids))
    return rewrite(docs, {path: (light(text) if path.endswith(".md") else text).encode() for path, text in texts})


def _files(kind: str, own: Path) -> dict[str, Path]:
    """The engine's files of a kind by their place, each replaced by the registry's own of its name."""
    return {
        path.relative_to(folder).as_posix(): path
        for folder in (package_site(), own)
        for path in sorted((folder / kind).rglob("*"))
        if path.is_file()
    }


def _each_once(files: Iterator[tuple[str, str]]) -> dict[str, str]:
    """The files by path; raises SiteError where two have one path, or paths that some systems take for one."""
    texts: dict[str, str] = {}
    taken: dict[str, str] = {}
    for path, text in files:
        other = taken.setdefault(path.lower(), path)
        if path in texts or other != path:
            raise SiteError(f"two files of the site would lie at {other}" + (f" and {path}" if other != path else ""))
        texts[path] = text
    return texts


def text_files(book: Book, settings: SiteSettings) -> Iterator[tuple[str, str]]:
    """(path, content) of every page and every file for programs."""
    changes = status_changes(book)
    maps = read_maps(book.registry.root)
    entries = {page_of(book, id) for id in book.states}
    others: dict[str, str] = {}
    for path, text in (*handwritten_pages(settings.folder / "pages"), *_pages(book, settings, changes, maps)):
        if path.endswith(".md") and path not in entries and not path.startswith(CHECKERS_FOLDER):
            others[path] = text
        yield path, text
    yield SEARCH_PATH, search_file(book, others)
    yield from api_files(book, settings, maps).items()
    yield from bibtex_files(book, settings).items()
    yield from redirect_files(book, settings).items()
    yield "feed.xml", feed(book, changes, settings)
    for id, state in book.states.items():
        if not state.entry.is_problem:
            stale = any(check.stale for check in state.checks)
            yield f"badge/{id}.svg", badge(id, state.status, stale=stale, methods=state.methods)


def _pages(book: Book, settings: SiteSettings, changes: list[Change], maps: MapEvidence) -> Iterator[tuple[str, str]]:
    templates = environment(settings.folder / "templates")
    strands = read_strands(settings)

    def render(path: str, template: str, **context: Any) -> tuple[str, str]:
        page = PageTools(_built(path), book.registry)
        return path, templates.get_template(template).render(page=page, site=settings, **context)

    saved = [(one, members(one, book, changes)) for one in read_lists(settings)]
    total = len(book.registry.claims)
    lists = [(one, len(states)) for one, states in saved]
    yield render("index.md", "home.md.jinja", lists=lists, **home_context(book, strands, changes))
    yield render("lists/index.md", "lists.md.jinja", lists=lists)
    for one, states in saved:
        yield render(f"lists/{one.id}.md", "list.md.jinja", saved=one, states=states, total=total)
    for id, states in claims_by_strand(book).items():
        yield render(f"strands/{id}.md", "strand.md.jinja", strand=strands[id], states=states)
    yield render("problems/index.md", "problems.md.jinja", problems=problem_states(book))
    graph_page = PageTools("graph.html", book.registry)
    yield render("graph.md", "graph.md.jinja", strands=strands, **graph_context(book, graph_page))
    yield render("bibliography.md", "bibliography.md.jinja", **bibliography_context(book))
    yield render("history.md", "history.md.jinja", **history_context(book, changes))
    yield render("changes.md", "changes.md.jinja", weeks=weeks(book, changes))
    yield render("notation.md", "notation.md.jinja", rows=house_rows(book))
    yield render("severity.md", "severity.md.jinja", **severity_context(book))
    yield render("schema.md", "schema.md.jinja", sections=schema_sections())
    yield render("toolbox.md", "toolbox.md.jinja", shelves=shelves(book.registry.root))
    yield render("gallery.md", "gallery.md.jinja", examples=examples(settings.folder))
    related = links(book)
    tensions = tensions_context(book, related.inferences, related.found)
    yield render("tensions.md", "tensions.md.jinja", **tensions)
    yield from entry_texts(book, settings, changes, maps, related)
    yield from _checkers(book, settings)


def _checkers(book: Book, settings: SiteSettings, only: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
    template = environment(settings.folder / "templates").get_template("checker.md.jinja")
    for path, context in checker_pages(book, settings, only):
        yield path, template.render(page=PageTools(_built(path), book.registry), site=settings, **context)


def _built(path: str) -> str:
    return f"{path.removesuffix('.md')}.html"
