"""The JSON Schema of the files for programs, `api/schema.json`, by their kinds: lists, entries, and former ids.

Its version is their key `schema`: a key may come without a new version, and none goes or changes its meaning.
"""

from __future__ import annotations

from typing import Any, get_args

from lawbook.publishing.counts import STATUSES
from lawbook.publishing.facets import KNOWN
from lawbook.registry.models import TIERS, Estimator

SCHEMA = 2
SCHEMA_PATH = "api/schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT: dict[str, Any] = {"type": "string"}
TRUTH: dict[str, Any] = {"type": "boolean"}
# A number that is not finite is written as the text "Infinity", "-Infinity" or "NaN".
NUMBER: dict[str, Any] = {"type": ["number", "string", "null"]}
ENDS: dict[str, Any] = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}


def api_schema() -> dict[str, Any]:
    """The schema of every file for programs at this version."""
    numbered = {"schema": {"const": SCHEMA}}
    whole = [{"$ref": "#/$defs/summary"}, {"$ref": "#/$defs/whole"}]
    summaries = _listed({"$ref": "#/$defs/summary"})
    return {
        "$schema": DIALECT,
        "title": "The registry and its state",
        "description": "api/claims.json, api/problems.json, api/claims/ID.json and api/problems/ID.json are of one of "
        "these kinds. Below `checks`, a key that is not there is null or empty, or as its description says.",
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in ("claims", "claim", "problems", "problem", "moved")],
        "$defs": {
            "claims": _object(numbered | {"claims": summaries}),
            "claim": {"allOf": [_object(numbered), *whole, _object(CLAIM)]},
            "problems": _object(numbered | {"problems": summaries}),
            "problem": {"allOf": [_object(numbered), *whole, _object(PROBLEM)]},
            "moved": _object(numbered | {"id": TEXT, "moved_to": TEXT}),
            "summary": _object(SUMMARY, optional={"kind": _one(KNOWN["kind"]), "standing": _one(KNOWN["standing"])}),
            "whole": _object(WHOLE),
            "check": _object(CHECK, optional=CHECK_MAY),
            "tier": _object(TIER, optional=TIER_MAY),
            "record": _object(RECORD, optional=RECORD_MAY),
            "arm": _object(ARM, optional=ARM_MAY),
            "environment": {"type": "object"},
            "pooled": _object(POOLED),
            "map": _object(MAP),
        },
    }


def _one(words: tuple[str, ...]) -> dict[str, Any]:
    return {"enum": list(words)}


