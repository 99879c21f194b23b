"""The JSON Schema of the files for programs, `api/schema.json`, by their kinds: claims, claim, problems, moved.

Its version is their key `schema`: a key may come without a new version, and none goes or changes its meaning.
"""

from __future__ import annotations

from typing import Any, get_args

from lawbook.publishing.counts import STATUSES
from lawbook.publishing.facets import KNOWN
from lawbook.registry.models import TIERS, Estimator

SCHEMA_PATH = "api/schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT: dict[str, Any] = {"type": "string"}
TRUTH: dict[str, Any] = {"type": "boolean"}
# A number that is not finite is written as the text "Infinity", "-Infinity" or "NaN".
NUMBER: dict[str, Any] = {"type": ["number", "string", "null"]}
ENDS: dict[str, Any] = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}


def api_schema(version: int) -> dict[str, Any]:
    """The schema of every file for programs at this version."""
    numbered = {"schema": {"const": version}}
    whole = [{"$ref": "#/$defs/summary"}, {"$ref": "#/$defs/whole"}]
    return {
        "$schema": DIALECT,
        "title": "The registry and its state",
        "description": "api/claims.json, api/claims/ID.json and api/problems.json are of one of these kinds.",
        "oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in ("claims", "claim", "problems", "moved")],
        "$defs": {
            "claims": _object(numbered | {"claims": _listed({"$ref": "#/$defs/summary"})}),
            "claim": {"allOf": [_object(numbered), *whole, _object(CLAIM)]},
            "problems": _object(numbered | {"problems": _listed({"allOf": whole})}),
            "moved": _object(numbered | {"id": TEXT, "moved_to": TEXT}),
            "summary": _object(SUMMARY, optional={"kind": _one(KNOWN["kind"]), "standing": _one(KNOWN["standing"])}),
            "whole": _object({"symbols": _listed({"type": "object"}), "checks": _listed({"$ref": "#/$defs/check"})}),
            "check": _object(CHECK),
            "record": _object(RECORD),
            "pooled": _object(POOLED),
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
CLAIM = {
    "prediction": TEXT,
    "statement": TEXT,
    "regime": _listed(TEXT),
    "sources": _listed({"type": "object"}),
}
CHECK = {
    "name": TEXT,
    "tier": _one(TIERS),
    "outcome": _one(STATUSES),
    "checker": TEXT | {"description": "module:function below checkers"},
    "observable": TEXT,
    "because": TEXT,
    "answers": {"type": "object", "additionalProperties": TEXT, "description": "to what `lawbook review` asks"},
    "expect": TEXT | {"description": "the accepted region as its formula"},
    "accept": ENDS | {"description": "the accepted region today; an open end is null"},
    "confidence": {"type": "number"},
    "estimator": _one(get_args(Estimator)),
    "method": _one(KNOWN["method"]),
    "disabled": _maybe(TEXT),
    "settings": {"type": "object"},
    "stale": _listed(TEXT) | {"description": "why its record no longer speaks of it"},
    "local": TRUTH,
    "record": _maybe({"$ref": "#/$defs/record"}),
    "pooled": _maybe({"$ref": "#/$defs/pooled"})
    | {"description": "all independent runs of the record's law on its device as one; null where it is the only one"},
}
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
RECORD = {
    "started": TEXT | {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
    "device": TEXT,
    "estimate": NUMBER,
    "interval": _maybe(ENDS),
    "accept": ENDS | {"description": "the region that it was judged by"},
    "seeds": _listed({"type": "integer"}),
    "values": _listed(NUMBER) | {"description": "one a seed"},
    "controls": _listed({"type": "object"}),
    "environment": {"type": "object"},
    "data": TEXT | {"description": "the record whole, but for its curves"},
}
