"""The schema reference, read off the models that judge every file: no second description to fall behind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lawbook.registry.models import Claim, Problem


@dataclass(frozen=True)
class Field:
    """One key of a file: what it may hold, whether it must be there, what it means."""

    name: str
    holds: str
    required: bool
    default: str
    description: str


@dataclass(frozen=True)
class Section:
    """One kind of mapping in a file."""

    name: str
    summary: str
    fields: tuple[Field, ...]


def schema_sections() -> list[Section]:
    """Every model that a claim or problem file is made of, in the order in which a reader meets them."""
    found: dict[str, dict[str, Any]] = {}
    for model in (Claim, Problem):
        schema = model.model_json_schema()
        found[model.__name__] = schema
        for name, part in schema.get("$defs", {}).items():
            found.setdefault(name, part)
    order = [
        "Claim",
        "Symbol",
        "Check",
        "Expectation",
        "TierSettings",
        "Control",
        "Source",
        "Relation",
        "Problem",
    ]
    names = [*(name for name in order if name in found), *sorted(set(found) - set(order))]
    return [_section(name, found[name]) for name in names if found[name].get("properties")]


def _section(name: str, schema: dict[str, Any]) -> Section:
    required = set(schema.get("required", ()))
    fields = tuple(
        Field(
            name=key,
            holds=", or ".join(dict.fromkeys(_holds(part))),
            required=key in required,
            default="" if part.get("default") in (None, [], {}) else str(part["default"]),
            description=part.get("description", ""),
        )
        for key, part in schema["properties"].items()
    )
    return Section(name, str(schema.get("description", "")).split("\n\n")[0], fields)


def _holds(part: dict[str, Any]) -> Iterator[str]:
    """What a value may be, in words."""
    for choice in part.get("anyOf", ()):
        yield from _holds(choice)
    if "$ref" in part:
        yield part["$ref"].rsplit("/", 1)[-1]
    elif "enum" in part:
        yield " | ".join(part["enum"])
    elif "const" in part:
        yield str(part["const"])
    elif part.get("type") == "array":
        of = next(_holds(part.get("items", {})), "value")
        yield f"list of {of}"
    elif part.get("type") == "object":
        yield "mapping"
    elif part.get("type") not in (None, "null"):
        yield {"string": "text", "number": "number", "integer": "whole number", "boolean": "true or false"}[
            part["type"]
        ]
