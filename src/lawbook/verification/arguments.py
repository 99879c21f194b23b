"""A claim's `params` as the arguments of its checker, judged by the function's annotations."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lawbook.registry.suggestions import did_you_mean


class ArgumentError(Exception):
    """The params of a claim do not fit the checker's signature; the text says which and why."""


class _Misfit(Exception):
    """One value does not fit; carries every mistake found in it."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


def bind_params(function: Callable[..., Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The params, validated strictly against the annotations; lists become tuples where tuples are asked for.

    Where a frozen dataclass is asked for, a mapping becomes one: its fields over those of the signature's default,
    where there is one. Raises ArgumentError, with every mistake, for names that the function does not take and values
    that do not fit.
    """
    signature = inspect.signature(function)
    takes = {
        name: parameter for name, parameter in signature.parameters.items() if parameter.kind.name == "KEYWORD_ONLY"
    }
    hints = typing.get_type_hints(function, include_extras=True)
    mistakes = [f"no parameter '{name}'" for name in params if name not in takes]
    mistakes += [
        f"parameter '{name}' has no value"
        for name, parameter in takes.items()
        if name not in params and parameter.default is inspect.Parameter.empty
    ]
    bound = {}
    for name, value in params.items():
        if name not in takes:
            continue
        hint = hints.get(name, Any)
        try:
            if isinstance(hint, type) and is_dataclass(hint):
                bound[name] = _setting(name, hint, value, takes[name].default)
            else:
                bound[name] = _fitting(name, hint, value)
        except _Misfit as misfit:
            mistakes += misfit.mistakes
    if mistakes:
        raise ArgumentError(f"{function.__module__}:{function.__name__}: {'; '.join(mistakes)}")
    return bound


def _fitting(name: str, hint: Any, value: Any) -> Any:
    try:
        # By way of JSON, whose strict mode knows that a list is how YAML writes a tuple.
        return TypeAdapter(hint).validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        raise _Misfit([f"'{name}: {value}' does not fit: {found['msg']}"]) from error


def _setting(name: str, form: type[Any], value: Any, default: Any) -> Any:
    """The dataclass `form` with the fields of a mapping, over those of `default` where it is one."""
    if not isinstance(value, Mapping):
        raise _Misfit([f"'{name}: {value}' does not fit: a mapping of fields of {form.__name__} is wanted"])
    hints = typing.get_type_hints(form, include_extras=True)
    bound, mistakes = {}, list(_wrong_fields(name, form, value, complete=isinstance(default, form)))
    for field, item in value.items():
        try:
            bound[field] = _fitting(f"{name}.{field}", hints.get(field, Any), item)
        except _Misfit as misfit:
            mistakes += misfit.mistakes
    if mistakes:
        raise _Misfit(mistakes)
    try:
        return replace(default, **bound) if isinstance(default, form) else form(**bound)
    except (TypeError, ValueError) as error:
        raise _Misfit([f"'{name}' does not fit: {error}"]) from error


def _wrong_fields(name: str, form: type[Any], value: Mapping[str, Any], *, complete: bool) -> Iterator[str]:
    known = {field.name: field for field in fields(form)}
    for given in value:
        if given not in known:
            yield f"'{name}' has no field '{given}'; {did_you_mean(given, known, noun='fields')}"
    for field in known.values():
        required = field.default is MISSING and field.default_factory is MISSING
        if required and not complete and field.name not in value:
            yield f"'{name}.{field.name}' has no value"
