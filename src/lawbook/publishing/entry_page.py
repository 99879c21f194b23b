"""What the page of one claim or open problem shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lawbook.book import Book, CheckState, EntryState
from lawbook.evidence.history import HistoryLine
from lawbook.evidence.pooling import Pooled
from lawbook.evidence.record import Record
from lawbook.evidence.store import with_curves
from lawbook.prose import plain_text
from lawbook.publishing.addresses import PageTools, api_file
from lawbook.publishing.bibtex import bibtex_path
from lawbook.publishing.changes import Change
from lawbook.publishing.checker_pages import checker_places
from lawbook.publishing.counts import shown_first
from lawbook.publishing.curves import Figure, figures
from lawbook.publishing.curves_file import curves_file, curves_place, has_numbers
from lawbook.publishing.escaping import markup
from lawbook.publishing.explore import explorations
from lawbook.publishing.figures.graph import Edge, Node
from lawbook.publishing.figures.neighbourhood import neighbourhood
from lawbook.publishing.figures.strip import strip
from lawbook.publishing.first_screen import NOTHING, FirstScreen, first_screen
from lawbook.publishing.history_views import HistoryView, history_views
from lawbook.publishing.notation import anchor, hints
from lawbook.publishing.settings import SiteSettings
from lawbook.registry.entry import Reference
from lawbook.registry.entry_symbols import entry_symbols
from lawbook.registry.models import Check, Source
from lawbook.relations.consequences import consequences
from lawbook.relations.edges import relations
from lawbook.relations.implications import Implications, implications
from lawbook.relations.tensions import Finding, findings


@dataclass(frozen=True)
class TierView:
    """One check at one tier: its state, its figures, and the file that holds their numbers.

    first: what the entry's first screen says of it, if it is the one that stands there. whole: its newest record with
    the curves. pooled: what it gives together with the runs before, if there are any. is_brief: whether it is told in
    a few lines, without figures, as it says no more than the tier that makes the headline.
    """

    state: CheckState
    strip: Markup
    figures: Sequence[Figure]
    curves_path: str
    first: FirstScreen | None = None
    whole: Record | None = None
    pooled: Pooled | None = None
    is_brief: bool = False


@dataclass(frozen=True)
class CheckView:
    """One check, the tier that makes the headline first."""

    check: Check
    tiers: Sequence[TierView]


@dataclass(frozen=True)
class Links:
    """Relations by entry, each as (type, the other end's state); edges: all of them. And what follows from them."""

    outgoing: dict[str, list[tuple[str, EntryState]]]
    incoming: dict[str, list[tuple[str, EntryState]]]
    edges: dict[str, list[Edge]]
    inferences: Implications
    found: Sequence[Finding]


def links(book: Book) -> Links:
    """All relations of the registry, from both of their ends."""
    outgoing: dict[str, list[tuple[str, EntryState]]] = {id: [] for id in book.states}
    incoming: dict[str, list[tuple[str, EntryState]]] = {id: [] for id in book.states}
    edges: dict[str, list[Edge]] = {id: [] for id in book.states}
    for source, type, target in relations(book):
        outgoing[source].append((type, book.states[target]))
        incoming[target].append((type, book.states[source]))
        for end in dict.fromkeys((source, target)):
            edges[end].append(Edge(source, target, type))
    inferences = implications(book)
    return Links(outgoing, incoming, edges, inferences, findings(book, inferences))


def neighbourhood_of(book: Book, id: str, related: Links, page: PageTools) -> Markup:
    """The small map around one entry, with what its neighbours have to do with one another."""
    around = {end: book.states[end] for edge in related.edges[id] for end in (edge.source, edge.target)}
    nodes = {end: node_of(state, page) for end, state in around.items()}
    edges = {edge: None for end in around for edge in related.edges[end] if {edge.source, edge.target} <= set(around)}
    return markup(neighbourhood(nodes[id], list(edges), nodes)) if nodes else markup("")


def node_of(state: EntryState, page: PageTools) -> Node:
    """An entry as a box of a map on that page."""
    entry = state.entry
    return Node(entry.id, plain_text(entry.title), entry.strand, state.status, page.entry(entry.id))


def entry_context(
    book: Book,
    state: EntryState,
    related: Links,
    lines: Sequence[HistoryLine],
    changes: Sequence[Change],
    settings: SiteSettings,
    page: PageTools,
) -> dict[str, Any]:
    """The variables of `claim.md.jinja` and `problem.md.jinja`; lines and changes are the entry's own."""
    entry = state.entry
    views = [check_view(book, state, check) for check in entry.checks]
    named = entry_symbols(book.registry, entry)
    return {
        "named_symbols": named,
        "anchor": anchor,
        "hint": hints(named),
        "state": state,
        "bibtex_path": bibtex_path,
        "entry": entry,
        "checks": views,
        "main": views[0].tiers[0] if views and views[0].tiers else None,
        "outgoing": related.outgoing[entry.id],
        "incoming": related.incoming[entry.id],
        "follows": consequences(book, related.inferences, related.found, entry.id),
        "neighbourhood": neighbourhood_of(book, entry.id, related, page),
        "sources": cited(book, entry.content.sources),
        "history": history_views(state, lines),
        "changes": list(changes),
        "checkers": checker_places(book.registry.root, entry, settings),
        "explorations": explorations(book.registry.root, entry.id, entry.checks),
        "contributors": entry.content.contributors,
        "recorded": any(check.record for check in state.checks),
        "api_path": api_file(book.registry, entry.id),
        "yaml_path": entry.path.as_posix(),
        "yaml_url": settings.source_url(entry.path.as_posix()),
    }


def check_view(book: Book, state: EntryState, check: Check) -> CheckView:
    """One check of an entry with its figures."""
    tiers: list[TierView] = []
    for tier in shown_first(state.checks, check.name):
        record = tier.record and with_curves(book.registry.root, tier.record)
        is_first = not state.entry.is_problem and check is state.entry.checks[0] and not tiers
        first = first_screen(tier, record) if is_first else None
        again = first.again if first else NOTHING
        caption = first.caption if first else None
        brief = bool(tiers) and _says_the_same(tier, tiers[0].state)
        drawn = again if again and caption is None else strip(record) if record and not brief else ""
        made = []
        if record and not brief:
            made = figures(record, {caption: again} if again and caption is not None else {})
        curves = curves_place(record) if record and has_numbers(record) else ""
        pooled = book.pooled(tier.record) if tier.record else None
        tiers.append(TierView(tier, markup(drawn), made, curves, first, record, pooled, brief))
    return CheckView(check, tiers)


def _says_the_same(state: CheckState, headline: CheckState) -> bool:
    """Whether a tier came out as the one that makes the headline did, in all its arms."""
    record, other = state.record, headline.record
    if record is None or other is None or state.outcome != headline.outcome or state.stale or headline.stale:
        return False
    excluded = [{rival.name for rival in tier.rivals if rival.excluded} for tier in (state, headline)]
    return excluded[0] == excluded[1] and all(control.as_expected for control in record.controls)


def data_files(
    root: Path, state: EntryState, checks: Sequence[CheckView], history: Sequence[HistoryView]
) -> dict[str, str]:
    """The numbers of the figures of every record of an entry and of its courses, a file for each of a check's tiers and
    devices; checks: with what is read.
    """
    files = {}
    courses = {view.curves_path: view.lines for view in history if view.curves_path}
    read = {id(tier.state.record): tier.whole for view in checks for tier in view.tiers}
    for check in state.checks:
        for record in check.records:
            place = curves_place(record)
            if curves := curves_file(read.get(id(record)) or with_curves(root, record), courses.pop(place, ())):
                files[place] = curves
    return files | {place: curves_file(None, lines) for place, lines in courses.items()}


def cited(book: Book, sources: Sequence[Source]) -> list[tuple[Source, Reference | None]]:
    """Sources with their references, origins and proofs first as their file has them."""
    return [(source, book.registry.references.get(source.cite)) for source in sources]