def _listed(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _maybe(kind: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [kind, {"type": "null"}]}


def _object(properties: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties | (optional or {}), "required": list(properties)}


SUMMARY = {
    "id": TEXT,
    "title": TEXT | {"description": "Markdown with LaTeX"},
    "strand": TEXT,
    "status": _one(STATUSES) | {"description": "the headline: of the full tier once that is recorded, else of quick"},
    "quick": _maybe(_one(STATUSES)),
    "full": _maybe(_one(STATUSES)),
    "as_expected": _maybe(TRUTH) | {"description": "null while unverified, and of open problems"},
    "stale": TRUTH | {"description": "whether some evidence no longer speaks of the claim or the code at hand"},
    "page": TEXT | {"description": "its address; relative to the site where that has none"},
}
WHOLE = {
    "file": TEXT | {"description": "its path in the registry"},
    "sources": _listed({"type": "object"}),
    "symbols": _listed({"type": "object"}),
    "checks": _listed({"$ref": "#/$defs/check"}),
    "environments": _listed({"$ref": "#/$defs/environment"}) | {"description": "where its records were made"},
    "maps": _listed({"$ref": "#/$defs/map"}),
}
MAP = {
    "name": TEXT,
    "tier": _one(TIERS),
    "over": _listed(TEXT) | {"description": "one or two parameters"},
    "border": _listed(_listed(NUMBER)) | {"description": "points of the predicted border"},
    "cells": {
        "type": "object",
        "description": "by key, an item for each cell that is recorded: `at` by parameter, outcome, estimate, …; "
        "claimed: whether the law is claimed there",
    },
    "every_cell": {"type": "object", "description": "what all cells say alike"},
}
CLAIM = {
    "prediction": TEXT,
    "statement": TEXT,
    "regime": _listed(TEXT),
}
PROBLEM = {
    "question": TEXT,
    "known": TEXT,
    "resolution": _listed(TEXT),
}
CHECK = {
    "name": TEXT,
    "checker": TEXT | {"description": "module:function below checkers"},
    "observable": TEXT,
    "because": TEXT,
    "expect": TEXT | {"description": "the accepted region as its formula"},
    "confidence": {"type": "number"},
    "estimator": _one(get_args(Estimator)),
    "method": _one(KNOWN["method"]),
    "controls": _listed({"type": "object"}) | {"description": "what each control sets, why, and how it must come out"},
    "tiers": _listed({"$ref": "#/$defs/tier"}),
}
CHECK_MAY = {
    "answers": {"type": "object", "additionalProperties": TEXT, "description": "to what `lawbook review` asks"},
    "disabled": TEXT,
    "rivals": _listed({"type": "object"}),
    "varies": _listed(TEXT),
}
TIER = {
    "tier": _one(TIERS),
    "outcome": _one(STATUSES),
    "accept": ENDS | {"description": "the accepted region today; an open end is null"},
    "settings": {"type": "object"},
    "stale": _listed(TEXT) | {"description": "why its record no longer speaks of it"},
    "local": TRUTH,
    "record": _maybe({"$ref": "#/$defs/record"}) | {"description": "the newest that speaks of it, of any device"},
    "pooled": _maybe({"$ref": "#/$defs/pooled"})
    | {"description": "all independent runs of the record's law on its device as one; null where it is the only one"},
}
TIER_MAY = {"others": _listed({"$ref": "#/$defs/record"}) | {"description": "the newest record of each other device"}}
POOLED = {
    "estimate": NUMBER,
    "standard_error": NUMBER,
    "interval": ENDS | {"description": "at the check's confidence"},
    "runs": {"type": "integer", "minimum": 2},
    "seeds": {"type": "integer"},
    "since": TEXT | {"description": "the first run's day"},
    "scale": NUMBER | {"description": "what the scatter between runs has widened the interval by; 1 where it has not"},
    "is_scattered": TRUTH | {"description": "whether the runs disagree by more than chance allows"},
}
MEASURED = {
    "in_regime": _listed(TRUTH) | {"description": "one a seed"},
    "batches": _listed({"type": "integer"}) | {"description": "how many seeds each look added"},
    "params": {"type": "object"},
    "notes": _listed(TEXT),
    "reason": TEXT,
}
RECORD = {
    "started": TEXT | {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    "device": TEXT,
    "outcome": _one(STATUSES),
    "estimate": NUMBER,
    "interval": _maybe(ENDS),
    "accept": ENDS | {"description": "the region that it was judged by"},
    "seeds": _listed({"type": "integer"}),
    "values": _listed(NUMBER) | {"description": "one a seed"},
    "controls": _listed({"$ref": "#/$defs/arm"}),
    "environment": {"type": "integer", "description": "its place in `environments`"},
}
RECORD_MAY = {
    **MEASURED,
    "params": {"type": "object", "description": "where they are not those of the tier's settings"},
    "checker": TEXT | {"description": "where it is not the check's, as with the next ones"},
    "expect": TEXT,
    "confidence": {"type": "number"},
    "estimator": _one(get_args(Estimator)),
    "method": _one(KNOWN["method"]),
    "curves": TEXT | {"description": "a digest; there is data/ID/CHECK.TIER.DEVICE.curves.js where it is given"},
    "rivals": _listed({"$ref": "#/$defs/arm"}),
    "output": TEXT,
}
ARM = {"name": TEXT}
ARM_MAY = {
    **MEASURED,
    "outcome": TEXT,
    "estimate": NUMBER,
    "interval": _maybe(ENDS),
    "seeds": _listed({"type": "integer"}) | {"description": "of an arm with values; not there: its record's own"},
    "values": _listed(NUMBER),
    "batches": _listed({"type": "integer"}) | {"description": "as `seeds`"},
}
