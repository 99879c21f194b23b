"""Puts what pydantic found wrong into words, at the place in the file where it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import KeyPath, Position
from lawbook.registry.models import DATE_PATTERN
from lawbook.registry.suggestions import did_you_mean, nearest, question
from lawbook.registry.tier_settings import ID_PATTERN, REFERENCE_PATTERN
from lawbook.registry.yaml_reader import Document

PATTERNS = {
    ID_PATTERN: ("must be lower-case words joined by '-'", "letters a-z, digits and single '-' between them"),
    REFERENCE_PATTERN: (
        "must name a function under checkers/",
        "write checkers.FOLDER.MODULE:FUNCTION, as in checkers.laws.edge_of_stability:plateau_sharpness",
    ),
    DATE_PATTERN: ("must be a date", "write it as 2026-11-26"),
    r"\S": ("is blank", "write it"),
}


# What pydantic puts into a location to say which form of a union it tried; no file has them as keys.
UNION_TAGS = ("formula-form", "region-form")


def explain_errors(
    error: ValidationError, model: type[BaseModel], document: Document, told: Collection[KeyPath] = ()
) -> Iterator[Diagnostic]:
    """A diagnostic for each mistake for which `model` refused `document`, unless the reader has spoken.

    told: key paths of values of which something has been said already.
    """
    spoken = {(diagnostic.line, diagnostic.column) for diagnostic in document.diagnostics}
    for detail in error.errors(include_url=False):
        if tuple(part for part in detail["loc"] if part not in UNION_TAGS) in told:
            continue
        position, what, meant = _explain(detail, model, document)
        if position not in spoken:
            yield Diagnostic(document.path, *position, what, meant)


def _explain(detail: Any, model: type[BaseModel], document: Document) -> tuple[Position, str, str]:
    location: KeyPath = tuple(part for part in detail["loc"] if part not in UNION_TAGS)
    kind: str = detail["type"]
    name, value = _shown_path(location), detail["input"]
    at = document.values.get(location) or _enclosing(location, document)
    context: Mapping[str, Any] = detail.get("ctx", {})
    if kind == "extra_forbidden":
        fields = _model_at(model, location[:-1]).model_fields
        meant = did_you_mean(str(location[-1]), fields, noun="keys here", most=16)
        return (document.keys.get(location, at), f"unknown key '{location[-1]}'", meant)
    if kind == "missing":
        return (_enclosing(location, document), *_missing(model, location))
    if kind == "literal_error":
        return (at, *_wrong_choice(name, value, _choices(model, location)))
    if kind == "string_pattern_mismatch":
        rule, meant = PATTERNS[context["pattern"]]
        return (at, f"'{name}' {rule}" + ("" if rule == "is blank" else f", not '{value}'"), meant)
    if kind == "value_error":
        return (at, str(context["error"]), "")
    if kind in ("too_short", "too_long"):
        return (at, *_wrong_length(name, context, value))
    what, meant = _wrong_value(name, kind, value, context, detail["msg"])
    return (at, what, meant or _told(model, location))


def _missing(model: type[BaseModel], location: KeyPath) -> tuple[str, str]:
    parent = _model_at(model, location[:-1])
    meant = parent.model_fields[str(location[-1])].description or f"every {parent.__name__.lower()} has one"
    owner = f" in '{_shown_path(location[:-1])}'" if len(location) > 1 else ""
    return (f"the key '{location[-1]}' is missing{owner}", meant)


def _wrong_choice(name: str, value: Any, choices: tuple[str, ...]) -> tuple[str, str]:
    close = nearest(str(value), choices) if isinstance(value, str) else None
    one_of = f"one of {', '.join(choices)}"
    return (
        f"'{name}' must be {one_of}, not {describe(value)}",
        question(str(value), close) if close else "",
    )


def _told(model: type[BaseModel], location: KeyPath) -> str:
    """What the form says of the value at a location: the description of its field, else the keys of its mapping."""
    last = location[-1]
    try:
        if isinstance(last, str) and (said := _model_at(model, location[:-1]).model_fields[last].description):
            return said
        return f"its keys are {', '.join(_model_at(model, location).model_fields)}"
    except (StopIteration, RuntimeError, KeyError):  # a key of a plain mapping, or a value that is none
        return ""


def _wrong_length(name: str, context: Mapping[str, Any], value: Any) -> tuple[str, str]:
    least, most = context.get("min_length"), context.get("max_length")
    if least == 1:
        return (f"'{name}' is empty", "give at least one item")
    needed = least if least is not None else most
    is_cut = any(isinstance(item, str) and item.count("(") != item.count(")") for item in value)
    return (
        f"'{name}' must have {needed} items, not {context['actual_length']}",
        "a formula with a comma must be quoted, or YAML splits it there" if is_cut else "",
    )


WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}
BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}


def _wrong_value(name: str, kind: str, value: Any, context: Mapping[str, Any], message: str) -> tuple[str, str]:
    if kind in BOUNDS:
        bound, words = BOUNDS[kind]
        return (f"'{name}' must be {words} {context[bound]:g}, not {describe(value)}", "")
    if kind in WANTED:
        scalar = kind == "string_type" and isinstance(value, (bool, int, float))
        meant = "put it in quotes" if scalar else ""
        if kind == "list_type" and isinstance(value, str):
            meant = "write one item a line, each after '- '"
        return (f"'{name}' must be {WANTED[kind]}, not {describe(value)}", meant)
    return (f"'{name}' is not accepted: {message}", "")


def describe(value: Any) -> str:
    """A value as a reader would name it: `the number 1.5`, `the text 'x'`, `a list`, `nothing`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        shown = re.sub(r"\.?inf|nan", lambda match: f".{match.group().lstrip('.')}", f"{value!r}")
        return f"the number {shown if len(shown) <= 30 else shown[:27] + '…'}"
    if isinstance(value, str):
        first = value.strip().splitlines()[0] if value.strip() else value
        return f"the text '{first if len(first) <= 40 else first[:39] + '…'}'"
    return "a list" if isinstance(value, list) else "a mapping"


def _enclosing(location: KeyPath, document: Document) -> Position:
    """Where the nearest mapping or list around a location is named."""
    for length in range(len(location) - 1, 0, -1):
        if location[:length] in document.keys:
            return document.keys[location[:length]]
    return document.values.get((), (1, 1))


def _shown_path(location: KeyPath) -> str:
    """`checks[0].quick.seeds`, for a reader."""
    shown = ""
    for part in location:
        shown += f"[{part}]" if isinstance(part, int) else f".{part}" if shown else part
    return shown


def _annotations(model: type[BaseModel], location: KeyPath) -> Iterator[Any]:
    """Every type that stands in the annotation at `location`, through unions, lists and Annotated."""
    pending: list[Any] = [model]
    for part in location:
        if isinstance(part, int):
            continue
        owner = next(kind for kind in pending if isinstance(kind, type) and issubclass(kind, BaseModel))
        pending = list(_flatten(owner.model_fields[part].annotation))
    yield from pending


def _flatten(annotation: Any) -> Iterator[Any]:
    yield annotation
    if get_origin(annotation) is not Literal:
        for argument in get_args(annotation):
            yield from _flatten(argument)


def _model_at(model: type[BaseModel], location: KeyPath) -> type[BaseModel]:
    return next(
        kind
        for kind in _annotations(model, location)
        if isinstance(kind, type) and not get_args(kind) and issubclass(kind, BaseModel)
    )


def _choices(model: type[BaseModel], location: KeyPath) -> tuple[str, ...]:
    return next(get_args(kind) for kind in _annotations(model, location) if get_origin(kind) is Literal)
