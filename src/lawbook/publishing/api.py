"""The registry and its state as JSON files, for programs."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from lawbook.book import Book, CheckState, EntryState
from lawbook.evidence.map_cells import MapEvidence
from lawbook.evidence.record import Record
from lawbook.publishing.addresses import entry_page
from lawbook.publishing.api_schema import SCHEMA_PATH, api_schema
from lawbook.publishing.entry_page import data_path, record_data
from lawbook.publishing.escaping import strict_json
from lawbook.publishing.map_views import map_data
from lawbook.publishing.settings import SiteSettings
from lawbook.registry.entry_symbols import NamedSymbol, entry_symbols

SCHEMA = 1


def api_files(book: Book, settings: SiteSettings, maps: MapEvidence) -> dict[str, str]:
    """`api/claims.json`, `api/claims/ID.json` and `api/problems.json` by path, and `api/schema.json`, their schema."""
    claims = [state for state in book.states.values() if not state.entry.is_problem]
    problems = [state for state in book.states.values() if state.entry.is_problem]
    summaries = [_summary(book, state, settings) for state in claims]
    files: dict[str, dict[str, Any]] = {
        "api/claims.json": {"schema": SCHEMA, "claims": summaries},
        "api/problems.json": {
            "schema": SCHEMA,
            "problems": [_summary(book, s, settings) | _whole(book, s, maps) for s in problems],
        },
    }
    for state, summary in zip(claims, summaries, strict=True):
        files[f"api/claims/{state.entry.id}.json"] = {"schema": SCHEMA} | summary | _whole(book, state, maps)
    files[SCHEMA_PATH] = api_schema(SCHEMA)
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
    checks = [_check(book, check) for check in state.checks]
    return content | {"symbols": symbols, "checks": checks, "maps": map_data(state.entry, maps)}


def _symbol(named: NamedSymbol) -> dict[str, Any]:
    """A symbol of the entry's own list, or one of the house's that it uses."""
    told = named.item.model_dump(mode="json", exclude_none=True) | {"symbol": named.tex}
    return told | {"house": named.is_of_the_house}


def _check(book: Book, state: CheckState) -> dict[str, Any]:
    check = state.check
    pooled = book.pooled(state.record) if state.record else None
    settings = check.settings(state.tier)
    assert settings is not None
    return {
        "name": check.name,
        "tier": state.tier,
        "outcome": state.outcome,
        "checker": check.checker,
        "observable": check.observable,
        "because": check.because,
        "answers": check.answers.model_dump(exclude_none=True) if check.answers else {},
        "expect": str(check.expect),
        "accept": [None if math.isinf(end) else end for end in state.regions.main],
        "confidence": check.confidence,
        "estimator": check.estimator,
        "method": check.method,
        "disabled": check.disabled,
        "settings": settings.model_dump(mode="json", exclude_none=True),
        "stale": list(state.stale),
        "local": state.local,
        "record": _record(state.record) if state.record else None,
        "pooled": None if pooled is None else asdict(pooled),
    }


# Of a control and a rival, what only the record's own file tells: each seed of it, and how it was set.
SEED_BY_SEED = {"panels", "params", "seeds", "values", "in_regime", "batches", "notes"}
# What the check beside it says, or its own file alone.
SAID_BESIDE = {
    "panels",
    "schema_version",
    "claim",
    "check",
    "tier",
    "checker",
    "estimator",
    "confidence",
    "method",
    "output",
}


def _record(record: Record) -> dict[str, Any]:
    """A record without its panels, what its check says and the single seeds of its arms, and where to find it whole."""
    arms = {"__all__": SEED_BY_SEED}
    kept = record_data(record, {**dict.fromkeys(SAID_BESIDE, True), "controls": arms, "rivals": arms})
    return kept | {"data": f"{data_path(record)}.json"}
