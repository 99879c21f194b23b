"""What the page of one claim or open problem shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from lawbook.book import Book, CheckState, EntryState
from lawbook.evidence.curves import take_curves
from lawbook.evidence.history import HistoryLine
from lawbook.evidence.pooling import Pooled
from lawbook.evidence.record import Record
from lawbook.evidence.store import with_curves
from lawbook.prose import plain_text
from lawbook.publishing.addresses import PageTools
from lawbook.publishing.bibtex import bibtex_path
from lawbook.publishing.changes import Change
from lawbook.publishing.counts import shown_first
from lawbook.publishing.curves import Figure, figures
from lawbook.publishing.curves_file import curves_file, curves_place
from lawbook.publishing.escaping import markup, strict_json
from lawbook.publishing.explore import explorations
from lawbook.publishing.figures.graph import Edge, Node
from lawbook.publishing.figures.neighbourhood import neighbourhood
from lawbook.publishing.figures.strip import strip
from lawbook.publishing.first_screen import NOTHING, FirstScreen, first_screen
from lawbook.publishing.history_views import HistoryView, history_views
from lawbook.publishing.notation import anchor, hints
from lawbook.publishing.settings import SiteSettings
from lawbook.publishing.source_code import checker_code
from lawbook.registry.entry import Reference
from lawbook.registry.entry_symbols import entry_symbols
from lawbook.registry.models import Check, Source
from lawbook.relations.consequences import consequences
from lawbook.relations.edges import relations
from lawbook.relations.implications import Implications, implications
from lawbook.relations.tensions import Finding, findings

NOTHING_SAID: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class TierView:
    """One check at one tier: its state, its figures, and the files that hold its numbers.

    first: what the entry's first screen says of it, if it is the one that stands there. whole: its newest record with
    the curves. pooled: what it gives together with the runs before, if there are any.
    """

    state: CheckState
    strip: Markup
    figures: Sequence[Figure]
    json_path: str
    curves_path: str
    first: FirstScreen | None = None
    whole: Record | None = None
    pooled: Pooled | None = None


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
    references = list(dict.fromkeys(check.checker for check in entry.checks))
    codes = [checker_code(book.registry.root, reference, settings) for reference in references]
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
        "checkers": [code for code in codes if code is not None],
        "explorations": explorations(book.registry.root, entry.id, entry.checks),
        "contributors": entry.content.contributors,
        "recorded": any(check.record for check in state.checks),
        "yaml_path": f"data/{entry.id}/{entry.path.name}",
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
        drawn = again if again and caption is None else strip(record) if record else ""
        made = figures(record, {caption: again} if again and caption is not None else {}) if record else []
        path = data_path(record) if record else ""
        has_curves = record is not None and any([drawn, record.panels, *(c.panels for c in record.controls)])
        curves = curves_place(record) if record and has_curves else ""
        pooled = book.pooled(tier.record) if tier.record else None
        tiers.append(TierView(tier, markup(drawn), made, f"{path}.json", curves, first, record, pooled))
    return CheckView(check, tiers)


def data_path(record: Record) -> str:
    """Where a record's files lie in the site, without their suffix."""
    return f"data/{record.claim}/{record.check}.{record.tier}.{record.device}"


def data_files(
    root: Path, state: EntryState, checks: Sequence[CheckView], history: Sequence[HistoryView]
) -> dict[str, str]:
    """Every record of an entry as JSON without its curves, and what its figures show in a file beside it.

    checks: with what is read.
    """
    files = {}
    courses = {view.curves_path: view.lines for view in history if view.curves_path}
    read = {id(tier.state.record): tier.whole for view in checks for tier in view.tiers}
    for check in state.checks:
        for record in check.records:
            path = data_path(record)
            files[f"{path}.json"] = strict_json(record_data(record if record.curves else take_curves(record)[0]))
            place = curves_place(record)
            if curves := curves_file(read.get(id(record)) or with_curves(root, record), courses.pop(place, ())):
                files[place] = curves
    return files | {place: curves_file(None, lines) for place, lines in courses.items()}


def record_data(record: Record, exclude: Any = None) -> dict[str, Any]:
    """A record for programs; of a control or a rival, only the keys that say something.

    exclude: what to leave out, as `model_dump` takes it.
    """
    told = record.model_dump(mode="json", exclude=exclude)
    for arms in ("controls", "rivals"):
        told[arms] = [{key: value for key, value in arm.items() if value not in NOTHING_SAID} for arm in told[arms]]
    return told


def cited(book: Book, sources: Sequence[Source]) -> list[tuple[Source, Reference | None]]:
    """Sources with their references, origins and proofs first as their file has them."""
    return [(source, book.registry.references.get(source.cite)) for source in sources]
