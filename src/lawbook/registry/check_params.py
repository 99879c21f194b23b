"""Judges the params of a tier or control against the checker's signature, those of a setting field by field."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from lawbook.registry.checker_source import CheckerSource
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import KeyPath
from lawbook.registry.model_errors import describe
from lawbook.registry.parameter_types import Parameter, accepts, suggestion, wanted
from lawbook.registry.suggestions import did_you_mean
from lawbook.registry.yaml_reader import Document, resolve_scalar


def judge_params(
    document: Document, path: KeyPath, params: dict[str, Any], source: CheckerSource
) -> Iterator[Diagnostic]:
    """Names that the checker does not take, and values that do not fit, among the params at `path`."""
    yield from _values(document, path, params, source.parameters, f"'{source.function}' has no parameter")


def missing_params(
    document: Document, path: KeyPath, params: dict[str, Any], source: CheckerSource
) -> Iterator[Diagnostic]:
    """Parameters, and fields of settings, that have no default and that the params at `path` of a tier lack."""
    yield from _missing(document, path, params, source.parameters, source.function)
    for parameter in source.parameters:
        given = params.get(parameter.name)
        if parameter.type.form == "setting" and isinstance(given, dict):
            within = (*path, parameter.name)
            yield from _missing(document, within, given, parameter.type.fields, parameter.type.name)


def _missing(
    document: Document, path: KeyPath, given: dict[str, Any], known: Iterable[Parameter], owner: str
) -> Iterator[Diagnostic]:
    missing = [parameter for parameter in known if parameter.required and parameter.name not in given]
    if missing:
        position = document.keys.get(path, document.keys[path[:-1]])
        names = ", ".join(f"'{parameter.name}'" for parameter in missing)
        place = ".".join(str(key) for key in path[path.index("params") - 1 :])
        what = f"'{owner}' needs {names}, which '{place}' lacks"
        yield Diagnostic(document.path, *position, what, f"add {', '.join(map(_signature, missing))}")


def _values(
    document: Document, path: KeyPath, given: dict[str, Any], known: Iterable[Parameter], unknown: str
) -> Iterator[Diagnostic]:
    parameters = {parameter.name: parameter for parameter in known}
    noun = unknown.rsplit(" ", 1)[-1] + "s"
    for name, value in given.items():
        if name in parameters:
            yield from _value(document, (*path, name), parameters[name], value)
        else:
            meant = did_you_mean(name, parameters, noun=noun, most=16)
            yield Diagnostic(document.path, *document.keys[*path, name], f"{unknown} '{name}'", meant)


def _value(document: Document, path: KeyPath, parameter: Parameter, value: Any) -> Iterator[Diagnostic]:
    name, type, position = parameter.name, parameter.type, document.values[path]
    if type.form == "setting" and isinstance(value, dict):
        yield from _values(document, path, value, type.fields, f"'{type.name}' has no field")
    elif isinstance(value, dict):
        what = f"'{name}' is given as a mapping, but the checker does not say what its keys are"
        meant = f"annotate {_signature(parameter)} with a frozen dataclass of checkers, or give {wanted(type)}"
        yield Diagnostic(document.path, *position, what, meant)
    elif not _finite(value):
        yield Diagnostic(document.path, *position, f"'{name}' must be finite, not {describe(value)}")
    elif not accepts(type, value):
        close = suggestion(type, value)
        meant = f"did you mean '{close}'?" if close else f"the checker says {_signature(parameter)}"
        if isinstance(value, str) and accepts(type, resolve_scalar(value.strip())):
            meant = f"write {value.strip()} without the quotes"
        what = f"'{name}' must be {wanted(type)}, not {describe(value)}"
        yield Diagnostic(document.path, *position, what, meant)


def _signature(parameter: Parameter) -> str:
    annotation = f": {parameter.annotation}" if parameter.annotation else ""
    return f"`{parameter.name}{annotation}`"


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list):
        return all(map(_finite, value))
    return not isinstance(value, float) or math.isfinite(value)
