"""Small books made by hand: claims with a status, a standing and relations, nothing read and nothing executed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lawbook.book import Book, EntryState, Status, join_evidence
from lawbook.evidence.store import Evidence
from lawbook.registry.load import load_registry
from lawbook.registry.models import KnownFailure, Relation

TINY = Path(__file__).parents[1] / "tiny_registry"


@pytest.fixture
def stand() -> Callable[..., Book]:
    """`stand({"a": "pass", …}, edges, standings, known)`: a book of such claims; edges as (source, type, target)."""
    empty = join_evidence(load_registry(TINY), Evidence({}, (), ()))
    plain = empty.states["noise-averages-out"]

    def made(
        statuses: dict[str, Status],
        edges: list[tuple[str, str, str]],
        standings: dict[str, str] | None = None,
        known: tuple[str, ...] = (),
    ) -> Book:
        states: dict[str, EntryState] = {}
        for id, status in statuses.items():
            own = [Relation(type=type, target=target) for source, type, target in edges if source == id]
            changes: dict[str, object] = {
                "relations": own,
                "standing": (standings or {}).get(id, "established"),
            }
            if id in known:
                changes["known_failure"] = KnownFailure(reason="too small here", since="2026-11-26")
            content = plain.entry.claim.model_copy(update=changes)
            states[id] = replace(plain, entry=replace(plain.entry, id=id, content=content), status=status)
        entries = {id: state.entry for id, state in states.items()}
        return replace(empty, registry=replace(empty.registry, entries=entries), states=states)

    return made
