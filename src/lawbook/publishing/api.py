"""The registry and its state as JSON files, for programs."""

from __future__ import annotations

from typing import Any

from lawbook.book import Book, EntryState
from lawbook.evidence.map_cells import MapEvidence
from lawbook.publishing.addresses import api_file, entry_page
from lawbook.publishing.api_checks import checks_data
from lawbook.publishing.api_schema import SCHEMA, SCHEMA_PATH, api_schema
from lawbook.publishing.escaping import strict_json
from lawbook.publishing.map_views import map_data
from lawbook.publishing.settings import SiteSettings
from lawbook.registry.entry_symbols import NamedSymbol, entry_symbols


def api_files(book: Book, settings: SiteSettings, maps: MapEvidence) -> dict[str, str]:
    """`api/claims.json` and `api/problems.json`, the lists; `api/claims/ID.json` and `api/problems/ID.json`, an entry
    with its records each; `api/schema.json`, their schema.
    """
    summaries = {id: _summary(book, state, settings) for id, state in book.states.items()}
    claims = [summary for id, summary in summaries.items() if not book.states[id].entry.is_problem]
    problems = [summary for id, summary in summaries.items() if book.states[id].entry.is_problem]
    files: dict[str, dict[str, Any]] = {
        "api/claims.json": {"schema": SCHEMA, "claims": claims},
        "api/problems.json": {"schema": SCHEMA, "problems": problems},
    }
    for id, state in book.states.items():
        files[api_file(book.registry, id)] = {"schema": SCHEMA} | summaries[id] | _whole(book, state, maps)
    files[SCHEMA_PATH] = api_schema()
    return {path: strict_json(content) for path, content in files.items()}


def _summary(book: Book, state: EntryState, settings: SiteSettings) -> dict[str, Any]:
    entry = state.entry
    summary: dict[str, Any] = {"id": entry.id, "title": entry.title, "strand": entry.strand}
    if not entry.is_problem:
        claim = entry.claim
        summary |= {"kind": claim.kind, "standing": claim.standing, "prediction": claim.prediction}
    return summary | {
        "status": state.status,
        "quick": state.quick,
        "full": state.full,
        "as_expected": state.as_expected,
        "stale": any(check.stale for check in state.checks),
        "page": settings.absolute(entry_page(book.registry, entry.id)),
    }


def _whole(book: Book, state: EntryState, maps: MapEvidence) -> dict[str, Any]:
    content = state.entry.content.model_dump(mode="json", exclude={"checks", "maps", "title"}, exclude_none=True)
    symbols = [_symbol(named) for named in entry_symbols(book.registry, state.entry)]
    file = {"file": state.entry.path.as_posix()}
    return file | content | {"symbols": symbols, **checks_data(book, state), "maps": map_data(state.entry, maps)}


def _symbol(named: NamedSymbol) -> dict[str, Any]:
    """A symbol of the entry's own list, or one of the house's that it uses."""
    told = named.item.model_dump(mode="json", exclude_none=True) | {"symbol": named.tex}
    return told | {"house": named.is_of_the_house}
