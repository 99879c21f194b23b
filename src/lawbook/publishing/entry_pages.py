"""The pages of single claims and problems with their data, all of them or those that were asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from lawbook.book import Book
from lawbook.evidence.fingerprint import CodeGraph
from lawbook.evidence.map_cells import MapEvidence
from lawbook.publishing.addresses import PageTools, entry_page
from lawbook.publishing.changes import Change, changes_by_id, lines_by_claim
from lawbook.publishing.entry_page import Links, data_files, entry_context
from lawbook.publishing.map_views import map_views
from lawbook.publishing.progress import progress
from lawbook.publishing.registry_pages import claims_by_strand, problem_states
from lawbook.publishing.settings import SiteSettings
from lawbook.publishing.strands import read_strands
from lawbook.publishing.templates import environment


def page_of(book: Book, id: str) -> str:
    """The page of an entry in the tree that MkDocs builds."""
    return f"{entry_page(book.registry, id).removesuffix('.html')}.md"


def entry_texts(
    book: Book,
    settings: SiteSettings,
    changes: Sequence[Change],
    maps: MapEvidence,
    related: Links,
    only: Collection[str] | None = None,
) -> Iterator[tuple[str, str]]:
    """(path, content) of the pages of these entries and of the curves of their records; without `only`, of all."""
    templates = environment(settings.folder / "templates")
    strands = read_strands(settings)
    code = CodeGraph(book.registry.root)
    lines = lines_by_claim(book)
    moved = changes_by_id(changes)
    grouped = {**claims_by_strand(book), "open-problems": problem_states(book)}
    for states in grouped.values():
        for place, state in enumerate(states):
            entry = state.entry
            if only is not None and entry.id not in only:
                continue
            own = (lines.get(entry.id, []), moved.get(entry.id, []))
            page = PageTools(entry_page(book.registry, entry.id), book.registry)
            context = entry_context(book, state, related, *own, settings, page)
            context["maps"] = map_views(entry, maps, code)
            context["previous"] = states[place - 1] if place else None
            context["next"] = states[place + 1] if place + 1 < len(states) else None
            if entry.is_problem:
                context |= {"problem": entry.problem, "progress": progress(state, context["checks"], related)}
            else:
                context |= {"claim": entry.claim, "strand": strands[entry.strand]}
            template = templates.get_template("problem.md.jinja" if entry.is_problem else "claim.md.jinja")
            yield page_of(book, entry.id), template.render(page=page, site=settings, **context)
            yield from data_files(book.registry.root, state, context["checks"], context["history"]).items()
