"""JSON Schema of a claim file and of an open-problem file, for editors and other validators."""

from __future__ import annotations

import json
from typing import Any

from lawbook.registry.models import Claim, Problem

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# What the models judge in code, because types cannot say it.
ONE_REGION = [
    {"required": ["between"]},
    {"required": ["equals", "within"]},
    {"required": ["at_most"]},
    {"required": ["at_least"]},
]
ANY_TIER = [{"required": ["quick"]}, {"required": ["full"]}]


def json_schema(model: type[Claim | Problem]) -> dict[str, Any]:
    """The schema of a model's files; every description in it is the model's own."""
    schema = model.model_json_schema()
    definitions = schema["$defs"]
    definitions["Expectation"]["oneOf"] = ONE_REGION
    definitions["Expectation"]["dependentRequired"] = {"within": ["equals"]}
    definitions["Check"]["anyOf"] = ANY_TIER
    return {"$schema": DIALECT, **schema}


def schema_text(model: type[Claim | Problem]) -> str:
    """The schema as it stands in `claims/`: indented JSON with a final newline."""
    return json.dumps(json_schema(model), indent=2, ensure_ascii=False) + "\n"
