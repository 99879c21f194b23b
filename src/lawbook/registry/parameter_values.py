"""The values that a checker's parameters have in one arm: those that the arm gives, else the literal defaults."""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lawbook.registry.checker_source import CheckerSource


@dataclass(frozen=True)
class Unread:
    """A default that is no literal, as its source text: its value is known only when the checker runs."""

    text: str


@dataclass(frozen=True)
class ScalarValues:
    """What a formula may name.

    numbers: dotted name → its number. others: dotted name → what stands there instead ("a list", "text"), for
    saying why the name is of no use.
    """

    numbers: dict[str, int | float]
    others: dict[str, str]


def scalar_values(source: CheckerSource, params: Mapping[str, Any]) -> ScalarValues:
    """The numbers among a checker's parameters in an arm whose full `params` are given, and why others are none.

    Every parameter of the signature is in one of the two; names that the signature does not take are in neither.
    """
    values = ScalarValues({}, {})
    for name, value in effective_params(source, params).items():
        kind = _kind(value)
        if kind is None:
            values.numbers[name] = value
        else:
            values.others[name] = kind
    for parameter in source.parameters:
        if parameter.required and parameter.name not in params:
            values.others[parameter.name] = "no value"
    return values


def effective_params(source: CheckerSource, params: Mapping[str, Any]) -> dict[str, Any]:
    """The params that the signature takes, with the defaults of those that are not given; tuples are lists.

    A default that is no literal is `Unread`; what has neither value nor default is left out.
    """
    values = {}
    for parameter in source.parameters:
        if parameter.name in params:
            values[parameter.name] = params[parameter.name]
        elif parameter.default is not None:
            values[parameter.name] = read_literal(parameter.default)
    return values


@lru_cache(maxsize=4096)
def read_literal(text: str) -> Any:
    """The value of a literal's source text, or `Unread` where it is none."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return Unread(text)
    return list(value) if isinstance(value, tuple) else value


def _kind(value: Any) -> str | None:
    """What a value is that is no number to calculate with, or None for one that is."""
    match value:
        case Unread(text):
            return f"the default `{text}`, which is no literal"
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return None if abs(value) <= sys.float_info.max else "no finite number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"
