"""The values that a checker's parameters have in one arm: those that the arm gives, else the literal defaults."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lawbook.registry.checker_source import CheckerSource
from lawbook.registry.literals import Unread, read_literal
from lawbook.registry.parameter_types import Parameter


class _Nothing:
    """Stands where a parameter has neither value nor default."""


NOTHING = _Nothing()


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

    A field of a setting has its dotted name, `setting.width`. Every parameter of the signature, and every field, is in
    one of the two; names that the signature does not take are in neither.
    """
    values = ScalarValues({}, {})
    for name, value in _by_dotted_name(source, effective_params(source, params)):
        kind = _kind(value)
        if kind is None:
            values.numbers[name] = value
        else:
            values.others[name] = kind
    return values


def effective_params(source: CheckerSource, params: Mapping[str, Any]) -> dict[str, Any]:
    """The params that the signature takes, with the defaults of those that are not given; tuples are lists.

    A setting is the mapping of all its fields. A default that is no literal is `Unread`; what has neither value nor
    default is left out.
    """
    return _effective(source.parameters, params)


def _effective(known: Iterable[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for parameter in known:
        value = given.get(parameter.name)
        if parameter.type.form == "setting" and (parameter.name in given or parameter.default is not None):
            fields = value if isinstance(value, dict) else {}
            values[parameter.name] = _effective(parameter.type.fields, fields)
        elif parameter.name in given:
            values[parameter.name] = value
        elif parameter.default is not None:
            values[parameter.name] = read_literal(parameter.default)
    return values


def _by_dotted_name(source: CheckerSource, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every parameter and field with its value; `NOTHING` where it has none."""
    for parameter in source.parameters:
        value = values.get(parameter.name, NOTHING)
        yield parameter.name, value
        if parameter.type.form == "setting":
            for field in parameter.type.fields:
                within = value.get(field.name, NOTHING) if isinstance(value, dict) else NOTHING
                yield f"{parameter.name}.{field.name}", within


def _kind(value: Any) -> str | None:
    """What a value is that is no number to calculate with, or None for one that is."""
    match value:
        case Unread(text):
            return f"the default `{text}`, which is no literal"
        case _Nothing():
            return "no value"
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
            return "a setting; name one of its fields"
