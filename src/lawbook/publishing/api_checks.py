"""An entry's checks for programs: what a check says stands once, below it its tiers, and of each every record whole.

Nothing is said twice: a record leaves out what its check or its tier's settings say with the same value, and an arm
of it what the record says. Where it was made stands once an entry, in `environments`, by its place there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any

from lawbook.book import Book, CheckState, EntryState
from lawbook.evidence.record import ControlResult, Record, RivalResult
from lawbook.registry.models import Check, Control, Rival

NOTHING_SAID: tuple[Any, ...] = (None, "", [], {})
# Of a record: its panels lie in a file of their own, and where it stands says the rest.
TOLD_ELSEWHERE = {"panels", "schema_version", "claim", "check", "tier"}
# Of these, nothing is not the same as none.
MAY_BE_EMPTY = ("in_regime",)
ARMS: dict[str, type[ControlResult | RivalResult]] = {"controls": ControlResult, "rivals": RivalResult}
ALWAYS = ("estimate", "interval", "accept", "seeds", "values", "controls")
# What a record leaves out where its check or its tier's settings say the same.
SAID_BESIDE = ("checker", "estimator", "confidence", "method", "expect", "params")
# An arm that measured anything had the seeds of its check, where it does not give its own.
SEEDS = ("seeds", "batches")


def checks_data(book: Book, state: EntryState) -> dict[str, Any]:
    """`checks` and `environments` of an entry's file."""
    environments: list[dict[str, Any]] = []
    checks = []
    for check in state.entry.checks:
        told = check_definition(check)
        tiers = [_tier(book, told, one, environments) for one in state.checks if one.check is check]
        checks.append(told | {"tiers": tiers})
    return {"checks": checks, "environments": environments}


def check_definition(check: Check) -> dict[str, Any]:
    """What a check says, but for its tiers: of each arm why it is there, of regions and predictions their formulas."""
    own = check.model_dump(mode="json", exclude={"quick", "full", "expect", "controls", "rivals"}, exclude_none=True)
    arms = {"controls": list(map(_control, check.controls)), "rivals": list(map(_rival, check.rivals))}
    return _said(own | {"expect": str(check.expect)} | arms)


def _control(control: Control) -> dict[str, Any]:
    return _said(control.model_dump(mode="json") | {"expect": control.must})


def _rival(rival: Rival) -> dict[str, Any]:
    predicts = {} if rival.predicts is None else {"predicts": str(rival.predicts)}
    return _said(rival.model_dump(mode="json", exclude={"predicts"}) | predicts)


def _tier(book: Book, check: dict[str, Any], state: CheckState, environments: list[dict[str, Any]]) -> dict[str, Any]:
    given = state.check.settings(state.tier)
    assert given is not None
    settings = given.model_dump(mode="json", exclude_none=True)
    pooled = book.pooled(state.record) if state.record else None
    known = check | settings

    def told(record: Record) -> dict[str, Any]:
        return _record(record, known, environments)

    others = [told(record) for record in state.records if record is not state.record]
    return {
        "tier": state.tier,
        "outcome": state.outcome,
        "accept": [None if math.isinf(end) else end for end in state.regions.main],
        "settings": settings,
        "stale": list(state.stale),
        "local": state.local,
        "record": told(state.record) if state.record else None,
        **({"others": others} if others else {}),
        "pooled": None if pooled is None else asdict(pooled),
    }


def _record(record: Record, known: dict[str, Any], environments: list[dict[str, Any]]) -> dict[str, Any]:
    """known: what its check and its tier's settings say."""
    whole = record_data(record, TOLD_ELSEWHERE)
    where = whole["environment"]
    place = next((place for place, other in enumerate(environments) if _same(other, where)), len(environments))
    if place == len(environments):
        environments.append(where)
    told = whole | {"environment": place}
    return {
        key: value
        for key, value in told.items()
        if (
            not _same(value, known.get(key))
            if key in SAID_BESIDE
            else key in ALWAYS or _says(key, value, Record.model_fields)
        )
    }


def record_data(record: Record, exclude: Iterable[str] = ()) -> dict[str, Any]:
    """A record without its curves, seed by seed; of a control or a rival, only what says something of its own."""
    without = dict.fromkeys(("panels", *exclude), True) | {"controls": {"__all__": {"panels"}}}
    told = record.model_dump(mode="json", exclude=without)
    for arms, kind in ARMS.items():
        told[arms] = [_arm(arm, told, kind.model_fields) for arm in told[arms]]
    return told


def _arm(arm: dict[str, Any], record: dict[str, Any], fields: Collection[str]) -> dict[str, Any]:
    has_seeds = bool(arm["values"])
    return {
        key: value
        for key, value in arm.items()
        if (value != record[key] if has_seeds and key in SEEDS else _says(key, value, fields))
    }


def _says(key: str, value: Any, fields: Collection[str]) -> bool:
    """Whether a key of a record must be told: not where who reads it takes nothing for the same."""
    return value not in NOTHING_SAID or key not in fields or (key in MAY_BE_EMPTY and value == [])


def _same(one: Any, other: Any) -> bool:
    """Whether two values are told alike in JSON: 1, 1.0 and true are equal, and not the same."""
    return one == other and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _said(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value not in NOTHING_SAID}
