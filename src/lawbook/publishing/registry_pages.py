"""What the pages over the whole registry show: home, strands, problems, graph, bibliography, history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from lawbook.book import Book, EntryState
from lawbook.prose import plain_text
from lawbook.publishing.addresses import PageTools
from lawbook.publishing.changes import Change
from lawbook.publishing.counts import STATUSES, counts, idle_checks, last_record
from lawbook.publishing.entry_page import node_of
from lawbook.publishing.escaping import markup
from lawbook.publishing.facets import facets, last_verified, told
from lawbook.publishing.figures.graph import MOST_TOLD, Edge, graph
from lawbook.publishing.figures.tally import tally
from lawbook.publishing.search_index import plain_title
from lawbook.publishing.strands import Strand
from lawbook.publishing.words import family
from lawbook.registry.entry import Reference
from lawbook.registry.models import PROBLEMS_FOLDER, STRANDS
from lawbook.relations.edges import relations

RECENT_CHANGES = 8
# With more claims than that a tile is a title, or the page would weigh megabytes.
MOST_TILES = 150
RECENT_LINES = 250
# Relations that the map draws in a style of their own.
OWN_LINES = ("bears-on", "contradicts")


def claims_by_strand(book: Book) -> dict[str, list[EntryState]]:
    """Every strand's claims, by title; strands without claims too."""
    grouped: dict[str, list[EntryState]] = {strand: [] for strand in STRANDS}
    for state in book.states.values():
        if not state.entry.is_problem:
            grouped[state.entry.strand].append(state)
    return {strand: sorted(states, key=_by_title) for strand, states in grouped.items()}


def problem_states(book: Book) -> list[EntryState]:
    """Every open problem, by title."""
    return sorted((state for state in book.states.values() if state.entry.is_problem), key=_by_title)


def home_context(book: Book, strands: dict[str, Strand], changes: Sequence[Change]) -> dict[str, Any]:
    """The periodic table, the counts, and all that wants attention."""
    grouped = claims_by_strand(book)
    claims = [state for states in grouped.values() for state in states]
    return {
        "groups": [(strands[id], states) for id, states in grouped.items()],
        "facets": facets(claims),
        "told": told,
        "last_verified": last_verified,
        "plain_title": plain_title,
        "is_compact": len(claims) > MOST_TILES,
        "problems": problem_states(book),
        "counts": counts(book),
        "last": last_record(book),
        "changes": [(change, book.states[change.id]) for change in reversed(changes[-RECENT_CHANGES:])],
        "idle": idle_checks(book),
        "known_failures": [
            state
            for state in book.states.values()
            if not state.entry.is_problem and state.entry.claim.known_failure is not None
        ],
        "damaged": book.damaged,
        "retired": book.retired,
    }


def graph_context(book: Book, page: PageTools) -> dict[str, Any]:
    """The graph's drawing, and the same relations as a list."""
    order = sorted(book.states.values(), key=lambda state: state.entry.id)
    nodes = [node_of(state, page) for state in order]
    edges = [Edge(source, target, type) for source, type, target in relations(book)]
    listed = [
        (book.states[node.id], [(e.type, book.states[e.target]) for e in edges if e.source == node.id])
        for node in nodes
    ]
    return {
        "drawing": markup(graph(nodes, edges, [*STRANDS, PROBLEMS_FOLDER])),
        "listed": [pair for pair in listed if pair[1] or len(edges) > MOST_TOLD],
        "statuses": STATUSES,
        "is_crowded": len(edges) > MOST_TOLD,  # each target has a row of its own, and so its link
        "lines": line_kinds({edge.type for edge in edges}),
    }


def line_kinds(types: Iterable[str]) -> list[tuple[str, list[str]]]:
    """The relations that share a line on the map, under the name of its style."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for type in sorted(types):
        kinds[type if type in OWN_LINES else "other"].append(type)
    return sorted(kinds.items(), key=lambda kind: kind[0] != "other")


def bibliography_context(book: Book) -> dict[str, Any]:
    """Every source that something cites, with who cites it and how; then those that nothing cites yet."""
    citing: dict[str, list[tuple[str, EntryState]]] = defaultdict(list)
    for state in book.states.values():
        for source in state.entry.content.sources:
            citing[source.cite].append((source.role, state))
    references = sorted(book.registry.references.values(), key=_by_author)
    return {
        "cited": [(item, citing[item.key]) for item in references if item.key in citing],
        "uncited": [item for item in references if item.key not in citing],
    }


def history_context(book: Book, changes: Sequence[Change]) -> dict[str, Any]:
    """The record of records, newest first, and how the counts moved."""
    known = [line for line in book.history if line.claim in book.states]
    return {
        "drawing": markup(tally(changes, sum(not s.entry.is_problem for s in book.states.values()), _problems(book))),
        "changes": [(change, book.states[change.id]) for change in reversed(changes[-RECENT_LINES:])],
        "lines": list(reversed(book.history))[:RECENT_LINES],
        "total": len(book.history),
        "gone": len(book.history) - len(known),
    }


def _problems(book: Book) -> frozenset[str]:
    return frozenset(id for id, state in book.states.items() if state.entry.is_problem)


def _by_title(state: EntryState) -> tuple[str, str]:
    return (plain_text(state.entry.title).lower(), state.entry.id)


def _by_author(reference: Reference) -> tuple[str, str, str]:
    return (family(reference), reference.fields.get("year", ""), reference.key)
