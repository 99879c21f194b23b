"""Judges a check against the function that it names: do params fit, do controls differ, are seeds enough?"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lawbook.registry.checker_source import CheckerError, CheckerSource, Parameter, resolve_checker
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import KeyPath
from lawbook.registry.model_errors import describe
from lawbook.registry.models import REFERENCE_PATTERN, TIERS, Check
from lawbook.registry.parameter_types import accepts, suggestion, wanted
from lawbook.registry.parameter_values import effective_params
from lawbook.registry.seed_counts import fewest_seeds
from lawbook.registry.suggestions import did_you_mean
from lawbook.registry.yaml_reader import Document


def judge_check(root: Path, document: Document, path: KeyPath, check: dict[str, Any]) -> Iterator[Diagnostic]:
    """What is wrong with the check at `path`, given as plain data."""
    yield from _seeds(document, path, check)
    reference = check.get("checker")
    if not isinstance(reference, str) or not re.fullmatch(REFERENCE_PATTERN, reference):
        return
    try:
        source = resolve_checker(root, reference)
    except CheckerError as error:
        yield Diagnostic(document.path, *document.values[*path, "checker"], error.what, error.meant)
        return
    for tier in _tiers(check):
        yield from _tier_params(document, (*path, tier), check[tier], source)
    for index, control in enumerate(_list(check.get("controls"))):
        if isinstance(control, dict):
            yield from _control(document, (*path, "controls", index), control, check, source)


def _tiers(check: dict[str, Any]) -> list[str]:
    return [tier for tier in TIERS if isinstance(check.get(tier), dict)]


def _seeds(document: Document, path: KeyPath, check: dict[str, Any]) -> Iterator[Diagnostic]:
    defaults = Check.model_fields
    estimator = check.get("estimator", defaults["estimator"].default)
    confidence = check.get("confidence", defaults["confidence"].default)
    if not isinstance(confidence, int | float) or not 0.5 < confidence < 1:
        return
    fewest = fewest_seeds(estimator, confidence) if estimator in ("mean", "median") else 1
    for tier in _tiers(check):
        seeds = check[tier].get("seeds")
        if isinstance(seeds, int) and not isinstance(seeds, bool) and 1 <= seeds < fewest:
            what = f"{seeds} seeds give no interval for the {estimator} at confidence {confidence}"
            yield Diagnostic(
                document.path, *document.values[*path, tier, "seeds"], what, f"use at least {fewest}"
            )


def _tier_params(
    document: Document, path: KeyPath, settings: dict[str, Any], source: CheckerSource
) -> Iterator[Diagnostic]:
    params = settings.get("params", {})
    if not isinstance(params, dict):
        return
    yield from _params(document, (*path, "params"), params, source)
    missing = [known for known in source.parameters if known.required and known.name not in params]
    if missing:
        position = document.keys.get((*path, "params"), document.keys[path])
        names = ", ".join(f"'{known.name}'" for known in missing)
        what = f"'{source.function}' needs {names}, which '{path[-1]}.params' lacks"
        meant = f"add {', '.join(map(_signature, missing))}"
        yield Diagnostic(document.path, *position, what, meant)


def _params(
    document: Document, path: KeyPath, params: dict[str, Any], source: CheckerSource
) -> Iterator[Diagnostic]:
    known = {parameter.name: parameter for parameter in source.parameters}
    for name, value in params.items():
        parameter = known.get(name)
        if parameter is None:
            what = f"'{source.function}' has no parameter '{name}'"
            meant = did_you_mean(name, known, noun="parameters", most=16)
            yield Diagnostic(document.path, *document.keys[*path, name], what, meant)
            continue
        position = document.values[*path, name]
        if not _finite(value):
            yield Diagnostic(document.path, *position, f"'{name}' must be finite, not {describe(value)}")
        elif not accepts(parameter.type, value):
            close = suggestion(parameter.type, value)
            meant = f"did you mean '{close}'?" if close else f"the checker says {_signature(parameter)}"
            what = f"'{name}' must be {wanted(parameter.type)}, not {describe(value)}"
            yield Diagnostic(document.path, *position, what, meant)


def _control(
    document: Document, path: KeyPath, control: dict[str, Any], check: dict[str, Any], source: CheckerSource
) -> Iterator[Diagnostic]:
    for key in ("params", *TIERS):
        if isinstance(control.get(key), dict):
            yield from _params(document, (*path, key), control[key], source)
    for absent in TIERS:
        if isinstance(control.get(absent), dict) and absent not in check:
            what = f"the control has params for the {absent} tier, where the check does not run"
            yield Diagnostic(document.path, *document.keys[*path, absent], what, "remove them")
    for tier in _tiers(check):
        plain = _dict(check[tier].get("params"))
        changed = {**plain, **_dict(control.get("params")), **_dict(control.get(tier))}
        if effective_params(source, changed) == effective_params(source, plain):
            what = f"the control measures the same as the check at the {tier} tier, so it proves nothing"
            meant = "change a parameter, so that the claim must not hold"
            yield Diagnostic(document.path, *document.keys[path], what, meant)
            return


def _signature(parameter: Parameter) -> str:
    annotation = f": {parameter.annotation}" if parameter.annotation else ""
    return f"`{parameter.name}{annotation}`"


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list):
        return all(map(_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
