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
from lawbook.evidence.record import Record
from lawbook.evidence.store import with_curves
from lawbook.publishing.bibtex import bibtex_path
from lawbook.publishing.changes import Change
from lawbook.publishing.counts import shown_first
from lawbook.publishing.curves import Figure, curves_file, figures
from lawbook.publishing.escaping import markup, model_json
from lawbook.publishing.figures.sparkline import sparkline
from lawbook.publishing.figures.strip import strip
from lawbook.publishing.notation import anchor, hints
from lawbook.publishing.settings import SiteSettings
from lawbook.publishing.source_code import checker_code
from lawbook.registry.entry import Reference
from lawbook.registry.entry_symbols import entry_symbols
from lawbook.registry.models import Check, Source


@dataclass(frozen=True)
class TierView:
    """One check at one tier: its state, its figures, and the files that hold its numbers."""

    state: CheckState
    strip: Markup
    figures: Sequence[Figure]
    json_path: str
    curves_path: str


@dataclass(frozen=True)
class CheckView:
    """One check, the tier that makes the headline first."""

    check: Check
    tiers: Sequence[TierView]


@dataclass(frozen=True)
class HistoryView:
    """What one check gave over time on one kind of device."""

    check: str
    tier: str
    device: str
    spark: Markup
    lines: Sequence[HistoryLine]


@dataclass(frozen=True)
class Links:
    """Relations by entry, each as (type, the other end's state)."""

    outgoing: dict[str, list[tuple[str, EntryState]]]
    incoming: dict[str, list[tuple[str, EntryState]]]


def links(book: Book) -> Links:
    """All relations of the registry, from both of their ends."""
    outgoing: dict[str, list[tuple[str, EntryState]]] = {id: [] for id in book.states}
    incoming: dict[str, list[tuple[str, EntryState]]] = {id: [] for id in book.states}
    for source, type, target in relations(book):
        outgoing[source].append((type, book.states[target]))
        incoming[target].append((type, book.states[source]))
    return Links(outgoing, incoming)


def relations(book: Book) -> list[tuple[str, str, str]]:
    """Every relation once, as (source, type, target).

    A problem that says it bears on a claim means that the claim bears on it, whichever of their files says so.
    """
    found: dict[tuple[str, str, str], None] = {}
    for id, state in sorted(book.states.items()):
        for relation in state.entry.content.relations:
            target = book.states.get(relation.target)
            if target is None:
                continue
            turned = relation.type == "bears-on" and state.entry.is_problem and not target.entry.is_problem
            ends = (target.entry.id, id) if turned else (id, target.entry.id)
            found[ends[0], relation.type, ends[1]] = None
    return list(found)


def entry_context(
    book: Book,
    state: EntryState,
    related: Links,
    lines: Sequence[HistoryLine],
    changes: Sequence[Change],
    settings: SiteSettings,
) -> dict[str, Any]:
    """The variables of `claim.md.jinja` and `problem.md.jinja`; lines and changes are the entry's own."""
    entry = state.entry
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
        "checks": [check_view(book.registry.root, state, check) for check in entry.checks],
        "outgoing": related.outgoing[entry.id],
        "incoming": related.incoming[entry.id],
        "sources": cited(book, entry.content.sources),
        "history": history_views(state, lines),
        "changes": list(changes),
        "checkers": [code for code in codes if code is not None],
        "contributors": entry.content.contributors,
        "recorded": any(check.record for check in state.checks),
        "yaml_path": f"data/{entry.id}/{entry.path.name}",
        "yaml_url": settings.source_url(entry.path.as_posix()),
    }


def check_view(root: Path, state: EntryState, check: Check) -> CheckView:
    """One check of an entry with its figures."""
    tiers = []
    for tier in shown_first(state.checks, check.name):
        record = tier.record and with_curves(root, tier.record)
        drawn = strip(record) if record else ""
        made = figures(record) if record else []
        path = data_path(record) if record else ""
        has_curves = record is not None and any([record.panels, *(c.panels for c in record.controls)])
        curves = f"{path}.curves.js" if has_curves else ""
        tiers.append(TierView(tier, markup(drawn), made, f"{path}.json", curves))
    return CheckView(check, tiers)


def data_path(record: Record) -> str:
    """Where a record's files lie in the site, without their suffix."""
    return f"data/{record.claim}/{record.check}.{record.tier}.{record.device}"


def data_files(root: Path, state: EntryState) -> dict[str, str]:
    """Every record of an entry as JSON without its curves, and these in a file beside it, as the store keeps them."""
    files = {}
    for check in state.checks:
        for record in check.records:
            whole, path = with_curves(root, record), data_path(record)
            files[f"{path}.json"] = model_json(take_curves(whole)[0])
            if curves := curves_file(whole):
                files[f"{path}.curves.js"] = curves
    return files


def cited(book: Book, sources: Sequence[Source]) -> list[tuple[Source, Reference | None]]:
    """Sources with their references, origins and proofs first as their file has them."""
    return [(source, book.registry.references.get(source.cite)) for source in sources]


def history_views(state: EntryState, lines: Sequence[HistoryLine]) -> list[HistoryView]:
    """The history of each check of an entry, by tier and device."""
    views = []
    for check in state.checks:
        of_check = [line for line in lines if (line.check, line.tier) == (check.check.name, check.tier)]
        for device in sorted({line.device for line in of_check}, reverse=True):
            own = [line for line in of_check if line.device == device]
            spark = sparkline(own, check.regions.main)
            views.append(HistoryView(check.check.name, check.tier, device, markup(spark), own))
    return views
