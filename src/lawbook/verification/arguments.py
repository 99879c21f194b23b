"""A claim's `params` as the arguments of its checker, judged by the function's annotations."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError


class ArgumentError(Exception):
    """The params of a claim do not fit the checker's signature; the text says which and why."""


def bind_params(function: Callable[..., Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The params, validated strictly against the annotations; lists become tuples where tuples are asked for.

    Raises ArgumentError, with every mistake, for names that the function does not take and values that do not
    fit.
    """
    signature = inspect.signature(function)
    takes = {
        name: parameter
        for name, parameter in signature.parameters.items()
        if parameter.kind.name == "KEYWORD_ONLY"
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
        try:
            # By way of JSON, whose strict mode knows that a list is how YAML writes a tuple.
            bound[name] = TypeAdapter(hints.get(name, Any)).validate_json(json.dumps(value), strict=True)
        except ValidationError as error:
            found = error.errors(include_url=False)[0]
            mistakes.append(f"'{name}: {value}' does not fit: {found['msg']}")
    if mistakes:
        raise ArgumentError(f"{function.__module__}:{function.__name__}: {'; '.join(mistakes)}")
    return bound
